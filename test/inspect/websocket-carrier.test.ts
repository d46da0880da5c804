import { Buffer } from 'node:buffer';
import { expect, it } from 'vitest';
import { isMqttUpgrade, WebSocketCarrier } from '../../src/inspect/websocket-carrier.ts';
import { RecordedCapture } from '../support/recorded-capture.ts';
import { webSocketFrame } from '../support/wire.ts';

const REQUEST = [
  'GET /mqtt HTTP/1.1',
  'Host: b',
  'Authorization: Basic c2VjcmV0',
  'Upgrade: websocket',
  'Sec-WebSocket-Protocol: chat, mqtt',
].join('\r\n');
const ANSWER = 'HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Protocol: mqtt';
const PING = Buffer.from('c000', 'hex');

function carrierOf() {
  const target = new RecordedCapture();
  const facts = { client: 0, isFromStart: [true, true], title: 'a to b' } as const;
  const carrier = new WebSocketCarrier({ ...facts, target, streams: { last: 0 } });
  const push = (side: 0 | 1, bytes: Buffer | string) =>
    carrier.onData(side, { bytes: Buffer.from(bytes), timeMs: 1, byte: 100 });
  return { target, carrier, push };
}

it('passes on what the frames behind the HTTP hold, in any pieces', () => {
  const request = Buffer.concat([Buffer.from(`${REQUEST}\r\n\r\n`), webSocketFrame(PING, true)]);
  for (let at = 0; at < request.length; at += 1) {
    const { carrier, push, target } = carrierOf();
    push(0, request.subarray(0, at));
    push(1, `${ANSWER}\r\n\r\n`);
    push(0, request.subarray(at));
    push(1, webSocketFrame(Buffer.from('d000', 'hex'), false));
    carrier.onEnd('closed');
    expect([target.hex(1, 'c2s'), target.hex(1, 's2c')]).toEqual(['c000', 'd000']);
    expect(target.openings[0]?.title).toBe('a to b (WebSocket)');
    expect([target.notes, target.breaks]).toEqual([[], []]);
  }
});

it('tells of a missing subprotocol on either side [MQTT-6.0.0-3] [MQTT-6.0.0-4]', () => {
  const { push, target } = carrierOf();
  push(0, 'GET / HTTP/1.1\r\nUpgrade: websocket\r\n\r\n');
  push(1, 'HTTP/1.1 101 Yes\r\n\r\n');
  expect(target.notes).toEqual([
    '1: the client offered no WebSocket subprotocol mqtt [MQTT-6.0.0-3]',
    '1: the server returned no WebSocket subprotocol mqtt [MQTT-6.0.0-4]',
  ]);
});

it('tells of a refusal, and reads nothing behind it', () => {
  const { push, target } = carrierOf();
  push(0, `${REQUEST}\r\n\r\n`);
  push(1, 'HTTP/1.1 403 No\u001b\r\n\r\nc000');
  expect(target.notes).toEqual(['1: the server opened no WebSocket: HTTP/1.1 403 No\\u{1b}']);
  expect(target.pieces).toEqual([]);
});

it('tells of bytes that are missing between frames, and holds no endless HTTP', () => {
  const { carrier, push, target } = carrierOf();
  push(0, `${REQUEST}\r\n\r\n`);
  carrier.onHole(0, 5);
  push(0, webSocketFrame(PING, true));
  expect(target.breaks).toMatchObject([{ kind: 'missing', length: 5 }]);
  expect(target.notes).toEqual(['1: bytes are missing between WebSocket frames']);
  for (let i = 0; i < 100; i += 1) push(1, 'x'.repeat(1000));
  expect(target.pieces).toEqual([]);
});

it.each([
  [REQUEST, false, true],
  [REQUEST.replace('chat, mqtt', 'mqttv3.1'), false, true],
  [REQUEST.replace('chat, mqtt', 'chat'), false, false],
  [REQUEST.replace('chat, mqtt', 'chat'), true, true],
  [REQUEST.replace('websocket', 'h2c'), true, false],
])('knows an upgrade for MQTT (%#)', (request, isPortKnown, expected) => {
  expect(isMqttUpgrade(Buffer.from(request), isPortKnown)).toBe(expected);
});
