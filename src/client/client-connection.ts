import type { Buffer } from 'node:buffer';
import { assert, assertNever } from '../base/assert.ts';
import type { ChannelEvents } from '../base/byte-channel.ts';
import { CallerError } from '../base/caller-error.ts';
import type {
  ConnackPacket,
  DisconnectPacket,
  Packet,
  ProtocolLevel,
  QoS,
  SubscriptionRequest,
} from '../codec/packet.ts';
import { NO_PROPERTIES, type PropertiesOf } from '../codec/properties.ts';
import { ProtocolError } from '../codec/protocol-error.ts';
import { type ClientState, nextClientState } from '../session/connection-state.ts';
import { ClientKeepAlive } from '../session/keep-alive.ts';
import {
  closedEarly,
  connectionLost,
  findOtherProtocol,
  noConnack,
  serverBroke,
  serverDisconnected,
  speaksOther,
} from './client-errors.ts';
import type { ClientSetup, Goodbye } from './client-host.ts';
import { welcomeOf } from './handshake.ts';
import { PacketInput } from './packet-input.ts';
import { PacketOutput } from './packet-output.ts';
import type { Publication, PublishDone } from './publication.ts';
import { PublishFlow } from './publish-flow.ts';
import { ReceiveFlow } from './receive-flow.ts';
import { type RequestDone, RequestFlow } from './request-flow.ts';
import {
  requirePublishable,
  requireSubscribable,
  type ServerLimits,
  serverLimits,
} from './server-limits.ts';

/** How long the peer may take to close after a goodbye. */
const CLOSE_MS_MAX = 2000;
/** Ends in peace: the will stays unsent. */
const PEACE: Goodbye = { reasonCode: 0, properties: NO_PROPERTIES };

/**
 * One connection of a client, from CONNECT to its close:
 *
 *     awaitingConnack -> CONNACK -> connected -> DISCONNECT -> ending -> closed
 *
 * It holds no socket, clock or timer. Whatever happens, `onEnd` is its last word.
 */
export class ClientConnection implements ChannelEvents {
  readonly #setup: ClientSetup;
  readonly #input: PacketInput;
  readonly #output: PacketOutput;
  readonly #publishing: PublishFlow;
  readonly #receiving: ReceiveFlow;
  readonly #requests: RequestFlow;
  #state: ClientState;
  #keepAlive: ClientKeepAlive;
  #limits: ServerLimits = serverLimits(NO_PROPERTIES);
  #hasAnswered = false;
  #wasAsked = false;
  /** Who waits for a PINGRESP; answers have no ids, and come in the order of what they answer. */
  readonly #pings: (() => void)[] = [];
  /** Why it ends; undefined while nothing is wrong. */
  #error: CallerError | undefined = undefined;
  /** When an ending that does not come by itself is made. */
  #closeAtMs = Number.POSITIVE_INFINITY;
  /** When the host will call; never later than something is due. */
  #wakesAtMs = Number.POSITIVE_INFINITY;

