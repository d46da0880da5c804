import { Buffer } from 'node:buffer';
import type { ByteChannel, ChannelEvents } from '../base/byte-channel.ts';
import type { Waiter } from '../base/deadlines.ts';
import { FrameSplitter, type FrameTarget } from '../codec/frame-splitter.ts';
import type { Packet, ProtocolLevel, PublishPacket } from '../codec/packet.ts';
import { PacketReader } from '../codec/packet-reader.ts';
import { PACKET_TYPES, packetNameOf } from '../codec/packet-type.ts';
import { ProtocolError } from '../codec/protocol-error.ts';
import { readPacket } from '../codec/read-packet.ts';
import { type ReasonName, reasonCode } from '../codec/reason-code.ts';
import { writePacket } from '../codec/write-packet.ts';
import { nextServerState, type ServerState } from '../session/connection-state.ts';
import { keepAliveDeadlineMs } from '../session/keep-alive.ts';
import type { BrokerCore } from './broker-core.ts';
import type { ClientSession } from './client-session.ts';
import { type ConnectionEnd, endEvent } from './connection-end.ts';
import { ConnectionOutput } from './connection-output.ts';
import { onPacket } from './packet-steps.ts';
import { ResponseOrder } from './response-order.ts';
import type { Holdable } from './slow-episode.ts';

/** How long a closing connection may take to send what it still has. */
const LINGER_MS = 2_000;
/** What a client that names no limit takes: the protocol's own (section 3.1.2.11.4). */
const PACKET_BYTES_MAX = 268_435_460;

/** What a client said about itself in CONNECT, and what holds for it by that. */
export interface ClientTerms {
  readonly keepAliveSeconds: number;
  /** Largest packet that the client takes [MQTT-3.1.2-24]. */
  readonly packetBytesMax: number;
  /** Unfinished messages that the client takes, within our own limit [MQTT-3.3.4-9]. */
  readonly inflightMax: number;
  /** Whether Reason String and User Property are wanted outside errors [MQTT-3.1.2-29]. */
  readonly wantsProblemInformation: boolean;
}

const NO_TERMS: ClientTerms = {
  keepAliveSeconds: 0,
  packetBytesMax: PACKET_BYTES_MAX,
  inflightMax: 1,
  wantsProblemInformation: true,
};

/**
 * One network connection of a client: bytes in, packets to `onPacket`, packets out, and the one
 * place where a `ProtocolError` is caught.
 *
 * Its life is `ServerState`; after `closed` nothing is read and nothing sent.
 */
export class Connection implements ChannelEvents, FrameTarget, Waiter, Holdable {
  readonly core: BrokerCore;
  readonly channel: ByteChannel;
  readonly responses = new ResponseOrder();
  /** Topics by the alias that the client has given them; they end with the connection. */
  topicAliases: Map<number, string> | undefined = undefined;
  state: ServerState = { kind: 'awaitingConnect' };
  /** Undefined until CONNECT is accepted, and again when another connection takes it over. */
  session: ClientSession | undefined = undefined;
  clientId: string | undefined = undefined;
  terms: ClientTerms = NO_TERMS;
  /** The version spoken; 4 until CONNECT says so, since its answer to bytes of no meaning is none. */
  level: ProtocolLevel = 4;
  readonly output: ConnectionOutput;
  readonly #splitter = new FrameSplitter(this);
  readonly #reader = new PacketReader();
  readonly #onGone: () => void;
  #lastReceivedMs: number;
  /** Frames that came behind CONNECT while it is judged; undefined at all other times. */
  #waiting: Buffer[] | undefined = undefined;
  #holders = 0;
  /** When a connection that is closing is cut off. */
  #lingerUntilMs: number | undefined = undefined;

  /** @param onGone called once when the channel is closed. */
  constructor(core: BrokerCore, channel: ByteChannel, onGone: () => void) {
    this.core = core;
    this.#onGone = onGone;
    this.channel = channel;
    this.output = new ConnectionOutput(core, this);
    this.#lastReceivedMs = core.ports.nowMs();
    this.#reader.sender = 'client';
    channel.listen(this);
    this.schedule();
  }

  get isOpen(): boolean {
    return this.state.kind !== 'closed';
  }

  onBytes(chunk: Buffer): void {
    if (!this.isOpen) return;
    this.core.counters.bytesReceived += chunk.length;
    this.#guard(() => this.#splitter.push(chunk));
  }

