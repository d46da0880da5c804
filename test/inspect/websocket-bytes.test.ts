import { Buffer } from 'node:buffer';
import { expect, it } from 'vitest';
import { FormError } from '../../src/inspect/form-error.ts';
import { beginsWebSocket, WebSocketBytes } from '../../src/inspect/websocket-bytes.ts';
import { RecordedCapture } from '../support/recorded-capture.ts';
import { webSocketFrame } from '../support/wire.ts';

const PING = Buffer.from('c000', 'hex');
const CONNECT = Buffer.from('100d00044d5154540402003c000174', 'hex');

it.each([
  ['a CONNECT in a frame', webSocketFrame(CONNECT, true), true],
  ['one with a longer length', webSocketFrame(Buffer.alloc(200, 0x10), true), true],
  ['another packet in a frame', webSocketFrame(PING, true), false],
  ['a frame without a mask', webSocketFrame(CONNECT, false), false],
  ['a packet', CONNECT, false],
  ['a long SUBSCRIBE', Buffer.from('82ff01000100036131', 'hex'), false],
  ['too little', webSocketFrame(CONNECT, true).subarray(0, 6), undefined],
  ['one byte', Buffer.from([0x82]), undefined],
])('tells of %s whether it begins a WebSocket', (_what, bytes, is) => {
  expect(beginsWebSocket(bytes)).toBe(is);
});

it.each([
  ['c2s', true],
  ['s2c', false],
] as const)('passes on what frames hold, as %s', (direction, isMasked) => {
  const target = new RecordedCapture();
  const reader = new WebSocketBytes(target, { streams: { last: 0 }, isLive: true });
  const bytes = Buffer.concat([webSocketFrame(PING, isMasked), webSocketFrame(PING, isMasked)]);
  for (const byte of bytes) reader.push(Buffer.from([byte]));
  reader.end();
  expect(target.hex(1, direction)).toBe('c000c000');
  expect(target.ends).toEqual([[1, 'stopped']]);
});

it('refuses what are no frames', () => {
  const reader = new WebSocketBytes(new RecordedCapture(), { streams: { last: 0 } });
  expect(() => reader.push(CONNECT)).toThrow(FormError);
});
