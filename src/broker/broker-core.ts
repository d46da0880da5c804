import { assert } from '../base/assert.ts';
import { Deadlines } from '../base/deadlines.ts';
import { PacketWriter } from '../codec/packet-writer.ts';
import {
  type KeptMessage,
  keepForMany,
  keepMessage,
  type Message,
  messageFrom,
} from '../session/message.ts';
import type { QueueLimits } from '../session/message-queue.ts';
import { type Arrival, Arrivals } from './arrivals.ts';
import type { AuthMethods } from './authentication.ts';
import type { Backend, BackendHost, Done, KeptSession } from './backend.ts';
import type { BrokerConfig } from './broker-config.ts';
import type { BrokerPorts } from './broker-ports.ts';
import type { ClientSession } from './client-session.ts';
import { Connection } from './connection.ts';
import { type SharedInput, sharedInput } from './connection-input.ts';
import type { ConnectionOutput } from './connection-output.ts';
import { Drain, type Farewell, type Goodbye } from './drain.ts';
import type { DropReason } from './drop-log.ts';
import { HotPath } from './hot-path.ts';
import { Journal } from './journal.ts';
import { MemoryAccount } from './memory-account.ts';
import { MemoryBackend } from './memory-backend.ts';
import { type OutputMemory, outputMemory } from './output-memory.ts';
import { Overload } from './overload.ts';
import { RetainedSweep } from './retained-sweep.ts';
import { Router } from './router.ts';
import { Sessions } from './sessions.ts';
import type { SlowEpisode } from './slow-episode.ts';
import { TakeoverFlapping } from './takeover-flapping.ts';
import { WaitingRoom } from './waiting-room.ts';

/** What a connection costs by itself, with its socket. */
const CONNECTION_BYTES = 12_288;

/** What has happened since the start. */
export interface Counters {
  bytesReceived: number;
  bytesSent: number;
  packetsReceived: number;
  messagesReceived: number;
  messagesSent: number;
  /** Messages of clients that were not taken, by a limit or because of their topic. */
  messagesRefused: number;
  /** How often a client was not read for a while, and why. */
  readonly publishersPaused: Record<'rate' | 'slowGrace' | 'memory', number>;
  /** Messages that a limit kept from a subscriber. */
  messagesDropped: number;
  /** The same by what kept it. */
  readonly dropped: Record<DropReason, number>;
}

/** What a broker may be built with. */
export interface BrokerParts {
  /** Methods of enhanced authentication; none unless they are given. */
  readonly authMethods?: AuthMethods;
  /** Where state lives; in memory unless it is given. */
  readonly makeBackend?: (host: BackendHost) => Backend;
  /** `off` has each packet go through the codec: the same comes of it, more slowly. */
  readonly hotPath?: 'on' | 'off';
}

/**
 * All clients together: connections, sessions by client id, routes. Single-threaded and pure:
 * whoever drives it gives it channels, the time and the turns of an event loop.
 */
export class BrokerCore implements BackendHost {
  readonly config: BrokerConfig;
  readonly authMethods: AuthMethods;
  readonly ports: BrokerPorts;
  readonly deadlines = new Deadlines();
  readonly memory: MemoryAccount;
  readonly overload = new Overload(this);
  readonly outputMemory: OutputMemory;
  readonly inputs: SharedInput;
  /** Of what waits for one client. */
  readonly queueLimits: QueueLimits;
  readonly writer = new PacketWriter();
  readonly connections = new Set<Connection>();
  readonly sessions: Sessions;
  readonly router: Router;
  readonly waitingRoom: WaitingRoom;
  readonly arrivals: Arrivals;
  readonly flapping = new TakeoverFlapping(this);
  readonly backend: Backend;
  readonly journal: Journal;
  /** Undefined where each message is to be seen by the backend, or by the log. */
  readonly hotPath: HotPath | undefined;
  readonly counters: Counters = {
    bytesReceived: 0,
    bytesSent: 0,
    packetsReceived: 0,
    messagesReceived: 0,
    messagesSent: 0,
    messagesRefused: 0,
    publishersPaused: { rate: 0, slowGrace: 0, memory: 0 },
    messagesDropped: 0,
    dropped: { queueFull: 0, slowQos0: 0, expired: 0, tooLarge: 0, memory: 0 },
  };
  /** What clients are told; undefined until the broker stops. */
  goodbye: Goodbye | undefined = undefined;
  #dirty: ConnectionOutput[] = [];
  #alarmMs: number | undefined = undefined;
  readonly #sweep = new RetainedSweep(this);
  /** Whose packet is being handled: held up if its message makes a subscriber slow. */
  publisher: Connection | undefined = undefined;