  onHeader(firstByte: number, packetBytes: number): void {
    const name = packetNameOf(firstByte);
    if (this.state.kind === 'awaitingConnect') {
      if (name !== 'connect') throw this.#firstPacketError(firstByte, name);
      this.#requireSize(packetBytes, this.core.config.connectBytesMax);
      return;
    }
    if (name !== undefined && PACKET_TYPES[name].sentBy === 'server') {
      const message = `${name.toUpperCase()} is not for a client to send`;
      throw new ProtocolError('direction', message, { level: this.level, offset: 0 });
    }
    this.#requireSize(packetBytes, this.core.config.packetBytesMax);
  }

  onFrame(frame: Buffer): void {
    if (this.#waiting !== undefined) {
      this.#waiting.push(Buffer.from(frame)); // Behind CONNECT, in one chunk with it at most.
      return;
    }
    this.core.counters.packetsReceived += 1;
    this.#lastReceivedMs = this.core.ports.nowMs();
    this.#reader.level = this.level;
    this.#reader.reset(frame, 0, frame.length);
    const packet = this.#read();
    const next = nextServerState(this.state, packet);
    // DISCONNECT closes in its own step, which may still refuse it.
    if (next.kind !== 'closed') this.state = next;
    onPacket(this, packet);
  }

  /** Judging CONNECT takes time: what came behind it waits, and nothing more is read. */
  awaitVerdict(): void {
    this.#waiting = [];
    this.hold();
  }

