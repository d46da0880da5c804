import { Buffer } from 'node:buffer';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { afterEach, expect, it, vi } from 'vitest';
import { socketChannel } from '../../src/net/socket-channel.ts';
import { RecordedEvents } from '../support/recorded-events.ts';

const open: Socket[] = [];

afterEach(() => {
  vi.useRealTimers();
  for (const socket of open.splice(0)) socket.destroy();
});

/** Two sockets that are connected to one another; `near` is for the channel. */
async function pair(highWaterMark?: number): Promise<{ near: Socket; far: Socket }> {
  const server = createServer({ allowHalfOpen: true });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const options = { port, host: '127.0.0.1', writableHighWaterMark: highWaterMark };
  const near = connect(options);
  const [[far]] = (await Promise.all([once(server, 'connection'), once(near, 'connect')])) as [
    [Socket],
    unknown,
  ];
  server.close();
  open.push(near, far);
  far.on('error', () => {});
  return { near, far };
}

async function channelPair(highWaterMark?: number) {
  const { near, far } = await pair(highWaterMark);
  const channel = socketChannel(near);
  const events = new RecordedEvents();
  return { near, far, channel, events };
}

/** More than all buffers of the machine between two sockets take. */
const LARGE = Buffer.alloc(20_000_000, 'x');

it('passes bytes on in both directions', async () => {
  const { far, channel, events } = await channelPair();
  channel.listen(events);
  const said = once(far, 'data');
  expect(channel.write(Buffer.from('ping'))).toBe(true);
  expect(String(await said)).toBe('ping');
  far.write('pong');
  await events.until(() => events.bytes.length === 4);
  expect(String(events.bytes)).toBe('pong');
});

it('knows that the peer has ended while there is something to send', async () => {
  const { near, far, channel, events } = await channelPair();
  channel.listen(events);
  channel.write(LARGE);
  expect(channel.hasPeerEnded).toBe(false);
  far.end();
  await once(near, 'end');
  expect(channel.hasPeerEnded).toBe(true);
});

it('keeps what arrives before somebody listens', async () => {
  const { near, far, channel, events } = await channelPair();
  far.write('early');
  await vi.waitUntil(() => near.readableLength > 0);
  channel.listen(events);
  await events.until(() => events.bytes.length === 5);
});

it('names the peer, also once it is gone', async () => {
  const { near, far, channel, events } = await channelPair();
  const name = `127.0.0.1:${near.remotePort}`;
  channel.listen(events);
  far.destroy();
  await events.untilClosed();
  expect(channel.peer).toBe(name);
});

it('says that bytes are unsent, and tells once when all are out', async () => {
  const { far, channel, events } = await channelPair();
  channel.listen(events);
  expect(channel.write(LARGE)).toBe(false);
  expect(channel.write(Buffer.from('more'))).toBe(false);
  expect(channel.unsentBytes).toBeGreaterThan(0);
  expect(events.seen).toEqual([]);
  far.resume();
  await events.until(() => events.seen.length > 0);
  expect(events.seen).toEqual(['drained']);
  expect(channel.unsentBytes).toBe(0);
  expect(far.bytesRead).toBeGreaterThan(0);
});

it('tells, too, when as little was unsent as node itself does not tell of', async () => {
  const { near, far, channel, events } = await channelPair(2 * LARGE.length);
  const onDrain = vi.fn();
  near.on('drain', onDrain);
  channel.listen(events);
  expect(channel.write(LARGE)).toBe(false);
  far.resume();
  await events.until(() => events.seen.includes('drained'));
  expect(channel.unsentBytes).toBe(0);
  expect(onDrain).not.toHaveBeenCalled();
});

it('owes a notice again after each one', async () => {
  const { far, channel, events } = await channelPair();
  channel.listen(events);
  far.resume();
  for (const count of [1, 2, 3]) {
    expect(channel.write(LARGE)).toBe(false);
    await events.until(() => events.seen.length === count);
  }
  expect(events.seen).toEqual(['drained', 'drained', 'drained']);
});

it('does not tell while something is unsent that was written meanwhile', async () => {
  const { far, channel, events } = await channelPair();
  let received = 0;
  far.on('data', (chunk) => {
    const isInSecond = received <= LARGE.length && received + chunk.length > LARGE.length;
    received += chunk.length;
    if (isInSecond) channel.write(LARGE);
  });
  const unsent: number[] = [];
  channel.listen({
    onBytes: (chunk) => events.onBytes(chunk),
    onDrained() {
      unsent.push(channel.unsentBytes);
      events.onDrained();
    },
    onClosed: (error) => events.onClosed(error),
  });
  channel.write(LARGE);
  channel.write(LARGE);
  await vi.waitUntil(() => received === 3 * LARGE.length);
  await events.until(() => events.seen.includes('drained'));
  expect(unsent).toEqual([0]);
});