  constructor(
    config: BrokerConfig,
    ports: BrokerPorts,
    {
      authMethods = new Map(),
      hotPath = 'on',
      makeBackend = (host) => new MemoryBackend(host),
    }: BrokerParts = {},
  ) {
    this.authMethods = authMethods;
    this.config = config;
    this.ports = ports;
    this.memory = new MemoryAccount(config.memoryBytesMax, () => this.overload.note());
    this.outputMemory = outputMemory(this.memory);
    this.inputs = sharedInput(this.config, this.outputMemory.pool, this.memory);
    this.queueLimits = {
      messagesMax: this.config.queueMessagesMax,
      bytesMax: this.config.queueBytesMax,
      whenFull: this.config.whenQueueFull,
    };
    this.router = new Router(config, this.memory);
    this.arrivals = new Arrivals(this);
    this.waitingRoom = new WaitingRoom(config, {
      onGaveWay: (closed) => {
        const message = `${config.pendingMax} connections wait to be accepted, which is the most`;
        const next = 'see who connects and sends no CONNECT, or raise --max-pending';
        const fields = { closed, message, next };
        this.ports.log({ level: 'warn', event: 'accept_limited', fields });
      },
      onRoom: () => this.arrivals.onRoom(),
    });
    this.sessions = new Sessions(this);
    this.backend = makeBackend(this);
    this.journal = new Journal(this.backend, ports);
    // With `-v` each message has its line.
    const isHot = hotPath === 'on' && this.backend.isVolatile && !ports.logsDebug;
    this.hotPath = isHot ? new HotPath(this) : undefined;
  }

  /** Reads one more client from now on. */
  open(arrival: Arrival): void {
    this.waitingRoom.makeRoom(this.ports.nowMs());
    const connection = new Connection(this, arrival);
    this.connections.add(connection);
    this.memory.add(CONNECTION_BYTES);
    this.waitingRoom.enter(connection);
  }

  /** The connection's channel is closed. */
  forget(connection: Connection): void {
    this.connections.delete(connection);
    this.memory.add(-CONNECTION_BYTES);
  }

  /** Takes leave of all clients, and accepts none from now on. */
  drain(farewell: Farewell): void {
    const drain = new Drain(this, farewell);
    this.goodbye = drain.goodbye;
    drain.onDeadline(this.ports.nowMs());
  }

  /** Serves whoever is due. */
  onAlarm(): void {
    this.#alarmMs = undefined;
    const nowMs = this.ports.nowMs();
    // Who fails is not due any more, so that those behind it are served.
    while (!this.guard(() => this.deadlines.advance(nowMs)));
    this.rearm();
  }

  /** Runs what concerns no one connection: what goes wrong is logged, and ends nothing else. */
  guard(step: () => void): boolean {
    try {
      step();
      return true;
    } catch (error) {
      this.logBug(error);
      return false;
    }
  }

  /** Our own fault: the log says where, and whom it met. */
  logBug(error: unknown, client?: string, addr?: string): void {
    const stack = error instanceof Error ? error.stack : String(error);
    this.ports.log({ level: 'error', event: 'internal_error', fields: { client, addr, stack } });
  }