  /** The verdict is here: goes on with what has waited, in order [MQTT-3.1.4-6]. */
  resumeAfterVerdict(): void {
    const waiting = this.#waiting;
    if (waiting === undefined) return;
    this.#waiting = undefined;
    this.#guard(() => {
      for (const frame of waiting) {
        if (this.isOpen) this.onFrame(frame);
      }
    });
    this.letGo();
  }

  /** CONNECT was accepted: its Keep Alive holds from now on. */
  onAccepted(): void {
    this.state = { kind: 'connected', level: this.level };
    this.schedule();
  }

  /** Sends a packet at the end of this turn; false if it is larger than the client takes. */
  send(packet: Packet): boolean {
    const bytes = writePacket(this.core.writer, packet, this.level);
    if (bytes.length > this.terms.packetBytesMax) return false;
    this.output.append(bytes);
    return true;
  }

  /** Sends a message; false if it is too large for the client [MQTT-3.1.2-25]. */
  sendPublish(packet: PublishPacket): boolean {
    if (!this.send(packet)) return false;
    this.core.counters.messagesSent += 1;
    this.output.noteMessage();
    return true;
  }

  onDrained(): void {
    this.output.onDrained();
  }

  /** All that was to be sent has left: whoever waited for room goes on. */
  onRoom(): void {
    this.session?.pump();
  }

  onClosed(error: Error | undefined): void {
    const wasOpen = this.isOpen;
    this.core.connections.delete(this);
    this.core.deadlines.set(this, undefined);
    this.output.discard();
    if (wasOpen) {
      const message = error === undefined ? 'the client closed the connection' : error.message;
      this.#leave({ by: 'network', message, keepsWill: true });
    }
    this.#onGone();
  }

  /** Sets the moment at which this connection wants to be looked at next. */
  schedule(): void {
    this.core.deadlines.set(this, this.#nextDeadlineMs());
    this.core.rearm();
  }

  /** Stops reading until as many let go as have taken hold. */
  hold(): void {
    this.#holders += 1;
    if (this.#holders === 1) this.channel.pause();
  }

  letGo(): void {
    this.#holders -= 1;
    if (this.#holders === 0 && this.isOpen) this.channel.resume();
  }

  onDeadline(nowMs: number): void {
    if (this.#lingerUntilMs !== undefined) {
      if (nowMs >= this.#lingerUntilMs) this.channel.destroy();
    } else if (this.state.kind === 'awaitingConnect' || this.state.kind === 'judging') {
      if (nowMs >= this.#connectDeadlineMs()) {
        this.end({ by: 'server', message: 'no CONNECT in time', keepsWill: false });
      }
    } else if (nowMs >= this.#keepAliveDeadlineMs()) {
      const silent = `nothing received for ${Math.round((nowMs - this.#lastReceivedMs) / 1000)} s`;
      const message = `${silent}, keep alive is ${this.terms.keepAliveSeconds} s`;
      this.end({ by: 'server', reason: 'keepAliveTimeout', message, keepsWill: true });
    } else if (this.output.isStuck(nowMs)) {
      const message = `the client took nothing for ${this.core.config.writeTimeoutMs} ms`;
      this.#leave({ by: 'server', message, keepsWill: true });
      this.channel.destroy();
    }
    this.schedule();
  }

  /** The client has said goodbye: nothing more is sent but what is already on its way. */
  leave(why: ConnectionEnd): void {
    this.#leave(why);
    this.close();
  }

  /** CONNECT is not accepted: CONNACK says why where the version can, and the connection closes. */
  refuse(why: ConnectionEnd & { readonly reason: ReasonName }): void {
    if (!this.isOpen) return;
    this.#leave(why);
    this.core.refuseConnect(this, why.reason, why.message);
    this.close();
  }

  /** Ends the connection from here: says why where the version allows it, and closes. */
  end(why: ConnectionEnd): void {
    if (!this.isOpen) return;
    const wasConnected = this.state.kind === 'connected';
    this.#leave(why);
    if (why.reason !== undefined && wasConnected) this.#sendDisconnect(why.reason, why.message);
    this.close();
  }

  /** Closes once all is sent; for a client that has said goodbye, or was refused. */
  close(): void {
    this.state = { kind: 'closed' };
    this.#splitter.stop();
    this.output.flush();
    this.channel.end();
    this.#lingerUntilMs = this.core.ports.nowMs() + LINGER_MS;
    this.schedule();
  }

  /** The connection counts no more: the session hears of it, and the log. */
  #leave(why: ConnectionEnd): void {
    this.state = { kind: 'closed' };
    this.#splitter.stop();
    this.core.ports.log(endEvent(this, why));
    const { session } = this;
    this.session = undefined;
    if (session !== undefined) this.core.onConnectionEnd(session, this, why.keepsWill);
  }

  #read(): Packet {
    try {
      return readPacket(this.#reader);
    } finally {
      if (this.state.kind === 'awaitingConnect') this.level = this.#reader.level;
    }
  }

  /** Runs what the client's bytes set off. What goes wrong ends this connection, and no other. */
  #guard(step: () => void): void {
    try {
      step();
    } catch (error) {
      this.#splitter.stop();
      if (!this.isOpen) this.#logBug(error);
      else if (error instanceof ProtocolError) this.#refuse(error);
      else {
        this.#logBug(error);
        const message = 'an internal error';
        this.end({
          by: 'server',
          reason: 'implementationSpecificError',
          message,
          keepsWill: true,
        });
      }
    }
  }

  #refuse(error: ProtocolError): void {
    const { what: message, reason } = error;
    if (this.state.kind === 'connected') {
      this.end({ by: 'server', reason, message, error, keepsWill: true });
      return;
    }
    // Bytes that are no CONNECT at all get no answer [MQTT-3.14.0-1], nor does an unknown protocol.
    const isSilent = error.rule === 'connect-first' || error.rule === 'protocol-name';
    const why = { by: 'server', reason, message, error, keepsWill: false } as const;
    if (isSilent) this.leave(why);
    else this.refuse(why);
  }

  #logBug(error: unknown): void {
    const stack = error instanceof Error ? error.stack : String(error);
    const fields = { client: this.clientId, addr: this.channel.peer, stack };
    this.core.ports.log({ level: 'error', event: 'internal_error', fields });
  }

  #sendDisconnect(reason: ReasonName, reasonString: string): void {
    if (this.level !== 5) return;
    const code = reasonCode(reason);
    const isSent = this.send({
      type: 'disconnect',
      reasonCode: code,
      properties: { reasonString },
    });
    if (!isSent) this.send({ type: 'disconnect', reasonCode: code, properties: {} });
  }

  #firstPacketError(firstByte: number, name: string | undefined): ProtocolError {
    const what = name === undefined ? `byte 0x${firstByte.toString(16)}` : name.toUpperCase();
    const message = `the first packet is ${what}, not CONNECT`;
    return new ProtocolError('connect-first', message, { level: 5, offset: 0 });
  }

  #requireSize(packetBytes: number, max: number): void {
    if (packetBytes <= max) return;
    const message = `a packet of ${packetBytes} bytes, ${max} is the most`;
    const { level } = this;
    throw new ProtocolError('packet-too-large', message, {
      level,
      offset: 1,
      subjects: ['client'],
    });
  }

  #connectDeadlineMs(): number {
    return this.#lastReceivedMs + this.core.config.connectTimeoutMs;
  }

  #keepAliveDeadlineMs(): number {
    return keepAliveDeadlineMs(this.#lastReceivedMs, this.terms.keepAliveSeconds);
  }

  #nextDeadlineMs(): number {
    if (this.#lingerUntilMs !== undefined) return this.#lingerUntilMs;
    if (this.state.kind !== 'connected') return this.#connectDeadlineMs();
    return Math.min(this.#keepAliveDeadlineMs(), this.output.stuckDeadlineMs);
  }
}