  constructor(setup: ClientSetup) {
    const { channel, connect, host, session } = setup;
    const { level, properties } = connect;
    const server = { side: 'server', level } as const;
    const packetBytesMax = properties.maximumPacketSize ?? Number.POSITIVE_INFINITY;
    const aliasMaximum = properties.topicAliasMaximum ?? 0;
    const output = new PacketOutput(channel, level, {
      atTurnEnd: (callback) => host.atTurnEnd(callback),
      onSent: (packet) => {
        this.#keepAlive.onSent(host.nowMs());
        host.onPacket?.('sent', packet);
      },
    });
    this.#setup = setup;
    this.#state = { kind: 'awaitingConnack', level };
    this.#keepAlive = new ClientKeepAlive(0, host.nowMs());
    this.#input = new PacketInput(level, packetBytesMax, (packet) => this.#onPacket(packet));
    this.#output = output;
    this.#publishing = new PublishFlow(session, server, output);
    this.#receiving = new ReceiveFlow(session, { level, aliasMaximum }, output, (message) =>
      host.onMessage(message),
    );
    this.#requests = new RequestFlow(session.outbound.ids, server, output);
  }

  /** Sends CONNECT. @throws UnsendableError if the version cannot say what is asked for. */
  start(): void {
    const { channel, connect } = this.#setup;
    this.#output.send({ type: 'connect', ...connect });
    channel.listen(this);
    this.#wake();
  }

  /** The version that it speaks. */
  get level(): ProtocolLevel {
    return this.#setup.connect.level;
  }

  /** Whether it is ending, or at its end: nothing is sent any more. */
  get isOver(): boolean {
    return this.#state.kind === 'ending' || this.#state.kind === 'closed';
  }

  /** Whether a message can be sent now; if not, it may after a `done`, or after `onDrained`. */
  hasRoom(qos: QoS): boolean {
    if (this.#state.kind !== 'connected' || this.#output.isBackedUp) return false;
    return qos === 0 || this.#setup.session.outbound.hasRoom;
  }

  /**
   * Sends a message; at QoS 1 and 2 there must be room.
   *
   * @throws CallerError refused if the server has said that it takes no such message; nothing is
   *   sent then, and `done` is not called.
   */
  publish(publication: Publication, done: PublishDone): void {
    assert(this.#state.kind === 'connected', 'only a connected client publishes');
    requirePublishable(this.#limits, publication);
    this.#publishing.publish(publication, done);
  }

  /** Subscribes to all of them with one packet. @throws CallerError refused, as `publish` does. */
  subscribe(
    subscriptions: readonly SubscriptionRequest[],
    properties: PropertiesOf<'subscribe'>,
    done: RequestDone,
  ): void {
    assert(this.#state.kind === 'connected', 'only a connected client subscribes');
    requireSubscribable(this.#limits, subscriptions, properties);
    this.#requests.subscribe(subscriptions, properties, done);
  }

  /** Unsubscribes from all of them with one packet. */
  unsubscribe(
    topicFilters: readonly string[],
    properties: PropertiesOf<'unsubscribe'>,
    done: RequestDone,
  ): void {
    assert(this.#state.kind === 'connected', 'only a connected client unsubscribes');
    this.#requests.unsubscribe(topicFilters, properties, done);
  }

  /** Sends PINGREQ, and calls once its answer has come: what the server sent before came first. */
  ping(done: () => void): void {
    assert(this.#state.kind === 'connected', 'only a connected client pings');
    this.#pings.push(done);
    this.#output.send({ type: 'pingreq' });
  }

  /** Reads no more, so that the server is held up; what has arrived is still handed over. */
  pause(): void {
    this.#keepAlive.pause();
    this.#setup.channel.pause();
  }

  /** Reads on. */
  resume(): void {
    this.#keepAlive.resume(this.#setup.host.nowMs());
    this.#setup.channel.resume();
    this.#wake();
  }

  /** Says goodbye, and waits for the peer to close: `onEnd` comes within two seconds. */
  end(): void {
    if (this.isOver) return;
    const { channel, server } = this.#setup;
    // What was written since then went nowhere, though the machine has taken it.
    if (channel.hasPeerEnded) this.#error = connectionLost(`${server} closed it`);
    this.#wasAsked = true;
    this.#goodbye(this.#setup.goodbye ?? PEACE);
  }

  onBytes(chunk: Buffer): void {
    const other = this.#hasAnswered ? undefined : findOtherProtocol(chunk);
    this.#hasAnswered = true;
    if (this.isOver) return;
    try {
      this.#input.push(chunk);
    } catch (error) {
      this.#onFault(error, other);
    }
    this.#wake();
  }

  onDrained(): void {
    this.#output.onDrained();
    this.#setup.host.onDrained();
  }

  onClosed(cause: Error | undefined): void {
    const { server } = this.#setup;
    const { kind } = this.#state;
    if (cause instanceof CallerError) this.#finish(this.#error ?? cause);
    else if (kind === 'awaitingConnack') this.#finish(closedEarly(server, cause));
    else if (kind === 'ending' && cause === undefined) this.#finish(this.#error);
    else {
      const how = cause === undefined ? `${server} closed it` : cause.message;
      this.#finish(this.#error ?? connectionLost(how, undefined, cause));
    }
  }

  /** The moment has come for which `wakeAt` was called. */
  onDeadline(nowMs: number): void {
    const { connackBeforeMs, server } = this.#setup;
    this.#wakesAtMs = Number.POSITIVE_INFINITY;
    switch (this.#state.kind) {
      case 'awaitingConnack':
        if (nowMs >= connackBeforeMs) this.#abort(noConnack(server));
        break;
      case 'connected':
        this.#keepAliveAt(nowMs);
        break;
      case 'ending':
        if (nowMs >= this.#closeAtMs) this.#abort(this.#error);
        break;
      case 'closed':
        return;
      default:
        assertNever(this.#state);
    }
    this.#wake();
  }

  #onPacket(packet: Packet): void {
    this.#setup.host.onPacket?.('received', packet);
    this.#state = nextClientState(this.#state, packet);
    switch (packet.type) {
      case 'connack':
        this.#onConnack(packet);
        break;
      case 'publish':
        this.#receiving.onPublish(packet);
        break;
      case 'puback':
      case 'pubrec':
      case 'pubcomp':
        this.#publishing.onAck(packet);
        break;
      case 'pubrel':
        this.#receiving.onPubrel(packet);
        break;
      case 'suback':
      case 'unsuback':
        this.#requests.onAnswer(packet);
        break;
      case 'pingresp':
        this.#keepAlive.onPingresp();
        this.#pings.shift()?.();
        break;
      case 'disconnect':
        this.#onDisconnect(packet);
        break;
      case 'auth': {
        const message = 'AUTH, where CONNECT named no authentication method';
        throw new ProtocolError('auth-method', message, { level: 5, subjects: ['server'] });
      }
      case 'connect':
      case 'subscribe':
      case 'unsubscribe':
      case 'pingreq':
        assert(false, 'the reader refuses what only a client may send');
        break;
      default:
        assertNever(packet);
    }
  }

  #onConnack(packet: ConnackPacket): void {
    const { host } = this.#setup;
    const welcome = welcomeOf(this.#setup, packet);
    if (welcome instanceof CallerError) {
      this.#error = welcome;
      this.#close();
      return;
    }
    const { keepAliveSeconds, limits } = welcome;
    this.#limits = limits;
    this.#output.packetBytesMax = limits.maximumPacketSize ?? this.#output.packetBytesMax;
    this.#keepAlive = new ClientKeepAlive(keepAliveSeconds, host.nowMs());
    this.#publishing.resume();
    host.onConnected(welcome);
  }

  #onDisconnect(packet: DisconnectPacket): void {
    this.#error = serverDisconnected(this.#setup.server, packet);
    this.#close();
  }

  #keepAliveAt(nowMs: number): void {
    const verdict = this.#keepAlive.onDeadline(nowMs);
    if (verdict === 'ping') this.ping(() => {});
    else if (verdict === 'lost') {
      this.#abort(connectionLost(`${this.#setup.server} answers no PINGREQ`));
    }
  }

  /** A wrong packet ends the connection; so does a repeat that this server has no room for. */
  #onFault(error: unknown, other: string | undefined): void {
    const { server } = this.#setup;
    if (error instanceof ProtocolError) {
      this.#error =
        other === undefined ? serverBroke(server, error) : speaksOther(server, other, error);
      this.#goodbye({ ...PEACE, reasonCode: error.reasonCode });
    } else if (error instanceof CallerError) {
      this.#error = error;
      this.#goodbye(PEACE);
    } else throw error;
  }

  /** Sends DISCONNECT, with its reason where the version has one, and closes. */
  #goodbye({ properties, reasonCode }: Goodbye): void {
    const { level } = this.#setup.connect;
    // Before 5.0 a DISCONNECT says that all is well: an error closes without one.
    if (level === 5) this.#output.send({ type: 'disconnect', reasonCode, properties });
    else if (reasonCode === 0) {
      this.#output.send({ type: 'disconnect', reasonCode, properties: NO_PROPERTIES });
    }
    this.#close();
  }

  /** Nothing is sent from now on but what was sent before; the peer has two seconds to close. */
  #close(): void {
    const { channel, connect, host } = this.#setup;
    this.#state = { kind: 'ending', level: connect.level };
    this.#closeAtMs = host.nowMs() + CLOSE_MS_MAX;
    this.#input.stop();
    this.#receiving.close();
    this.#requests.close();
    this.#output.stop();
    channel.resume(); // A reader that is paused would not see the peer's close.
    channel.end();
    this.#wake();
  }

  #abort(error: CallerError | undefined): void {
    this.#setup.channel.destroy();
    this.#finish(error);
  }

  #finish(error: CallerError | undefined): void {
    if (this.#state.kind === 'closed') return;
    this.#state = { kind: 'closed' };
    this.#input.stop();
    this.#receiving.close();
    this.#requests.close();
    this.#output.close();
    const { host } = this.#setup;
    host.wakeAt(Number.POSITIVE_INFINITY);
    host.onEnd({ error, wasAsked: this.#wasAsked, hasAnswered: this.#hasAnswered });
  }

  /** Asks for a call in time. One that comes too early is harmless, and rarer than each packet. */
  #wake(): void {
    const dueMs = this.#dueMs();
    if (dueMs >= this.#wakesAtMs) return;
    this.#wakesAtMs = dueMs;
    this.#setup.host.wakeAt(dueMs);
  }

  #dueMs(): number {
    switch (this.#state.kind) {
      case 'awaitingConnack':
        return this.#setup.connackBeforeMs;
      case 'connected':
        return this.#keepAlive.nextDeadlineMs();
      case 'ending':
        return this.#closeAtMs;
      case 'closed':
        return Number.POSITIVE_INFINITY;
      default:
        return assertNever(this.#state);
    }
  }
}
