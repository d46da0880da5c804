import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { WebSocketSide } from '../../src/inspect/websocket-side.ts';
import { webSocketFrame } from '../support/wire.ts';

function sideOf() {
  const seen: Buffer[] = [];
  const notes: string[] = [];
  const side = new WebSocketSide({
    onPayload: ({ bytes }) => seen.push(Buffer.from(bytes)),
    onNote: (text) => notes.push(text),
  });
  const push = (bytes: Buffer) => side.push({ bytes, timeMs: 1, byte: 0 });
  return { side, push, notes, hex: () => Buffer.concat(seen).toString('hex') };
}

const PING = Buffer.from('c000', 'hex');

it('unmasks and joins messages, fragments and frames of any length, in any pieces', () => {
  const long = Buffer.alloc(300, 'x');
  const bytes = Buffer.concat([
    webSocketFrame(PING, true),
    webSocketFrame(long, true, 0x02),
    webSocketFrame(Buffer.from('ping'), true, 0x89),
    webSocketFrame(Buffer.alloc(0), true, 0x00),
    webSocketFrame(PING, true, 0x80),
    Buffer.from('827f0000000000000002c000', 'hex'),
    webSocketFrame(Buffer.from('03e8', 'hex'), false, 0x88),
  ]);
  fc.assert(
    fc.property(fc.array(fc.nat(bytes.length), { maxLength: 8 }), (cuts) => {
      const { hex, notes, push, side } = sideOf();
      const at = [0, ...cuts.sort((a, b) => a - b), bytes.length];
      for (const [i, end] of at.slice(1).entries()) push(bytes.subarray(at[i], end));
      expect(hex()).toBe(`c000${long.toString('hex')}c000c000`);
      expect(notes).toEqual(['WebSocket ping', 'WebSocket close 1000']);
      expect(side.isMasked).toBe(true);
    }),
  );
});

it('tells of MQTT in text frames once [MQTT-6.0.0-1]', () => {
  const { hex, notes, push } = sideOf();
  push(webSocketFrame(PING, false, 0x81));
  push(webSocketFrame(PING, false, 0x81));
  expect(hex()).toBe('c000c000');
  expect(notes).toEqual([expect.stringContaining('[MQTT-6.0.0-1]')]);
});

it.each([
  ['a compressed frame', 'c202c000', 'compressed'],
  ['a frame of no known kind', '8302c000', 'cannot be told apart'],
  ['a ping that is too long', '897e0100', 'cannot be told apart'],
])('stops at %s', (_what, hex, note) => {
  const { notes, push, side } = sideOf();
  push(Buffer.from(hex, 'hex'));
  push(PING);
  expect(side.isUnreadable).toBe(true);
  expect(notes).toEqual([expect.stringContaining(note)]);
});

it('keeps step over bytes that are missing within a payload, and over no others', () => {
  const { hex, push, side } = sideOf();
  const frame = webSocketFrame(Buffer.from('0123456789'), true);
  push(frame.subarray(0, 8));
  expect(side.skip(3)).toBe(3);
  push(frame.subarray(11));
  push(webSocketFrame(PING, true));
  expect(hex()).toBe(`${Buffer.from('0156789').toString('hex')}c000`);
  expect(side.skip(3)).toBeUndefined();
  expect(side.isUnreadable).toBe(true);
});

it('survives any bytes, and passes on no more than there were', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      const { hex, push } = sideOf();
      push(Buffer.from(bytes));
      expect(hex().length / 2).toBeLessThanOrEqual(bytes.length);
    }),
    { numRuns: 2000 },
  );
});
