import type { Buffer } from 'node:buffer';
import type { Socket } from 'node:net';
import { assert } from '../base/assert.ts';
import type { ByteChannel, ChannelEvents } from '../base/byte-channel.ts';
import { awaitEmpty } from './await-empty.ts';
import { renderHostPort } from './host-port.ts';
import type { SocketTerms } from './open-socket.ts';

/** How long an idle connection is before the machine asks whether the other is still there. */
const KEEP_ALIVE_MS = 60_000;

/**
 * How long we wait for the peer to close after us. Closing at once would be shorter, but where
 * bytes of the peer lie unread it resets the connection, and our last packet with it.
 */
const LINGER_MS = 2000;

const CHANNEL = Symbol('channel');

/** What a channel does not learn from its socket. */
export interface ChannelTerms extends Pick<SocketTerms, 'isDelayed'> {
  /** What the other end is called, where it has no address. */
  readonly peer?: string | undefined;
  /** Explains an error that ends the connection, where more can be said than the system does. */
  readonly explain?: ((error: Error) => Error) | undefined;
}

/** So that the listeners are functions of all sockets, not closures of each. */
interface ChannelSocket extends Socket {
  [CHANNEL]: SocketChannel;
}

/**
 * Makes a connected socket a `ByteChannel`, which then alone deals with it. No buffer is held
 * while nothing is written. No error of the socket is left to the process from here on, and
 * nothing that it brings is lost before `listen`.
 */
export function socketChannel(socket: Socket, terms: ChannelTerms = {}): ByteChannel {
  const channel = new SocketChannel(socket, terms.peer ?? peerName(socket), terms.explain);
  (socket as ChannelSocket)[CHANNEL] = channel;
  if (terms.isDelayed !== true) socket.setNoDelay(true);
  socket.setKeepAlive(true, KEEP_ALIVE_MS);
  socket.on('error', onError);
  socket.on('close', onClose);
  return channel;
}

function peerName({ remoteAddress, remotePort }: Socket): string {
  return renderHostPort(remoteAddress ?? 'unknown', remotePort ?? 0);
}

function onData(this: Socket, chunk: Buffer): void {
  (this as ChannelSocket)[CHANNEL].takeBytes(chunk);
}

function onError(this: Socket, error: Error): void {
  (this as ChannelSocket)[CHANNEL].takeError(error);
}

function onClose(this: Socket): void {
  (this as ChannelSocket)[CHANNEL].takeClose();
}

class SocketChannel implements ByteChannel {
  readonly peer: string;
  readonly host: string | undefined;
  readonly #socket: Socket;
  readonly #explain: ChannelTerms['explain'];
  #events: ChannelEvents | undefined;
  /** The first one: what follows it is its consequence. */
  #error: Error | undefined;
  #linger: NodeJS.Timeout | undefined;
  /** Whether `write` has promised an `onDrained` that has not come yet. */
  #isDrainOwed = false;
  /** From `end` or `destroy` on, nothing that arrives is passed on. */
  #isOver = false;
  #isClosed = false;

  constructor(socket: Socket, peer: string, explain: ChannelTerms['explain']) {
    this.#socket = socket;
    this.#explain = explain;
    // Asked for now: a closed socket has forgotten it.
    this.host = socket.remoteAddress;
    this.peer = peer;
  }

  get unsentBytes(): number {
    return this.#socket.writableLength;
  }

  get hasPeerEnded(): boolean {
    return this.#socket.readableEnded;
  }

  listen(events: ChannelEvents): void {
    assert(this.#events === undefined, 'a channel has one listener');
    this.#events = events;
    if (this.#isClosed) queueMicrotask(() => events.onClosed(this.#error));
    else if (!this.#isOver) {
      this.#socket.on('data', onData);
      this.#socket.resume(); // A listener's sockets come unread.
    }
  }

  write(bytes: Buffer): boolean {
    // Closed for writing, by us or by the peer: `onClosed` is on its way.
    if (!this.#socket.writable) return true;
    this.#socket.write(bytes);
    if (this.#socket.writableLength === 0) return true;
    if (!this.#isDrainOwed) {
      this.#isDrainOwed = true;
      awaitEmpty(this.#socket, () => this.#onEmpty());
    }
    return false;
  }

  pause(): void {
    if (!this.#isOver) this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    // Reads on, to drop it: the peer's close lies behind all that it has sent.
    this.#socket.resume();
    this.#socket.end(() => {
      if (!this.#isClosed) this.#linger = setTimeout(() => this.#socket.destroy(), LINGER_MS);
    });
  }

  destroy(): void {
    this.#isOver = true;
    this.#socket.destroy();
  }

  #onEmpty(): void {
    this.#isDrainOwed = false;
    this.#events?.onDrained();
  }

  takeBytes(chunk: Buffer): void {
    if (!this.#isOver) this.#events?.onBytes(chunk);
  }

  takeError(error: Error): void {
    this.#error ??= this.#explain === undefined ? error : this.#explain(error);
  }

  takeClose(): void {
    this.#isClosed = true;
    clearTimeout(this.#linger);
    this.#events?.onClosed(this.#error);
  }
}
