import dns, { promises as dnsPromises, type LookupAddress } from 'node:dns';
import { once } from 'node:events';
import { type AddressInfo, createServer, Server, Socket } from 'node:net';
import { afterEach, expect, it, vi } from 'vitest';
import { dial } from '../../src/net/dialer.ts';
import { RecordedEvents } from '../support/recorded-events.ts';

const open: (Server | Socket)[] = [];

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  for (const each of open.splice(0)) each instanceof Server ? each.close() : each.destroy();
});

async function serve(host: string): Promise<number> {
  const server = createServer((socket) => {
    open.push(socket.on('error', () => {}));
    socket.end('hello');
  });
  open.push(server.listen(0, host));
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** A port where nothing listens. */
async function freePort(): Promise<number> {
  const port = await serve('127.0.0.1');
  const server = open.pop() as Server;
  server.close();
  await once(server, 'close');
  return port;
}

it('connects, and hands over a channel that brings what the other says', async () => {
  const port = await serve('127.0.0.1');
  const channel = await dial({ address: { host: '127.0.0.1', port }, timeoutMs: 5000 });
  expect(channel.peer).toBe(`127.0.0.1:${port}`);
  const events = new RecordedEvents();
  channel.listen(events);
  await events.untilClosed();
  expect(String(events.bytes)).toBe('hello');
});

/** Every name is both addresses of this machine. */
function stubLookup(): void {
  const addresses = [
    { address: '::1', family: 6 },
    { address: '127.0.0.1', family: 4 },
  ];
  vi.spyOn(dns, 'lookup').mockImplementation(((
    _name: string,
    _options: unknown,
    callback: (error: undefined, found: LookupAddress[]) => void,
  ) => process.nextTick(() => callback(undefined, addresses))) as unknown as typeof dns.lookup);
}

it.each(['127.0.0.1', '::1'])('tries all addresses of a name: %s is the right one', async (at) => {
  const port = await serve(at);
  stubLookup();
  const channel = await dial({ address: { host: 'both.example', port }, timeoutMs: 5000 });
  expect(channel.peer).toContain(at);
  channel.destroy();
});

it('says that nobody listens, once for all addresses of a name', async () => {
  const port = await freePort();
  stubLookup();
  for (const host of ['127.0.0.1', 'both.example']) {
    await expect(dial({ address: { host, port }, timeoutMs: 5000 })).rejects.toMatchObject({
      kind: 'connect',
      message: `cannot connect to ${host}:${port}: connection refused`,
    });
  }
});

it('says that a name has no address', async () => {
  const dialled = dial({ address: { host: 'nowhere.invalid', port: 1883 }, timeoutMs: 10_000 });
  await expect(dialled).rejects.toMatchObject({
    kind: 'connect',
    message: 'cannot find host nowhere.invalid',
  });
});

it('gives up after the time that was set, and leaves no socket behind', async () => {
  const destroy = vi.spyOn(Socket.prototype, 'destroy');
  // Never answers: nobody has this address, or at most the network says that it leads nowhere.
  vi.spyOn(Socket.prototype, 'connect').mockReturnThis();
  const dialled = dial({ address: { host: '192.0.2.1', port: 1883 }, timeoutMs: 20 });
  await expect(dialled).rejects.toMatchObject({
    kind: 'connect',
    message: 'cannot connect to 192.0.2.1:1883: no answer within 0.02 s',
  });
  expect(destroy).toHaveBeenCalled();
});

it('waits as long as a caller may set, which one timer does not bear', async () => {
  vi.useFakeTimers();
  vi.spyOn(Socket.prototype, 'connect').mockReturnThis();
  const controller = new AbortController();
  const target = { address: { host: '192.0.2.1', port: 1883 }, timeoutMs: 30 * 86_400_000 };
  const onFailed = vi.fn();
  const dialled = dial(target, controller.signal).catch(onFailed);
  await vi.advanceTimersByTimeAsync(86_400_000);
  expect(onFailed).not.toHaveBeenCalled();
  controller.abort();
  await dialled;
});

it('stops when it is told to, before and while it tries', async () => {
  const address = { host: '127.0.0.1', port: await serve('127.0.0.1') };
  const target = { address, timeoutMs: 5000 };
  const reason = new Error('no longer wanted');
  await expect(dial(target, AbortSignal.abort(reason))).rejects.toBe(reason);
  const controller = new AbortController();
  const destroy = vi.spyOn(Socket.prototype, 'destroy');
  const dialled = dial(target, controller.signal);
  controller.abort(reason);
  await expect(dialled).rejects.toBe(reason);
  expect(destroy).toHaveBeenCalledOnce();
});

/** Has these serve the domain, the first one before the others. */
function stubService(...ports: readonly number[]): void {
  const records = ports.map((port, priority) => ({ name: '127.0.0.1', port, priority, weight: 0 }));
  vi.spyOn(dnsPromises, 'resolveSrv').mockResolvedValue(records);
}

const DOMAIN = { address: { host: 'plant.example', port: 1 }, isService: true, timeoutMs: 5000 };

it('tries the servers of a domain until one is there', async () => {
  const port = await serve('127.0.0.1');
  stubService(await freePort(), port);
  const channel = await dial(DOMAIN);
  expect(channel.peer).toBe(`127.0.0.1:${port}`);
  channel.destroy();
});

it('explains the first failure if none of them is', async () => {
  const first = await freePort();
  stubService(first, await freePort());
  await expect(dial(DOMAIN)).rejects.toMatchObject({
    message: `cannot connect to 127.0.0.1:${first}: connection refused`,
  });
});

it('collects small packets where it is told to', async () => {
  const port = await serve('127.0.0.1');
  const setNoDelay = vi.spyOn(Socket.prototype, 'setNoDelay');
  const target = { address: { host: '127.0.0.1', port }, timeoutMs: 5000 };
  (await dial({ ...target, isDelayed: true })).destroy();
  expect(setNoDelay).not.toHaveBeenCalled();
  (await dial(target)).destroy();
  expect(setNoDelay).toHaveBeenCalledWith(true);
});