it('stops reading, and goes on', async () => {
  const { near, far, channel, events } = await channelPair();
  channel.listen(events);
  channel.pause();
  far.write('late');
  await vi.waitUntil(() => near.readableLength > 0);
  expect(events.seen).toEqual([]);
  channel.resume();
  expect(events.seen).toEqual([]);
  await events.until(() => events.bytes.length === 4);
});

it('lets the peer stop: sends what is written, then closes', async () => {
  const { far, channel, events } = await channelPair();
  channel.listen(events);
  channel.write(LARGE);
  far.end();
  let received = 0;
  far.on('data', (chunk) => {
    received += chunk.length;
  });
  await events.untilClosed();
  await vi.waitUntil(() => received === LARGE.length);
  expect(events.error).toBeUndefined();
});

it('drops what is written to a peer that has closed, and reports no fault', async () => {
  const { near, far, channel, events } = await channelPair();
  channel.listen(events);
  far.end();
  await once(near, 'end');
  expect(channel.write(Buffer.from('late'))).toBe(true);
  await events.untilClosed();
  expect(events.seen).toEqual(['closed']);
  expect(events.error).toBeUndefined();
});

it('ends after all is sent, and drops what still arrives, though reading was stopped', async () => {
  const { far, channel, events } = await channelPair();
  // So that it is the peer's close that ends it, and not that we no longer wait for it.
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  channel.listen(events);
  channel.pause();
  far.write('dropped');
  channel.write(LARGE);
  channel.end();
  channel.end();
  let received = 0;
  far.on('data', (chunk) => {
    received += chunk.length;
  });
  far.on('end', () => far.end('dropped too'));
  await events.untilClosed();
  expect(received).toBe(LARGE.length);
  expect(events.seen.filter((event) => event !== 'drained')).toEqual(['closed']);
  expect(events.error).toBeUndefined();
});

it('closes by itself, after a while, when the peer does not', async () => {
  const { near, far, channel, events } = await channelPair();
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  channel.listen(events);
  far.resume();
  channel.end();
  await once(near, 'finish');
  vi.advanceTimersByTime(1999);
  expect(near.destroyed).toBe(false);
  vi.advanceTimersByTime(1);
  expect(near.destroyed).toBe(true);
  vi.useRealTimers();
  await events.untilClosed();
});

it('closes at once when it is destroyed, tells so later, and passes nothing on', async () => {
  const { near, far, channel, events } = await channelPair();
  far.write('unread');
  await vi.waitUntil(() => near.readableLength > 0);
  channel.listen(events);
  channel.write(LARGE);
  channel.destroy();
  expect(events.seen).toEqual([]);
  far.resume();
  await events.untilClosed();
  channel.destroy();
  channel.end();
  expect(channel.write(Buffer.from('x'))).toBe(true);
  expect(events.seen).toEqual(['closed']);
  expect(events.error).toBeUndefined();
});

it('reports a connection that the peer has reset, with the error', async () => {
  const { far, channel, events } = await channelPair();
  channel.listen(events);
  far.resetAndDestroy();
  await events.untilClosed();
  expect(events.seen).toEqual(['closed']);
  expect(events.error).toMatchObject({ code: 'ECONNRESET' });
});

it('bears a reset before somebody listens, and tells who listens later', async () => {
  const { near, far, channel, events } = await channelPair();
  far.resetAndDestroy();
  await new Promise((resolve) => near.once('close', resolve));
  channel.listen(events);
  expect(events.seen).toEqual([]);
  await events.untilClosed();
  expect(events.error).toMatchObject({ code: 'ECONNRESET' });
});

it('sends small packets at once and asks idle peers for a sign of life', async () => {
  const { near } = await pair();
  const setNoDelay = vi.spyOn(near, 'setNoDelay');
  const setKeepAlive = vi.spyOn(near, 'setKeepAlive');
  socketChannel(near);
  expect(setNoDelay).toHaveBeenCalledWith(true);
  expect(setKeepAlive).toHaveBeenCalledWith(true, 60_000);
});
