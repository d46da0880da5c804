import type { Buffer } from 'node:buffer';
import type { ByteChannel, ChannelEvents } from '../base/byte-channel.ts';
import type { Waiter } from '../base/deadlines.ts';
import type { Packet, ProtocolLevel, PublishPacket } from '../codec/packet.ts';
import { ProtocolError } from '../codec/protocol-error.ts';
import type { ReasonName } from '../codec/reason-code.ts';
import { writePacket } from '../codec/write-packet.ts';
import { nextServerState, type ServerState } from '../session/connection-state.ts';
import { keepAliveDeadlineMs } from '../session/keep-alive.ts';
import type { Arrival } from './arrivals.ts';
import type { Authentication } from './authentication.ts';
import type { BrokerCore } from './broker-core.ts';
import type { ClientSession } from './client-session.ts';
import { type ClientTerms, NO_TERMS } from './client-terms.ts';
import type { UnprovenRequest } from './connect-step.ts';
import {
  type ConnectionEnd,
  endByFault,
  endEvent,
  lossOf,
  writeTimeout,
} from './connection-end.ts';
import { ConnectionInput } from './connection-input.ts';
import { ConnectionOutput } from './connection-output.ts';
import { withoutExplanation } from './explanation.ts';
import { endingDisconnect, refusingConnack } from './last-packet.ts';
import { LimitError } from './limit-error.ts';
import { LimitLog } from './limit-log.ts';
import { OutgoingAliases } from './outgoing-aliases.ts';
import { onPacket } from './packet-steps.ts';
import { ResponseOrder } from './response-order.ts';
import type { Holdable } from './slow-episode.ts';
import { TopicAliases } from './topic-aliases.ts';
import type { TopicRoute } from './topic-route.ts';
import type { Unaccepted } from './waiting-room.ts';

/** How long a closing connection may take to send what it still has. */
const LINGER_MS = 2_000;

/**
 * One network connection of a client: bytes in, packets to `onPacket`, packets out, and the one
 * place where a `ProtocolError` is caught.
 *
 * Its life is `ServerState`; after `closed` nothing is read and nothing sent.
 */
export class Connection implements ChannelEvents, Waiter, Holdable, Unaccepted {
  readonly core: BrokerCore;
  readonly channel: ByteChannel;
  readonly listener: string | undefined;
  readonly output: ConnectionOutput;
  readonly responses = new ResponseOrder(this);
  state: ServerState = { kind: 'awaitingConnect' };
  /** Undefined until CONNECT is accepted, and again when another connection takes it over. */
  session: ClientSession | undefined = undefined;
  /** As in CONNECT, or assigned; undefined until CONNECT has come. */
  clientId: string | undefined = undefined;
  userName: string | undefined = undefined;
  terms: ClientTerms = NO_TERMS;
  /** The topic that it published to last, by the hot path. */
  lastTopic: TopicRoute | undefined = undefined;
  /** Where CONNECT named a method of enhanced authentication. */
  authentication: Authentication | undefined = undefined;
  /** The CONNECT of a client that has not proven yet who it is. */
  unproven: UnprovenRequest | undefined = undefined;
  /** What it sends. */
  readonly input: ConnectionInput;
  /** Bytes of PUBLISH since they were last looked at: who sends most is held up first. */
  publishedLately = 0;
  readonly #onGone: () => void;
  readonly openedMs: number;
  #lastReceivedMs: number;
  /** Made by the first alias: most clients set none. */
  #topicAliases: TopicAliases | undefined = undefined;
  /** Made by the first message to a client that takes aliases. */
  #outgoingAliases: OutgoingAliases | undefined = undefined;
  /** Made by the first refusal that does not end the connection. */
  #limitLog: LimitLog | undefined = undefined;
  #holders = 0;
  /** Whether it is not read because it does not take what it is answered. */
  #isFlooded = false;
  /** When a connection that is closing is cut off. */
  #lingerUntilMs: number | undefined = undefined;

