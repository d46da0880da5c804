import { connect, Server, Socket } from 'node:net';
import { afterEach, expect, it, vi } from 'vitest';
import type { ByteChannel } from '../../src/base/byte-channel.ts';
import { dial as dialTcp } from '../../src/net/dialer.ts';
import { listenTcp, type TcpListener } from '../../src/net/tcp-listener.ts';
import { countingBytes } from '../support/counting-bytes.ts';
import { RecordedEvents } from '../support/recorded-events.ts';

const open: (TcpListener | Socket)[] = [];

afterEach(() => {
  vi.restoreAllMocks();
  for (const each of open.splice(0)) each instanceof Socket ? each.destroy() : each.close();
});

const IGNORE = { onChannel: (channel: ByteChannel) => channel.destroy(), onAcceptFailed() {} };

async function listen(host: string, port = 0, events = IGNORE): Promise<TcpListener> {
  const listener = await listenTcp({ host, port }, events);
  open.push(listener);
  return listener;
}

function dial(port: number, host: string): Socket {
  const socket = connect(port, host);
  open.push(socket.on('error', () => {}));
  return socket;
}

it('gives each connection as a channel, and says where it listens', async () => {
  const channels: ByteChannel[] = [];
  const onChannel = (channel: ByteChannel) => void channels.push(channel);
  const { addresses } = await listen('127.0.0.1', 0, { ...IGNORE, onChannel });
  expect(addresses).toEqual([{ host: '127.0.0.1', port: expect.any(Number) }]);
  const socket = dial(addresses[0]?.port ?? 0, '127.0.0.1');
  socket.write('hello');
  await vi.waitUntil(() => channels.length === 1);
  const events = new RecordedEvents();
  channels[0]?.listen(events);
  await events.until(() => events.bytes.length === 5);
  expect(channels[0]?.peer).toBe(`127.0.0.1:${socket.localPort}`);
  channels[0]?.destroy();
});

it(
  'carries bytes both ways, all and in order [MQTT-4.2-1] [311:7.1.1-1] ' + '[311:7.1.2-1]',
  async () => {
    const accepted: ByteChannel[] = [];
    const onChannel = (channel: ByteChannel) => void accepted.push(channel);
    const { addresses } = await listen('127.0.0.1', 0, { ...IGNORE, onChannel });
    const port = addresses[0]?.port ?? 0;
    const client = await dialTcp({ address: { host: '127.0.0.1', port }, timeoutMs: 5000 });
    await vi.waitUntil(() => accepted.length === 1);
    const ends = [client, accepted[0] as ByteChannel];
    const events = ends.map((channel) => {
      const recorded = new RecordedEvents();
      channel.listen(recorded);
      return recorded;
    });
    const bytes = countingBytes(300_000);
    for (const channel of ends) {
      for (let at = 0; at < bytes.length; at += 7_001)
        channel.write(bytes.subarray(at, at + 7_001));
    }
    for (const recorded of events) {
      await recorded.until(() => recorded.bytes.length >= bytes.length);
      expect(recorded.bytes.equals(bytes)).toBe(true);
    }
    for (const channel of ends) channel.destroy();
  },
);

