import { Buffer } from 'node:buffer';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, expect, it, vi } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { webSocketChannel } from '../../src/net/web-socket-channel.ts';
import { countingBytes } from '../support/counting-bytes.ts';
import { RecordedEvents } from '../support/recorded-events.ts';

const cleanUps: (() => void)[] = [];
afterEach(() => {
  vi.useRealTimers();
  for (const cleanUp of cleanUps.splice(0)) cleanUp();
});

/** More than all buffers of the machine between two sockets take. */
const LARGE = Buffer.alloc(20_000_000, 'x');

/** The server's end as a channel, and the other end of it. */
async function pair(unansweredBytesMax = Number.POSITIVE_INFINITY, options = {}) {
  const http = createServer().listen(0, '127.0.0.1');
  const server = new WebSocketServer({ noServer: true, ...options });
  await once(http, 'listening');
  const { port } = http.address() as AddressInfo;
  const far = new WebSocket(`ws://127.0.0.1:${port}/`, { perMessageDeflate: false });
  far.on('error', () => {});
  const [request, socket, head] = await once(http, 'upgrade');
  const near = socket as Socket;
  const channel = await new Promise<ReturnType<typeof webSocketChannel>>((resolve) => {
    server.handleUpgrade(request, near, head, (webSocket) => {
      const terms = { peer: 'p:1', host: 'p', unansweredBytesMax };
      resolve(webSocketChannel(webSocket, near, terms));
    });
  });
  if (far.readyState !== WebSocket.OPEN) await once(far, 'open');
  cleanUps.push(() => {
    far.terminate();
    near.destroy();
    http.close();
  });
  return { near, far, channel, events: new RecordedEvents() };
}

it('carries bytes one at a time, and many at once [MQTT-6.0.0-2] [311:6.0.0-2]', async () => {
  const { channel, events, far } = await pair();
  channel.listen(events);
  const bytes = countingBytes(300_000);
  for (let at = 0; at < 20; at += 1) far.send(bytes.subarray(at, at + 1));
  far.send(bytes.subarray(20));
  await events.until(() => events.bytes.length === bytes.length);
  expect(events.bytes.equals(bytes)).toBe(true);
});

it('keeps what arrives before somebody listens, and leaves it with the system', async () => {
  const { channel, events, far, near } = await pair();
  far.send(LARGE);
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(near.bytesRead).toBeLessThan(LARGE.length / 2);
  channel.listen(events);
  await events.until(() => events.bytes.length === LARGE.length);
});

it('says that bytes are unsent, and tells once when all are out', async () => {
  const { channel, events, far } = await pair();
  channel.listen(events);
  far.pause();
  expect(channel.write(LARGE)).toBe(false);
  expect(channel.write(Buffer.from('more'))).toBe(false);
  expect(channel.unsentBytes).toBeGreaterThan(0);
  expect(events.seen).toEqual([]);
  far.resume();
  await events.until(() => events.seen.length > 0);
  expect(events.seen).toEqual(['drained']);
  expect(channel.unsentBytes).toBe(0);
});

it('sends a small frame at once', async () => {
  const { channel, events, far } = await pair();
  channel.listen(events);
  const said = once(far, 'message');
  expect(channel.write(Buffer.from('ping'))).toBe(true);
  expect(String((await said)[0])).toBe('ping');
});

it('stops reading, so that the peer has to wait, and goes on', async () => {
  const { channel, events, far, near } = await pair();
  channel.listen(events);
  channel.pause();
  far.send(LARGE);
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(near.bytesRead).toBeLessThan(LARGE.length / 2);
  expect(events.seen).toEqual([]);
  channel.resume();
  await events.until(() => events.bytes.length === LARGE.length);
});

it('answers pings, and tells nobody of them', async () => {
  const { channel, events, far } = await pair();
  channel.listen(events);
  const answered = once(far, 'pong');
  far.ping('are you there');
  expect(String((await answered)[0])).toBe('are you there');
  expect(events.seen).toEqual([]);
});

it('closes at a frame of text, and passes nothing on [MQTT-6.0.0-1] [311:6.0.0-1]', async () => {
  const { channel, events, far } = await pair();
  channel.listen(events);
  const closed = once(far, 'close');
  far.send('text');
  far.send(Buffer.from('late'));
  expect((await closed)[0]).toBe(1003);
  await events.untilClosed();
  expect(events.bytes).toHaveLength(0);
  expect(events.error).toMatchObject({ clause: 'MQTT-6.0.0-1', endedBy: 'us' });
});