  constructor(core: BrokerCore, { channel, listener, onGone }: Arrival) {
    this.core = core;
    this.channel = channel;
    this.listener = listener;
    this.output = new ConnectionOutput(core, this);
    this.input = new ConnectionInput(core.config, this, core.inputs);
    this.#onGone = onGone;
    this.openedMs = core.ports.nowMs();
    this.#lastReceivedMs = this.openedMs;
    channel.listen(this);
    this.schedule();
  }

  get isOpen(): boolean {
    return this.state.kind !== 'closed';
  }

  /** The version spoken; 4 until CONNECT says which. */
  get level(): ProtocolLevel {
    return this.input.level;
  }

  get topicAliases(): TopicAliases {
    const { config, memory } = this.core;
    this.#topicAliases ??= new TopicAliases(config.topicAliasMaximum, memory);
    return this.#topicAliases;
  }

  get limitLog(): LimitLog {
    this.#limitLog ??= new LimitLog(this.core.ports, this);
    return this.#limitLog;
  }

  /** How long the client has been here. */
  get ageSeconds(): number {
    return Math.floor((this.core.ports.nowMs() - this.openedMs) / 1000);
  }

  /** Whether more waits for the client than should, although it is here. */
  get isBehind(): boolean {
    return this.session?.outbound.isBehind === true;
  }