it('leaves with the system what a connection sends, until somebody listens to it', async () => {
  const channels: ByteChannel[] = [];
  const onChannel = (channel: ByteChannel) => void channels.push(channel);
  const emitted = vi.spyOn(Server.prototype, 'emit');
  const { addresses } = await listen('127.0.0.1', 0, { ...IGNORE, onChannel });
  const socket = dial(addresses[0]?.port ?? 0, '127.0.0.1');
  await vi.waitUntil(() => channels.length === 1);
  const accepted = (emitted.mock.calls as unknown[][]).find(([name]) => name === 'connection')?.[1];
  const chunk = Buffer.alloc(1_000_000, 'x');
  let sent = 0;
  while (socket.writableLength === 0) {
    socket.write(chunk);
    sent += chunk.length;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const [channel] = channels;
  expect(accepted).toBeInstanceOf(Socket);
  expect((accepted as Socket).bytesRead).toBe(0);
  expect(channel?.host).toBe('127.0.0.1');
  const events = new RecordedEvents();
  channel?.listen(events);
  let received = 0;
  await events.until(() => {
    received += events.chunks.splice(0).reduce((sum, { length }) => sum + length, 0);
    return received === sent;
  });
  channel?.destroy();
});

it('listens on both families of localhost, on one free port', async () => {
  const { addresses } = await listen('localhost');
  const [first] = addresses;
  expect(addresses).toEqual([
    { host: '127.0.0.1', port: first?.port },
    { host: '::1', port: first?.port },
  ]);
});

/** Makes `listen` fail for one address with what the system would say. */
function failOn(host: string, code: string, times = Number.POSITIVE_INFINITY): void {
  const listen = Server.prototype.listen;
  let left = times;
  vi.spyOn(Server.prototype, 'listen').mockImplementation(function (this: Server, ...args) {
    const [options] = args as unknown as [{ host?: string }];
    if (options.host !== host || left === 0) return listen.apply(this, args);
    left -= 1;
    process.nextTick(() => this.emit('error', Object.assign(new Error(code), { code })));
    return this;
  });
}

it.each([
  ['::1', '127.0.0.1', 'EADDRNOTAVAIL'],
  ['127.0.0.1', '::1', 'EAFNOSUPPORT'],
])('skips %s where the machine lacks it', async (absent, present, code) => {
  failOn(absent, code);
  const { addresses } = await listen('localhost');
  expect(addresses.map(({ host }) => host)).toEqual([present]);
});

it('tries another free port when the first is taken in the other family', async () => {
  failOn('::1', 'EADDRINUSE', 2);
  const { addresses } = await listen('localhost');
  expect(addresses[0]?.port).toBe(addresses[1]?.port);
});

it('gives up when no port is free in both families, and listens nowhere', async () => {
  const closed = vi.spyOn(Server.prototype, 'close');
  failOn('::1', 'EADDRINUSE');
  await expect(listen('localhost')).rejects.toMatchObject({ kind: 'environment' });
  expect(closed).toHaveBeenCalledTimes(20);
});

it('takes connections of both families for *', async () => {
  const peers: string[] = [];
  const onChannel = (channel: ByteChannel) => {
    peers.push(channel.peer);
    channel.destroy();
  };
  const { addresses } = await listen('*', 0, { ...IGNORE, onChannel });
  for (const host of ['127.0.0.1', '::1']) dial(addresses[0]?.port ?? 0, host);
  await vi.waitUntil(() => peers.length === 2);
  expect(peers.sort()[0]).toMatch(/^127\.0\.0\.1:\d+$/);
  expect(peers[1]).toMatch(/^\[::1\]:\d+$/);
});

it('refuses a port that is taken, in either family, and keeps no other', async () => {
  const taken = (await listen('::1')).addresses[0]?.port ?? 0;
  await expect(listen('localhost', taken)).rejects.toMatchObject({
    kind: 'environment',
    message: `port ${taken} is taken`,
  });
  await listen('127.0.0.1', taken);
});

it('refuses an address that the machine does not have', async () => {
  await expect(listen('192.0.2.1')).rejects.toMatchObject({
    kind: 'environment',
    message: 'cannot listen on 192.0.2.1',
  });
});

it('accepts no more once closed, but leaves alone who is there', async () => {
  const channels: ByteChannel[] = [];
  const onChannel = (channel: ByteChannel) => void channels.push(channel);
  const listener = await listen('127.0.0.1', 0, { ...IGNORE, onChannel });
  const port = listener.addresses[0]?.port ?? 0;
  const socket = dial(port, '127.0.0.1');
  await vi.waitUntil(() => channels.length === 1);
  listener.close();
  const late = dial(port, '127.0.0.1');
  await new Promise((resolve) => late.once('error', resolve));
  socket.write('still here');
  const events = new RecordedEvents();
  channels[0]?.listen(events);
  await events.until(() => events.bytes.length === 10);
  channels[0]?.destroy();
});

it('tells of a connection that could not be accepted, and goes on', async () => {
  const onAcceptFailed = vi.fn();
  const emit = vi.spyOn(Server.prototype, 'on');
  await listen('127.0.0.1', 0, { ...IGNORE, onAcceptFailed });
  const server = emit.mock.contexts[0] as Server;
  const error = new Error('EMFILE');
  server.emit('error', error);
  expect(onAcceptFailed).toHaveBeenCalledWith(error);
  expect(server.listening).toBe(true);
});

it('survives a peer that resets before anybody listens to its channel', async () => {
  const channels: ByteChannel[] = [];
  const onChannel = (channel: ByteChannel) => void channels.push(channel);
  const { addresses } = await listen('127.0.0.1', 0, { ...IGNORE, onChannel });
  const socket = dial(addresses[0]?.port ?? 0, '127.0.0.1');
  await vi.waitUntil(() => channels.length === 1);
  socket.resetAndDestroy();
  await new Promise((resolve) => setImmediate(resolve));
  const events = new RecordedEvents();
  channels[0]?.listen(events);
  await events.untilClosed();
});
