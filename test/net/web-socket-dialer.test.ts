import { Buffer } from 'node:buffer';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import {
  type AddressInfo,
  createServer as createTcpServer,
  type Server,
  type Socket,
} from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import type { ByteChannel } from '../../src/base/byte-channel.ts';
import { dial } from '../../src/net/dialer.ts';
import type { WebSocketTerms } from '../../src/net/web-socket-dialer.ts';
import { RecordedEvents } from '../support/recorded-events.ts';

const servers: Server[] = [];
const sockets: Socket[] = [];
afterEach(() => {
  vi.useRealTimers();
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const server of servers.splice(0)) server.close();
});

async function listening(server: Server): Promise<number> {
  servers.push(server.listen(0, '127.0.0.1'));
  server.on('connection', (socket: Socket) => sockets.push(socket.on('error', () => {})));
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

const TERMS: WebSocketTerms = { path: '/mqtt', subprotocol: 'mqtt', headers: [] };

function connect(port: number, over: Partial<WebSocketTerms> = {}): Promise<ByteChannel> {
  const address = { host: '127.0.0.1', port };
  return dial({ address, timeoutMs: 10_000, webSocket: { ...TERMS, ...over } });
}

interface Met {
  readonly channel: ByteChannel;
  readonly far: WebSocket;
  readonly request: IncomingMessage;
}

/** A channel, and the server's end of its WebSocket. */
async function meet(over: Partial<WebSocketTerms> = {}, options = {}): Promise<Met> {
  const http = createServer();
  const port = await listening(http);
  const server = new WebSocketServer({ server: http, ...options });
  const connected = once(server, 'connection') as Promise<[WebSocket, IncomingMessage]>;
  const channel = await connect(port, over);
  const [far, request] = await connected;
  return { channel, far, request };
}

it('offers MQTT as the subprotocol, and no compression [MQTT-6.0.0-3] [311:6.0.0-3]', async () => {
  const { far, request } = await meet({}, { perMessageDeflate: true });
  expect(request.headers['sec-websocket-protocol']).toBe('mqtt');
  expect(far.protocol).toBe('mqtt');
  expect(far.extensions).toBe('');
  expect(request.url).toBe('/mqtt');
  expect(request.headers.host).toMatch(/^127\.0\.0\.1:\d+$/);
});

it('has another name for MQTT 3.1', async () => {
  const { request } = await meet({ subprotocol: 'mqttv3.1' });
  expect(request.headers['sec-websocket-protocol']).toBe('mqttv3.1');
});

it('asks for the path, with the headers, that it is told', async () => {
  const headers = [
    ['Authorization', 'Bearer x'],
    ['Host', 'h.example'],
  ] as const;
  const { request } = await meet({ path: '/a%20b?c=d', headers });
  expect(request.url).toBe('/a%20b?c=d');
  expect(request.headers).toMatchObject({ authorization: 'Bearer x', host: 'h.example' });
});

it('sends binary frames [MQTT-6.0.0-1] [MQTT-6.0.0-2] [311:6.0.0-1] [311:6.0.0-2]', async () => {
  const { channel, far } = await meet();
  const events = new RecordedEvents();
  channel.listen(events);
  const said = once(far, 'message') as Promise<[Buffer, boolean]>;
  channel.write(Buffer.from('ping'));
  expect(await said).toEqual([Buffer.from('ping'), true]);
  for (const part of ['p', 'on', 'g']) far.send(Buffer.from(part));
  far.send(Buffer.from('fragm'), { fin: false });
  far.send(Buffer.from('ents'));
  await events.until(() => events.bytes.length === 13);
  expect(String(events.bytes)).toBe('pongfragments');
});

it('closes at a frame of text [MQTT-6.0.0-1] [311:6.0.0-1] [trap 87]', async () => {
  const { channel, far } = await meet();
  const events = new RecordedEvents();
  channel.listen(events);
  const closed = once(far, 'close');
  far.send('text');
  expect((await closed)[0]).toBe(1003);
  await events.untilClosed();
  expect(events.bytes).toHaveLength(0);
  expect(events.error).toMatchObject({ message: 'a WebSocket text frame', endedBy: 'us' });
});

describe('a server that refuses', () => {
  async function refusal(answer: (response: ServerResponse) => void) {
    const http = createServer();
    http.on('request', (_, response) => answer(response));
    const port = await listening(http);
    return { port, error: await connect(port).catch((reason: unknown) => reason) };
  }

  it('is quoted with status and first line', async () => {
    const { port, error } = await refusal((response) => {
      response.writeHead(404).end('\nNo such thing\nhere');
    });
    expect(error).toMatchObject({
      kind: 'connect',
      message: `127.0.0.1:${port} refuses the WebSocket: 404 Not Found`,
      why: 'it says "No such thing"',
      remedy: 'check the path, now "/mqtt": often /mqtt or /',
    });
  });

  it('and sends elsewhere is quoted with where', async () => {
    const { error } = await refusal((response) => {
      response.writeHead(301, { location: 'wss://h/x' }).end();
    });
    expect(error).toMatchObject({ why: undefined, remedy: expect.stringContaining('"wss://h/x"') });
  });

  it('and asks who we are gets an advice', async () => {
    const { error } = await refusal((response) => response.writeHead(401).end());
    expect(error).toMatchObject({ remedy: expect.stringContaining('--ws-header') });
  });

  it('and never ends its answer is quoted in time', async () => {
    const { error } = await refusal((response) => response.writeHead(500).write('x'.repeat(5000)));
    expect((error as Error & { why: string }).why).toBe(`it says "${'x'.repeat(200)}"`);
  });

  it.each([
    ['no subprotocol', { handleProtocols: () => false as const }],
    ['another subprotocol', { handleProtocols: () => 'amqp' }],
  ])('by answering with %s is no MQTT server [MQTT-6.0.0-4] [311:6.0.0-4]', async (_, options) => {
    await expect(meet({}, options)).rejects.toMatchObject({
      kind: 'connect',
      message: expect.stringMatching(/speaks no MQTT over WebSocket$/),
    });
  });

  it.each<[string, (socket: Socket) => void, string]>([
    ['answers in MQTT', (socket) => socket.end(Buffer.from('20020001', 'hex')), 'other bytes'],
    ['closes', (socket) => socket.end(), 'closed the connection'],
    ['resets', (socket) => socket.resetAndDestroy(), 'closed the connection'],
  ])('since it %s is told of', async (_, answer, why) => {
    const server = createTcpServer((socket) => {
      socket.once('data', () => answer(socket));
    });
    const port = await listening(server);
    await expect(connect(port)).rejects.toMatchObject({
      kind: 'connect',
      message: `127.0.0.1:${port} does not speak WebSocket`,
      why: expect.stringContaining(why),
    });
  });
});

it('gives up a server that says nothing, and leaves no socket behind', async () => {
  const tcp = createTcpServer();
  const port = await listening(tcp);
  const address = { host: '127.0.0.1', port };
  const dialled = dial({ address, timeoutMs: 200, webSocket: TERMS });
  await expect(dialled).rejects.toMatchObject({
    message: `no answer from 127.0.0.1:${port} within 0.2 s`,
  });
  await vi.waitUntil(() => sockets.length === 1);
  const [socket] = sockets;
  socket?.resume();
  if (socket?.destroyed === false) await once(socket, 'close');
});