it('ends after all is sent, and drops what still arrives, though reading was stopped', async () => {
  const { channel, events, far } = await pair();
  channel.listen(events);
  channel.pause();
  far.send(Buffer.from('dropped'));
  let received = 0;
  far.on('message', (data: Buffer) => {
    received += data.length;
  });
  channel.write(LARGE);
  channel.end();
  channel.end();
  const [code] = await once(far, 'close');
  expect(code).toBe(1000);
  await events.untilClosed();
  expect(received).toBe(LARGE.length);
  expect(events.seen.filter((event) => event !== 'drained')).toEqual(['closed']);
  expect(events.error).toBeUndefined();
});

it('closes by itself, after a while, when the peer does not', async () => {
  const { channel, events, far, near } = await pair();
  channel.listen(events);
  far.pause();
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  channel.end();
  vi.advanceTimersByTime(1999);
  expect(near.destroyed).toBe(false);
  vi.advanceTimersByTime(1);
  expect(near.destroyed).toBe(true);
  vi.useRealTimers();
  await events.untilClosed();
});

it('closes at once when it is destroyed, and passes nothing on', async () => {
  const { channel, events, far } = await pair();
  channel.listen(events);
  far.send(Buffer.from('unread'));
  channel.destroy();
  expect(channel.write(Buffer.from('x'))).toBe(true);
  await events.untilClosed();
  expect(events.seen).toEqual(['closed']);
});

it('knows that the peer has ended, and takes that for no fault', async () => {
  const { channel, events, far } = await pair();
  channel.listen(events);
  expect(channel.hasPeerEnded).toBe(false);
  far.close();
  await events.untilClosed();
  expect(channel.hasPeerEnded).toBe(true);
  expect(events.error).toBeUndefined();
});

it('tells with which code the peer has closed, if that says that something is wrong', async () => {
  const { channel, events, far } = await pair();
  channel.listen(events);
  far.close(1008, 'go away');
  await events.untilClosed();
  expect(events.error).toMatchObject({
    message: 'the WebSocket was closed with 1008 ("go away")',
    endedBy: 'peer',
  });
});

it('reports a connection that the peer has reset, also to who listens later', async () => {
  const { channel, events, far, near } = await pair();
  const socket = (far as unknown as { _socket: Socket })._socket;
  channel.listen(events);
  socket.resetAndDestroy();
  await events.untilClosed();
  expect(events.error).toMatchObject({ code: 'ECONNRESET' });
  expect(near.destroyed).toBe(true);
});

it('tells who listens late that it is closed', async () => {
  const { channel, events, near } = await pair();
  near.destroy();
  await vi.waitUntil(() => near.closed);
  await new Promise((resolve) => setImmediate(resolve));
  channel.listen(events);
  expect(events.seen).toEqual([]);
  await events.untilClosed();
});

it('takes no frame above the limit', async () => {
  const { channel, events, far } = await pair(undefined, { maxPayload: 1000 });
  channel.listen(events);
  const closed = once(far, 'close');
  far.send(Buffer.alloc(1000));
  far.send(Buffer.alloc(1001));
  expect((await closed)[0]).toBe(1009);
  await events.untilClosed();
  expect(events.bytes).toHaveLength(1000);
  expect(events.error).toMatchObject({ endedBy: 'us', message: expect.stringMatching(/payload/) });
});

it('holds little of a frame before anything was answered, and more later', async () => {
  const first = await pair(200_000);
  first.channel.listen(first.events);
  first.far.send(LARGE);
  await first.events.untilClosed();
  expect(first.near.bytesRead).toBeLessThan(1_000_000);
  expect(first.events.error).toMatchObject({ endedBy: 'us' });

  const second = await pair(200_000);
  second.channel.listen(second.events);
  for (let sent = 0; sent < 4; sent += 1) second.far.send(Buffer.alloc(100_000));
  await second.events.until(() => second.events.bytes.length === 400_000);
  second.channel.write(Buffer.from('welcome'));
  second.far.send(LARGE);
  await second.events.until(() => second.events.bytes.length === 400_000 + LARGE.length);
});