  onBytes(chunk: Buffer): void {
    if (!this.isOpen) return;
    this.core.counters.bytesReceived += chunk.length;
    this.guard(() => this.input.push(chunk));
    if (this.#isFlooded || !this.output.isOverfull || !this.isOpen) return;
    this.#isFlooded = true;
    this.hold();
  }

  onPacket(packet: Packet, packetBytes: number): void {
    this.core.counters.packetsReceived += 1;
    this.#lastReceivedMs = this.core.ports.nowMs();
    const next = nextServerState(this.state, packet);
    // DISCONNECT closes in its own step, which may still refuse it.
    if (next.kind !== 'closed') this.state = next;
    onPacket(this, packet, packetBytes);
  }

  /** Frames that need no thought go the hot way. */
  takeFrames(bytes: Buffer, start: number, end: number): number {
    if (this.state.kind !== 'connected') return start;
    const next = this.core.hotPath?.take(this, bytes, start, end) ?? start;
    if (next > start) this.#lastReceivedMs = this.core.ports.nowMs();
    return next;
  }

  onDrained(): void {
    this.guard(() => this.output.onDrained());
  }

  onClosed(error: Error | undefined): void {
    this.core.forget(this);
    this.#lingerUntilMs = undefined;
    this.output.discard();
    if (this.isOpen) this.guard(() => this.#leave(lossOf(this.state, this.input.heldBytes, error)));
    this.schedule();
    this.#onGone();
  }

  /** All that was to be sent has left: whoever waited for room goes on. */
  onRoom(): void {
    if (this.#isFlooded) {
      this.#isFlooded = false;
      this.letGo();
    }
    this.guard(() => this.session?.outbound.pump());
  }

  /**
   * Has CONNECT judged by `step`, which calls back once it is accepted or refused, at once or
   * later: what comes behind it waits, and nothing more is read [MQTT-3.1.4-6].
   */
  judge(step: (onJudged: () => void) => void): void {
    let isJudged = false;
    step(() => {
      isJudged = true;
      if (!this.input.isWaiting) return;
      this.guard(() => this.input.goOn());
      this.letGo();
    });
    if (isJudged || !this.isOpen) return;
    this.input.wait();
    this.hold();
  }

  /** CONNECT was accepted: its Keep Alive holds from now on. */
  onAccepted(): void {
    this.state = { kind: 'connected', level: this.level };
    this.core.waitingRoom.onAccepted(this);
    this.schedule();
  }

  /** It has not been accepted, and others wait that may be sooner. */
  giveWay(): void {
    const message = 'others need the room, and it has not been accepted yet';
    const why = { by: 'server', message, keepsWill: false } as const;
    if (this.state.kind === 'judging') this.refuse({ ...why, reason: 'serverBusy' });
    else this.end(why);
  }

  /**
   * Sends a packet at the end of this turn, without what explains it if that is too much; false if
   * it is larger than the client takes even so.
   */
  send(packet: Packet): boolean {
    const bytes = writePacket(this.core.writer, packet, this.level);
    if (bytes.length > this.terms.packetBytesMax) {
      const shorter = withoutExplanation(packet);
      return shorter !== undefined && this.send(shorter);
    }
    this.output.append(bytes);
    return true;
  }

  /** Sends an answer: a client that has no room for it would wait for nothing, and is let go. */
  reply(packet: Packet): void {
    if (this.send(packet)) return;
    const answer = packet.type.toUpperCase();
    const message = `${answer} does not fit into ${this.terms.packetBytesMax} bytes`;
    this.end({ by: 'server', reason: 'packetTooLarge', message, keepsWill: true });
  }

  /** Sends a message; false if it is too large for the client [MQTT-3.1.2-25]. */
  sendPublish(packet: PublishPacket): boolean {
    if (!this.#sendShortened(packet)) return false;
    this.core.counters.messagesSent += 1;
    this.output.noteMessage();
    return true;
  }

  #sendShortened(packet: PublishPacket): boolean {
    const { topicAliasesOutMax } = this.terms;
    if (topicAliasesOutMax === 0) return this.send(packet);
    this.#outgoingAliases ??= new OutgoingAliases(topicAliasesOutMax);
    const shortened = this.#outgoingAliases.shorten(packet);
    // An alias takes bytes too, for which there may be no room.
    if (!this.send(shortened)) return shortened !== packet && this.send(packet);
    this.#outgoingAliases.onSent(shortened);
    return true;
  }

  /** Sets the moment at which this connection wants to be looked at next. */
  schedule(): void {
    this.core.deadlines.set(this, this.#nextDeadlineMs());
    this.core.rearm();
  }

  /** Stops reading until as many let go as have taken hold. */
  hold(): void {
    this.#holders += 1;
    if (this.#holders === 1 && this.isOpen) this.channel.pause();
  }

  letGo(): void {
    this.#holders -= 1;
    if (this.#holders > 0 || !this.isOpen) return;
    // What the client has sent meanwhile has not been seen: its silence counts from here.
    this.#lastReceivedMs = this.core.ports.nowMs();
    this.channel.resume();
    this.schedule();
  }

  onDeadline(nowMs: number): void {
    this.guard(() => this.#onDue(nowMs));
  }

  /** The client has said goodbye: nothing more is sent but what is already on its way. */
  leave(why: ConnectionEnd): void {
    this.#leave(why);
    this.#close();
  }

  /** CONNECT is not accepted: CONNACK says why where the version can, and the connection closes. */
  refuse(why: ConnectionEnd & { readonly reason: ReasonName }): void {
    if (!this.isOpen) return;
    this.#leave(why);
    this.#close(refusingConnack(this, why));
  }

  /** Ends the connection from here: says why where the version allows it, and closes. */
  end(why: ConnectionEnd): void {
    if (!this.isOpen) return;
    const wasConnected = this.state.kind === 'connected';
    this.#leave(why);
    this.#close(wasConnected ? endingDisconnect(this, why) : undefined);
  }

  /** Runs what concerns this client. What goes wrong ends this connection, and no other. */
  guard(step: () => void): void {
    try {
      step();
    } catch (error) {
      this.#onError(error);
    }
  }

  #onError(error: unknown): void {
    const isPeersFault = error instanceof ProtocolError || error instanceof LimitError;
    if (this.isOpen && isPeersFault) {
      this.guard(() => this.#onFault(error));
      return;
    }
    this.core.logBug(error, this.clientId, this.channel.peer);
    const reason = 'implementationSpecificError';
    const why = { by: 'server', reason, message: 'an internal error', keepsWill: true } as const;
    // What went wrong while it was ending leaves nothing but to cut it off.
    if (this.isOpen) this.guard(() => this.end(why));
    else this.channel.destroy();
  }

  #onFault(fault: ProtocolError | LimitError): void {
    const why = endByFault(fault, this.input);
    // Bytes that are no CONNECT at all get no answer [MQTT-3.14.0-1], nor does an unknown protocol.
    const isSilent = why.error?.rule === 'connect-first' || why.error?.rule === 'protocol-name';
    if (this.state.kind === 'connected') this.end(why);
    else if (isSilent) this.leave(why);
    else this.refuse(why);
  }

  #onDue(nowMs: number): void {
    if (this.#lingerUntilMs !== undefined) {
      this.channel.destroy();
      return;
    }
    if (this.state.kind !== 'connected') this.#giveUpConnecting(nowMs);
    else if (nowMs >= this.#keepAliveDeadlineMs()) {
      const silent = `nothing received for ${Math.round((nowMs - this.#lastReceivedMs) / 1000)} s`;
      const message = `${silent}, keep alive is ${this.terms.keepAliveSeconds} s`;
      this.end({ by: 'server', reason: 'keepAliveTimeout', message, keepsWill: true });
    } else if (this.output.isStuck(nowMs)) {
      this.#leave(writeTimeout(this.core.config));
      this.channel.destroy();
    }
    this.schedule();
  }

  #giveUpConnecting(nowMs: number): void {
    if (nowMs < this.#connectDeadlineMs()) return;
    if (this.state.kind === 'awaitingConnect') {
      this.end({ by: 'server', message: 'no CONNECT in time', keepsWill: false });
    } else {
      const message = 'CONNECT could not be judged in time';
      this.refuse({ by: 'server', reason: 'serverUnavailable', message, keepsWill: false });
    }
  }

  /** Closes once all is sent, and this last of all. */
  #close(lastPacket?: Packet): void {
    this.output.dropHeld();
    if (lastPacket !== undefined) this.send(lastPacket);
    this.output.flush();
    this.#lingerUntilMs = this.core.ports.nowMs() + LINGER_MS;
    this.schedule();
    this.channel.end();
  }

  /** The connection counts no more: the session hears of it, and the log. */
  #leave(why: ConnectionEnd): void {
    const wasConnected = this.state.kind === 'connected';
    this.state = { kind: 'closed' };
    this.core.waitingRoom.leave(this, wasConnected);
    this.core.flapping.leave(this);
    this.input.stop();
    this.#topicAliases?.end();
    this.responses.close();
    this.core.ports.log(endEvent(this, why, wasConnected));
    const { session } = this;
    this.session = undefined;
    if (session === undefined) return;
    // The will of a client that was never accepted is none.
    const keepsWill = why.keepsWill && wasConnected;
    this.core.onConnectionEnd(session, this, { keepsWill, isTakenOver: why.isTakenOver === true });
  }

  #connectDeadlineMs(): number {
    return this.openedMs + this.core.config.connectTimeoutMs;
  }

  /** Who is not read cannot be blamed for its silence. */
  #keepAliveDeadlineMs(): number {
    if (this.#holders > 0) return Number.POSITIVE_INFINITY;
    return keepAliveDeadlineMs(this.#lastReceivedMs, this.terms.keepAliveSeconds);
  }

  #nextDeadlineMs(): number | undefined {
    if (this.#lingerUntilMs !== undefined) return this.#lingerUntilMs;
    if (!this.isOpen) return undefined;
    if (this.state.kind !== 'connected') return this.#connectDeadlineMs();
    return Math.min(this.#keepAliveDeadlineMs(), this.output.stuckDeadlineMs);
  }
}
