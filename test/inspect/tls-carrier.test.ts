import type { Buffer } from 'node:buffer';
import { expect, it } from 'vitest';
import { TlsCarrier } from '../../src/inspect/tls-carrier.ts';
import { RecordedCapture } from '../support/recorded-capture.ts';
import { CLIENT_HELLO, SERVER_HELLO_13 } from '../support/tls-records.ts';

function notesOf(segments: readonly (readonly [0 | 1, Buffer])[]) {
  const target = new RecordedCapture();
  const title = '10.0.0.1:4000 to 10.0.0.2:8883';
  const facts = { target, client: 0, isFromStart: [true, true], title } as const;
  const carrier = new TlsCarrier({ ...facts, streams: { last: 1 } });
  for (const [side, bytes] of segments) carrier.onData(side, { bytes, timeMs: 0, byte: 0 });
  carrier.onHole();
  carrier.onEnd('closed');
  expect(target.pieces).toEqual([]);
  expect(target.ends).toEqual([[2, 'closed']]);
  return target.notes;
}

it('tells at its end of what cannot be read', () => {
  const notes = notesOf([
    [0, CLIENT_HELLO.subarray(0, 50)],
    [0, CLIENT_HELLO.subarray(50)],
    [1, SERVER_HELLO_13],
  ]);
  expect(notes).toEqual([
    expect.stringContaining('2: TLS 1.3 to broker.lan:8883, 4 segments, unreadable'),
  ]);
});

it('names the address where the beginning is missing', () => {
  const notes = notesOf([[1, CLIENT_HELLO]]);
  expect(notes[0]).toContain('2: TLS to 10.0.0.2:8883, 2 segments, unreadable');
});
