import { Buffer } from 'node:buffer';
import { connect, type Socket } from 'node:net';
import { FrameSplitter } from '../../src/codec/frame-splitter.ts';
import type { Packet, ProtocolLevel } from '../../src/codec/packet.ts';
import { PacketReader } from '../../src/codec/packet-reader.ts';
import { ProtocolError } from '../../src/codec/protocol-error.ts';
import { readPacket } from '../../src/codec/read-packet.ts';
import { inspectPacket } from '../../src/inspect/inspect-packet.ts';

/** What a broker has sent: a packet, or the rule that its bytes break. */
export type Received =
  | (Packet & { /** With its fixed header. */ readonly wireBytes: number })
  | { readonly type: 'unreadable'; readonly rule: string };

/** How long a broker may be silent before it counts as mute: none is, unless it is broken. */
const PATIENCE_MS = 5000;

/** One TCP connection to a broker, that sends any bytes and reads packets. */
export class RawClient {
  readonly received: Received[] = [];
  level: ProtocolLevel = 5;
  isClosed = false;
  /** Set where a broker neither answers nor closes. */
  isMute = false;
  /** Called for each packet, once it is in `received`. */
  onReceived: (packet: Received) => void = () => {};
  readonly #socket: Socket;
  readonly #reader = new PacketReader();
  readonly #splitter = new FrameSplitter({
    onHeader: () => {},
    onFrame: (frame) => this.#take(frame),
  });
  /** Those who wait, each until its condition holds. */
  readonly #waiting = new Set<() => void>();

  constructor(port: number) {
    this.#reader.sender = 'server';
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true });
    this.#socket.on('data', (chunk) => this.#push(chunk));
    // A broker that closes with bytes unread resets the connection: closed is all that counts.
    this.#socket.on('error', () => {});
    this.#socket.on('close', () => {
      this.isClosed = true;
      this.#wake();
    });
  }

  write(bytes: Buffer): void {
    this.#socket.write(bytes);
  }

  /** Closes this side, behind `bytes`, and waits until the other one has closed. */
  async close(bytes: Buffer = Buffer.alloc(0)): Promise<void> {
    this.#socket.end(bytes);
    await this.until(() => false);
  }

  /** Waits until it holds, or the connection is closed; a broker that does neither is mute. */
  async until(holds: () => boolean): Promise<void> {
    if (holds() || this.isClosed) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => {
        this.isMute = true;
        this.#socket.destroy();
      }, PATIENCE_MS);
      const check = (): void => {
        if (!holds() && !this.isClosed) return;
        clearTimeout(timer);
        this.#waiting.delete(check);
        resolve();
      };
      this.#waiting.add(check);
    });
  }

  /** Forgets what was received. */
  clear(): void {
    this.received.length = 0;
  }

  #push(chunk: Buffer): void {
    try {
      this.#splitter.push(chunk);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#keep({ type: 'unreadable', rule: error.rule });
      this.#splitter.stop();
    }
    this.#wake();
  }

  #take(view: Buffer): void {
    const frame = Buffer.from(view); // Payloads are views, and are kept.
    this.#reader.level = readingLevel(frame, this.level);
    this.#reader.reset(frame, 0, frame.length);
    try {
      this.#keep({ ...readPacket(this.#reader), wireBytes: frame.length });
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#keep(this.#readBroken(frame, error.rule));
    }
  }

  /** A message is a message, whatever is wrong with it: it wants its ack. */
  #readBroken(frame: Buffer, rule: string): Received {
    const { level, sender } = this.#reader;
    const { packet } = inspectPacket(frame, { level, sender, size: frame.length });
    if (packet?.type !== 'publish') return { type: 'unreadable', rule };
    return { ...packet, wireBytes: frame.length };
  }

  #keep(packet: Received): void {
    this.received.push(packet);
    this.onReceived(packet);
  }

  #wake(): void {
    for (const check of [...this.#waiting]) check();
  }
}

/** CONNACK comes in the form that the broker chooses for a version which it does not know. */
function readingLevel(frame: Buffer, level: ProtocolLevel): ProtocolLevel {
  const isConnack = frame[0] === 0x20;
  if (isConnack && frame[1] === 2) return level === 5 ? 4 : level;
  return isConnack ? 5 : level;
}
