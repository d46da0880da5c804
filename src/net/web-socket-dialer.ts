import type { Buffer } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { ByteChannel } from '../base/byte-channel.ts';
import { CallerError } from '../base/caller-error.ts';
import { systemErrorCode } from './system-error.ts';
import { webSocketChannel } from './web-socket-channel.ts';

/** What the upgrade to a WebSocket asks for. */
export interface WebSocketTerms {
  /** With its query, if it has one. */
  readonly path: string;
  /** The name of MQTT among all that WebSockets carry [MQTT-6.0.0-3]; 3.1 has its own. */
  readonly subprotocol: 'mqtt' | 'mqttv3.1';
  readonly headers: readonly (readonly [name: string, value: string])[];
}

interface Server {
  /** How a person calls it: `localhost:8080`. */
  readonly server: string;
  /** As the Host header has it. */
  readonly hostHeader: string;
  readonly peer: string;
  readonly explain: ((error: Error) => Error) | undefined;
}

/** What is read of an answer that is no upgrade, so as to show its first line. */
const BODY_BYTES_MAX = 2048;
const LINE_CHARS_MAX = 200;
/** More than the longest packet: servers may put several into one frame. */
const FRAME_BYTES_MAX = 2 ** 29;

/**
 * Asks the other end of a socket for a WebSocket. Rejects with a `CallerError` of kind connect, or
 * with the reason of `signal`; the socket is destroyed then.
 */
export async function openWebSocket(
  socket: Socket,
  to: Server,
  { headers, path, subprotocol }: WebSocketTerms,
  signal: AbortSignal,
): Promise<ByteChannel> {
  const { WebSocket } = await import('ws');
  return await new Promise((resolve, reject) => {
    // The name goes into the header alone: the connection is there already.
    const webSocket = new WebSocket(`ws://localhost${path}`, [subprotocol], {
      createConnection: () => socket,
      headers: { host: to.hostHeader, ...Object.fromEntries(headers) },
      perMessageDeflate: false,
      skipUTF8Validation: true,
      maxPayload: FRAME_BYTES_MAX,
    });
    const settle = () => {
      signal.removeEventListener('abort', onAbort);
      webSocket.off('error', onError);
    };
    const fail = (reason: unknown) => {
      settle();
      // What it has to say now is that it was cut off.
      webSocket.on('error', () => {});
      webSocket.terminate();
      socket.destroy();
      reject(reason);
    };
    const onAbort = () => fail(signal.reason);
    const onError = (error: Error) => fail(upgradeError(error, to.server));
    signal.addEventListener('abort', onAbort);
    webSocket.on('error', onError);
    webSocket.once('unexpected-response', (_request, response: IncomingMessage) => {
      void firstLine(response).then((line) => fail(refusedError(response, line, to.server, path)));
    });
    webSocket.once('open', () => {
      settle();
      const { explain, peer } = to;
      const unansweredBytesMax = Number.POSITIVE_INFINITY;
      resolve(
        webSocketChannel(webSocket, socket, { peer, host: undefined, unansweredBytesMax, explain }),
      );
    });
  });
}

/** The first line of a body, as far as it comes. */
function firstLine(response: IncomingMessage): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    const finish = () => resolve(text.trim().split('\n', 1)[0]?.slice(0, LINE_CHARS_MAX) ?? '');
    response.on('data', (chunk: Buffer) => {
      text += chunk.toString('utf8');
      if (text.length > BODY_BYTES_MAX || text.trimStart().includes('\n')) finish();
    });
    for (const event of ['end', 'error', 'close']) response.on(event, finish);
  });
}

function refusedError(
  { headers, statusCode, statusMessage }: IncomingMessage,
  line: string,
  server: string,
  path: string,
): CallerError {
  const what = `${server} refuses the WebSocket: ${statusCode} ${statusMessage}`;
  const says = line === '' ? undefined : `it says ${JSON.stringify(line)}`;
  return new CallerError('connect', what, {
    why: says,
    remedy: remedyFor(statusCode, headers, path),
  });
}

function remedyFor(
  status: number | undefined,
  { location }: IncomingMessage['headers'],
  path: string,
): string {
  if (location !== undefined) return `it points to ${JSON.stringify(location)}: give that`;
  if (status === 401 || status === 403) return 'give what it asks for with --ws-header';
  if (status === 404) return `check the path, now ${JSON.stringify(path)}: often /mqtt or /`;
  return 'check host, port and path: the listener may be one for other things than MQTT';
}

/** Explains an answer that is no proper upgrade. */
function upgradeError(error: Error, server: string): CallerError {
  const code = systemErrorCode(error) ?? '';
  const explain = (what: string, why: string, remedy: string) =>
    new CallerError('connect', what, { why, remedy, cause: error });
  if (code.startsWith('HPE_') || code === 'ECONNRESET' || code === 'EPIPE') {
    const did = code.startsWith('HPE_')
      ? 'answered with other bytes than HTTP'
      : 'closed the connection';
    const why = `it ${did} at the request for one`;
    return explain(
      `${server} does not speak WebSocket`,
      why,
      'use mqtt://, or give the right port',
    );
  }
  if (/subprotocol/.test(error.message)) {
    const why = 'its answer does not name the subprotocol that was asked for';
    const remedy = 'check port and path: this WebSocket is one for other things than MQTT';
    return explain(`${server} speaks no MQTT over WebSocket`, why, remedy);
  }
  return explain(`no WebSocket with ${server}`, error.message, 'check host, port and path');
}
