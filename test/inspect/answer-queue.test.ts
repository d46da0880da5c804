import { expect, it } from 'vitest';
import { AnswerQueue } from '../../src/inspect/answer-queue.ts';
import { RecordedStream } from '../support/decode-text.ts';
import { track } from '../support/track-text.ts';

const SESSION = ['> c000', '> c000', '< d000', '< 300400017400', '< d000'];

function shown(lines: readonly string[]) {
  const stream = new RecordedStream();
  const queue = new AnswerQueue(stream);
  const counts = track(lines).packets.map((packet) => {
    queue.onPacket(packet);
    return stream.packets.length;
  });
  return { counts, queue, stream };
}

it('holds packets back until they are answered, in their order', () => {
  const { counts, stream } = shown(SESSION);
  expect(counts).toEqual([0, 0, 1, 1, 5]);
  expect(stream.packets.map(({ links, number }) => [number, links?.answeredBy?.number])).toEqual([
    [1, 3],
    [2, 5],
    [3, undefined],
    [4, undefined],
    [5, undefined],
  ]);
});

it('keeps notes and stream ends in their place', () => {
  const { queue, stream } = shown(['> c000']);
  queue.onNote('later');
  queue.onStreamEnd(1);
  expect([stream.notes, stream.ended]).toEqual([[], []]);
  queue.release();
  expect([stream.packets.length, stream.notes, stream.ended]).toEqual([1, ['later'], [1]]);
});

it('does not wait for ever', () => {
  const lines = ['> c000', ...Array.from({ length: 1100 }, () => '< 300400017400')];
  const { stream } = shown(lines);
  expect(stream.packets).toHaveLength(1101);
});
