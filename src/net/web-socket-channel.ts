import { Buffer } from 'node:buffer';
import type { Socket } from 'node:net';
import type { RawData, WebSocket } from 'ws';
import { assert } from '../base/assert.ts';
import type { ByteChannel, ChannelEvents } from '../base/byte-channel.ts';
import { ChannelFault } from '../base/channel-fault.ts';
import { awaitEmpty } from './await-empty.ts';

/** The constants of `ws`, which is loaded late. */
const OPEN = 1;
/** How the closing handshake says why (RFC 6455, 7.4.1). */
const NORMAL = 1000;
const GOING_AWAY = 1001;
const UNSUPPORTED_DATA = 1003;
const NO_STATUS = 1005;
const NO_HANDSHAKE = 1006;
const TOO_BIG = 1009;

/** How long we wait for the peer to close after us; `ws` would wait for half a minute. */
const LINGER_MS = 2000;

/** What a channel does not learn from its WebSocket. */
export interface WebSocketChannelTerms {
  /** What the other end is called. */
  readonly peer: string;
  /** Its address, for limits. */
  readonly host: string | undefined;
  /** What may be held of a frame that has not come whole, before anything was answered. */
  readonly unansweredBytesMax: number;
  readonly explain?: ((error: Error) => Error) | undefined;
}

/**
 * Makes an open WebSocket a `ByteChannel`, which then alone deals with it. Its frames are nothing
 * but a way to carry a stream [MQTT-6.0.0-2]. It is paused, to lose nothing before `listen`.
 *
 * @param socket the one that the WebSocket has been made of.
 */
export function webSocketChannel(
  webSocket: WebSocket,
  socket: Socket,
  terms: WebSocketChannelTerms,
): ByteChannel {
  return new WebSocketChannel(webSocket, socket, terms);
}

class WebSocketChannel implements ByteChannel {
  readonly peer: string;
  readonly host: string | undefined;
  readonly #webSocket: WebSocket;
  readonly #socket: Socket;
  readonly #explain: WebSocketChannelTerms['explain'];
  #events: ChannelEvents | undefined;
  /** The first one: what follows it is its consequence. */
  #error: Error | undefined;
  #isDrainOwed = false;
  /** From `end` or `destroy` on, nothing that arrives is passed on. */
  #isOver = false;
  #isClosed = false;
  #linger: NodeJS.Timeout | undefined;
  /** About how many bytes have come of a frame that is not whole: at most #heldBytesMax. */
  #heldBytes = 0;
  #chunkBytes = 0;
  #heldBytesMax: number;

  constructor(webSocket: WebSocket, socket: Socket, terms: WebSocketChannelTerms) {
    this.peer = terms.peer;
    this.host = terms.host;
    this.#explain = terms.explain;
    this.#heldBytesMax = terms.unansweredBytesMax;
    this.#webSocket = webSocket;
    this.#socket = socket;
    webSocket.pause();
    // Before the listener of `ws`, which knows how much it holds and does not say it.
    socket.prependListener('data', (chunk) => this.#onChunk(chunk));
    socket.on('error', (error) => this.#noteError(error));
    webSocket.on('message', (data, isBinary) => this.#onMessage(data, isBinary));
    webSocket.on('error', (error) => this.#onWebSocketError(error));
    webSocket.on('close', (code, reason) => this.#onClose(code, String(reason)));
  }

  get unsentBytes(): number {
    return this.#webSocket.bufferedAmount;
  }

  get hasPeerEnded(): boolean {
    const isClosing = this.#webSocket.readyState !== OPEN && !this.#isOver;
    return isClosing || this.#socket.readableEnded;
  }

  listen(events: ChannelEvents): void {
    assert(this.#events === undefined, 'a channel has one listener');
    this.#events = events;
    if (this.#isClosed) queueMicrotask(() => events.onClosed(this.#error));
    else if (!this.#isOver) this.#webSocket.resume();
  }

  /** One frame, of binary data [MQTT-6.0.0-1]. */
  write(bytes: Buffer): boolean {
    if (this.#webSocket.readyState !== OPEN) return true;
    this.#heldBytesMax = Number.POSITIVE_INFINITY;
    this.#webSocket.send(bytes, { binary: true });
    if (this.#socket.writableLength === 0) return true;
    if (!this.#isDrainOwed) {
      this.#isDrainOwed = true;
      awaitEmpty(this.#socket, () => this.#onEmpty());
    }
    return false;
  }

  pause(): void {
    if (!this.#isOver) this.#webSocket.pause();
  }

  resume(): void {
    this.#webSocket.resume();
  }

  end(): void {
    this.#close(NORMAL);
  }

  destroy(): void {
    this.#isOver = true;
    this.#webSocket.terminate();
  }

  #close(code: number): void {
    if (this.#isOver) return;
    this.#isOver = true;
    // Reads on, to drop it: the peer's close lies behind all that it has sent.
    this.#webSocket.resume();
    this.#webSocket.close(code);
    if (!this.#isClosed) this.#linger = setTimeout(() => this.#webSocket.terminate(), LINGER_MS);
  }

  #onEmpty(): void {
    this.#isDrainOwed = false;
    this.#events?.onDrained();
  }

  #onChunk({ length }: Buffer): void {
    this.#chunkBytes = length;
    this.#heldBytes += length;
    if (this.#heldBytes <= this.#heldBytesMax || this.#isOver) return;
    const message = `more than ${this.#heldBytesMax} bytes of a WebSocket frame before CONNECT`;
    this.#error ??= new ChannelFault(message, {
      endedBy: 'us',
      next: 'send CONNECT in a frame of its own',
    });
    this.#isOver = true;
    this.#webSocket.close(TOO_BIG);
    // To read on, as after any other close, would be to hold what is too much.
    this.#webSocket.pause();
    awaitEmpty(this.#socket, () => this.#webSocket.terminate());
  }

  #onMessage(data: RawData, isBinary: boolean): void {
    // What is behind this frame came with the last chunk, if at all.
    this.#heldBytes = this.#chunkBytes;
    if (this.#isOver) return;
    if (isBinary) {
      assert(data instanceof Buffer, 'ws brings messages as one buffer');
      this.#events?.onBytes(data);
      return;
    }
    // [MQTT-6.0.0-1]
    this.#error ??= new ChannelFault('a WebSocket text frame', {
      endedBy: 'us',
      clause: 'MQTT-6.0.0-1',
      next: 'send MQTT in binary frames',
    });
    this.#close(UNSUPPORTED_DATA);
  }

  #onWebSocketError(error: Error): void {
    const endedBy = 'us';
    this.#error ??= new ChannelFault(`WebSocket: ${error.message}`, { endedBy, cause: error });
  }

  #noteError(error: Error): void {
    this.#error ??= this.#explain === undefined ? error : this.#explain(error);
  }

  #onClose(code: number, reason: string): void {
    this.#isClosed = true;
    clearTimeout(this.#linger);
    const isPeaceful = [NORMAL, GOING_AWAY, NO_STATUS, NO_HANDSHAKE].includes(code);
    if (!isPeaceful && !this.#isOver) {
      const why = reason === '' ? '' : ` (${JSON.stringify(reason)})`;
      const message = `the WebSocket was closed with ${code}${why}`;
      this.#error ??= new ChannelFault(message, { endedBy: 'peer' });
    }
    this.#events?.onClosed(this.#error);
  }
}
