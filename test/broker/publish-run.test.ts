import { Buffer } from 'node:buffer';
import { expect, it } from 'vitest';
import { brokerConfig } from '../../src/broker/broker-config.ts';
import type { PublishRun } from '../../src/broker/publish-run.ts';
import { PublishScan } from '../../src/broker/publish-scan.ts';
import { messageBytes } from '../../src/session/message.ts';
import { toTopicName } from '../../src/topic/topic-name.ts';
import { publishPacket } from '../support/packets.ts';
import { writeFrame } from '../support/write-frame.ts';

/** A run of three frames with these payloads, and something before it. */
function runOf(...payloads: string[]): { readonly run: PublishRun; readonly bytes: Buffer } {
  const frames = payloads.map((text, index) =>
    writeFrame(publishPacket({ qos: 1, packetId: index + 1, payload: Buffer.from(text) }), 4),
  );
  const bytes = Buffer.concat([Buffer.alloc(100), ...frames]);
  const scan = new PublishScan(brokerConfig());
  scan.begin(bytes, 100, bytes.length, false);
  scan.extend(bytes.length);
  const { run } = scan;
  run.topicName = toTopicName('a/b');
  run.publisher = 'p';
  return { run, bytes };
}

it('gives a frame as the message that it is, to all who ask the same one', () => {
  const { run } = runOf('one', 'two');
  const publication = run.publication(1);
  expect(publication.message).toMatchObject({ topicName: 'a/b', qos: 1, publisher: 'p' });
  expect(publication.message.payload.toString()).toBe('two');
  expect(run.publication(1)).toBe(publication);
  expect(run.messageBytes(1)).toBe(messageBytes(publication.message));
});

it('keeps bytes of its own, once for all', () => {
  const { run, bytes } = runOf('one', 'two', 'three');
  const kept = run.keep();
  bytes.fill(0);
  expect(kept.publication(2).message.payload.toString()).toBe('three');
  expect([kept.packetId(0), kept.start, kept.count]).toEqual([1, 0, 3]);
  expect(run.keep()).toBe(kept);
  expect(kept.keep()).toBe(kept);
});

it('forgets what was made of other frames', () => {
  const { run } = runOf('one');
  const [publication, kept] = [run.publication(0), run.keep()];
  run.begin(false);
  expect(run.publication(0)).not.toBe(publication);
  expect(run.keep()).not.toBe(kept);
});

it('says how many frames fit: the last one may go beyond the room', () => {
  const { run } = runOf('one', 'two', 'six');
  const size = run.frameBytesMax;
  const rooms = [-5, 0, 1, size, size + 1, 2 * size, 2 * size + 1, 3 * size];
  expect(rooms.map((room) => run.fitting(0, 3, room))).toEqual([0, 0, 1, 1, 2, 2, 3, 3]);
  expect([run.fitting(1, 3, size), run.fitting(1, 2, 1_000)]).toEqual([2, 2]);
});