  /** Sets the alarm for whoever is due next. */
  rearm(): void {
    const nextMs = this.deadlines.nextMs();
    if (nextMs === this.#alarmMs) return;
    this.#alarmMs = nextMs;
    this.ports.setAlarm(nextMs);
  }

  /** Has output sent when all that this turn brings has happened. */
  flushAtTurnEnd(output: ConnectionOutput): void {
    this.#dirty.push(output);
    if (this.#dirty.length === 1) this.ports.atTurnEnd(() => this.#flushAll());
  }

  /**
   * Takes a message from a client. `done` hears when it is safe, and whether anybody subscribes; a
   * QoS 0 message has none.
   */
  publish(
    message: Message,
    from: Connection | undefined,
    done?: (error: Error | undefined, isMatched: boolean) => void,
  ): void {
    this.counters.messagesReceived += 1;
    const outer = this.publisher;
    this.publisher = from;
    try {
      this.backend.log.publish(message, undefined, done);
    } finally {
      this.publisher = outer;
    }
  }

  deliver(message: Message): number {
    const outer = this.publisher;
    // A backend that took its time calls from elsewhere.
    this.publisher ??= this.sessions.find(message.publisher)?.connection;
    try {
      if (!message.isRetained || message.isPassing === true) return this.router.deliver(message);
      const kept = this.hotPath === undefined ? keepMessage(message) : keepForMany(message);
      this.router.retain(kept);
      this.#sweep.later();
      return this.router.deliver(kept);
    } finally {
      this.publisher = outer;
    }
  }

  /**
   * Has the backend give what it has kept, and serves what was due meanwhile. Before it is done
   * nobody may be accepted.
   */
  recover(done: Done): void {
    this.backend.recover((error) => {
      if (error === undefined) this.onAlarm();
      done(error);
    });
  }

  restoreRetained(message: KeptMessage): void {
    this.router.retain(message);
    this.#sweep.later();
  }

  restoreSession(kept: KeptSession): void {
    this.sessions.restore(kept);
  }

  evict(clientId: string, _epoch: number, done: (error?: Error) => void): void {
    this.sessions.find(clientId)?.connection?.end({
      by: 'server',
      reason: 'sessionTakenOver',
      message: 'another node has taken the session over',
      keepsWill: true,
    });
    done();
  }

  online(isOnline: boolean, why?: string): void {
    const fields = { state: isOnline ? 'online' : 'offline', message: why };
    this.ports.log({ level: isOnline ? 'info' : 'error', event: 'backend', fields });
  }

  /** A subscriber has more unsent bytes than it should: whoever made it so is held up. */
  holdPublisher(episode: SlowEpisode): void {
    if (this.publisher === undefined || !episode.hold(this.publisher)) return;
    this.counters.publishersPaused.slowGrace += 1;
  }

  /** A connection that had a session is gone: the session goes on without it, or ends. */
  onConnectionEnd(
    session: ClientSession,
    connection: Connection,
    { isTakenOver, keepsWill }: { readonly keepsWill: boolean; readonly isTakenOver: boolean },
  ): void {
    assert(session.connection === connection, 'a connection ends once, and has its session');
    if (!keepsWill) session.will = undefined;
    const willAfterSeconds = session.will?.delaySeconds;
    session.detach(willAfterSeconds);
    if (!session.isDurable) {
      this.endSession(session, isTakenOver ? 'replaced' : 'ended');
      return;
    }
    if (willAfterSeconds === 0) this.publishWill(session);
    if (isTakenOver) return; // What it is then is saved with the new connection.
    this.journal.saveAway(session);
    this.journal.release(session, 'offline');
  }

  /**
   * The session is over, or `replaced` by a new one that owns its client id already: its will, if
   * one is left, goes out, and nothing remains of it.
   */
  endSession(session: ClientSession, why: 'ended' | 'expired' | 'replaced'): void {
    this.sessions.remove(session);
    session.end();
    // First, or its own will could go to it, and be lost in a shared group.
    for (const { target } of session.subscriptions.values()) {
      this.router.unsubscribe(session, target);
    }
    session.subscriptions.clear();
    this.publishWill(session);
    if (why !== 'replaced') this.journal.release(session, 'ended');
    if (why !== 'expired') return;
    const fields = { client: session.clientId };
    this.ports.log({ level: 'info', event: 'session_expired', fields });
  }

  /** Publishes a session's will, if it has one, once [MQTT-3.1.2-10]. */
  publishWill(session: ClientSession): void {
    const { clientId, will } = session;
    if (will === undefined) return;
    session.will = undefined;
    const message = messageFrom(will, will.topicName, clientId, this.ports.nowMs());
    // Nobody is left to hear a refusal: those who are here get it, and no more is kept.
    const isPassing = message.isRetained && !this.router.hasRoomToRetain(message);
    this.publish(isPassing ? { ...message, isPassing } : message, undefined);
  }

  /** A subscriber does not get so many messages. */
  countDrops(reason: DropReason, count: number): void {
    this.counters.messagesDropped += count;
    this.counters.dropped[reason] += count;
  }

  #flushAll(): void {
    const dirty = this.#dirty;
    this.#dirty = [];
    for (const output of dirty) this.guard(() => output.flush());
    this.outputMemory.onTurnEnd();
  }
}
