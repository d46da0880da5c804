import { Buffer } from 'node:buffer';
import { expect, it } from 'vitest';
import type { Gap } from '../../src/inspect/stream-decoder.ts';
import { StreamTracker } from '../../src/inspect/stream-tracker.ts';
import { decodeChunks, RecordedStream } from '../support/decode-text.ts';
import { CONNACK5, CONNECT5, LASTING5, OPEN5, RESUMING5, track } from '../support/track-text.ts';

it('passes everything on, packets with what they have to do with one another', () => {
  const stream = new RecordedStream();
  const tracker = new StreamTracker(stream);
  const { packets } = decodeChunks(['c000 d000']);
  for (const packet of packets) tracker.onPacket(packet);
  const gap: Gap = {
    stream: 1,
    direction: 'unknown',
    offset: 4,
    length: 1,
    bytes: Buffer.alloc(1),
    isMissing: false,
    isSecret: false,
  };
  tracker.onGap(gap);
  tracker.onNote('something');
  expect(stream.packets[1]).toMatchObject({ ...packets[1], links: { answers: { number: 1 } } });
  expect([stream.gaps, stream.notes]).toEqual([[gap], ['something']]);
});

it('puts findings in the order of the bytes that they are about', () => {
  const subscribe = '> 8207 0001 00 0001 74';
  const { packets } = track([...OPEN5, `${subscribe} 00`, `${subscribe} 03`]);
  const codes = packets[3]?.findings.map(({ code }) => code);
  expect(codes).toEqual(['packet-id-in-use', 'options-qos-3']);
});

it('keeps streams apart', () => {
  const publish = '> 3206 0001 74 0001 00';
  const { findings, report } = track([publish, `${publish} /2`, '< 40020001 /2']);
  expect(findings).toEqual([]);
  expect(report.unanswered.items.map(({ number }) => number)).toEqual([1]);
});

it('lets a session go to the later of two connections', () => {
  const publish = '> 3206 0001 74 0001 00';
  const { packets, report } = track([
    LASTING5,
    CONNACK5,
    publish,
    `${RESUMING5} /2`,
    '< 2003010000 /2',
    '< e0018e',
  ]);
  expect(packets[3]?.links?.resumes).toBe(1);
  expect(report.unanswered.items.map(({ number }) => number)).toEqual([3, 3]);
});

it('reports each stream when it ends', () => {
  const stream = new RecordedStream();
  const tracker = new StreamTracker(stream);
  for (const packet of decodeChunks([CONNECT5.slice(2)]).packets) tracker.onPacket(packet);
  tracker.onStreamEnd(1);
  expect(stream.ended).toEqual([1]);
  expect(tracker.report.connections.items).toEqual([
    { stream: 1, connect: 1, clientId: 't', subscriptions: [] },
  ]);
  tracker.end();
  expect(tracker.report.connections.count).toBe(1);
});

it('says once that there was more than it can hold', () => {
  const stream = new RecordedStream();
  const tracker = new StreamTracker(stream);
  const topic = '61'.repeat(65_535);
  const lines = Array.from({ length: 520 }, (_, i) => {
    const id = (i + 1).toString(16).padStart(4, '0');
    return `82 858004 ${id} 00 ffff ${topic} 00`.replaceAll(' ', '');
  });
  for (const packet of decodeChunks(lines, { level: 5 }).packets) tracker.onPacket(packet);
  expect(stream.packets).toHaveLength(520);
  expect(stream.notes).toEqual([expect.stringContaining('more is open than can be followed')]);
});
