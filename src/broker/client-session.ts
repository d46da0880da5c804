import { assert } from '../base/assert.ts';
import type { Waiter } from '../base/deadlines.ts';
import type { RetainHandling, Will } from '../codec/packet.ts';
import { InboundWindow } from '../session/inbound-window.ts';
import { messageBytes } from '../session/message.ts';
import { LeanMap } from '../topic/lean-map.ts';
import { findSubscriptionTarget, type SubscriptionTarget } from '../topic/subscription-target.ts';
import type { KeptSession, SessionMeta } from './backend.ts';
import { EXPIRY_NEVER } from './broker-config.ts';
import type { BrokerCore } from './broker-core.ts';
import type { Connection } from './connection.ts';
import { MessageIntake } from './message-intake.ts';
import { OutboundFlow } from './outbound-flow.ts';
import { type PublishRate, publishRate } from './publish-rate.ts';
import type { RouteTarget } from './route-target.ts';
import type { SessionRequest } from './sessions.ts';
import type { TakeoverTimes } from './takeover-flapping.ts';

/** What a client asked for with one filter. */
export interface Subscription {
  readonly target: SubscriptionTarget;
  readonly qos: 0 | 1 | 2;
  readonly isNoLocal: boolean;
  readonly isRetainAsPublished: boolean;
  readonly retainHandling: RetainHandling;
  readonly identifier: number | undefined;
}

/** A will with bytes of its own, and how long it waits after the connection is gone. */
export interface PendingWill extends Will {
  readonly delaySeconds: number;
}

/** What a session costs by itself. */
const SESSION_BYTES = 2_048;

/**
 * What the broker knows of one client id (section 4.1), for as long as it knows it: subscriptions,
 * what is on its way in both directions, what waits, the will.
 *
 *     connected -> (connection lost) -> away -> connected ... -> ended
 */
export class ClientSession implements SessionMeta, Waiter {
  readonly core: BrokerCore;
  readonly clientId: string;
  /** By the text of the filter, with `$share/...`. */
  readonly subscriptions = new LeanMap<string, Subscription>();
  readonly inbound: InboundWindow;
  readonly intake = new MessageIntake();
  /** What goes to the client. */
  readonly outbound: OutboundFlow;
  /** Of its subscriptions: most have the same terms. */
  lastTarget: RouteTarget | undefined = undefined;
  /** Undefined where clients may publish at any rate. */
  readonly publishRate: PublishRate | undefined;
  epoch: number;
  connection: Connection | undefined = undefined;
  /** Counted from the end of the connection; 0 ends the session with it, EXPIRY_NEVER never. */
  expirySeconds: number;
  #will: PendingWill | undefined = undefined;
  /** Of this client id, whatever sessions it had; undefined if it was never taken over. */
  takeovers: TakeoverTimes | undefined = undefined;
  #awaySinceMs: number | undefined = undefined;
  /** When the will is due, and when the session ends, while the client is away. */
  #willDueMs = Number.POSITIVE_INFINITY;
  #endDueMs = Number.POSITIVE_INFINITY;

  constructor(core: BrokerCore, { clientId, epoch, expirySeconds }: SessionRequest) {
    this.core = core;
    this.clientId = clientId;
    this.epoch = epoch;
    this.expirySeconds = expirySeconds;
    this.publishRate = publishRate(core);
    this.inbound = new InboundWindow(core.config.receiveMaximum);
    this.outbound = new OutboundFlow(core, this);
    core.memory.add(SESSION_BYTES);
  }

  get will(): PendingWill | undefined {
    return this.#will;
  }

  set will(will: PendingWill | undefined) {
    this.core.memory.add(willBytes(will) - willBytes(this.#will));
    this.#will = will;
  }

  /** What is kept for this client alone, and what it shares with others. */
  get heldBytes(): number {
    const unsentBytes = this.connection?.output.unsentBytes ?? 0;
    return this.outbound.memory.bytes + unsentBytes + willBytes(this.#will);
  }

  get awaySinceMs(): number | undefined {
    return this.#awaySinceMs;
  }

  get isDurable(): boolean {
    return this.expirySeconds > 0;
  }

  /** Messages that wait for the client, in flight or not. */
  get waitingCount(): number {
    return this.outbound.waitingCount;
  }

  /** Messages that the client has not got, and never will. */
  get droppedCount(): number {
    return this.outbound.droppedCount;
  }

  /** A connection takes the session up; `resume` follows when CONNACK is out. */
  attach(connection: Connection): void {
    this.connection = connection;
    this.#awaySinceMs = undefined;
    this.#willDueMs = Number.POSITIVE_INFINITY;
    this.#endDueMs = Number.POSITIVE_INFINITY;
    this.core.deadlines.set(this, undefined);
    this.inbound.connect();
    this.outbound.attach(connection);
  }

  /** Repeats what is unfinished [MQTT-4.4.0-1], and then sends what has waited. */
  resume(): void {
    this.outbound.resume();
  }

  /** The connection is gone; `willAfterSeconds` is undefined if there is no will to send. */
  detach(willAfterSeconds: number | undefined): void {
    this.connection = undefined;
    this.outbound.detach();
    this.publishRate?.onConnectionEnd();
    this.#wait(this.core.ports.nowMs(), willAfterSeconds);
    this.core.rearm();
  }

  /** It was kept while the broker was away: what was due meanwhile is due now. */
  restore(kept: KeptSession): void {
    const { core } = this;
    for (const keptSubscription of kept.subscriptions) {
      const { isShared, topicFilter, ...options } = keptSubscription;
      const target = findSubscriptionTarget(topicFilter, isShared ? 'shares' : 'plain');
      assert(target !== undefined, 'what was subscribed to was written rightly');
      const subscription = { ...options, target };
      this.subscriptions.set(topicFilter, subscription);
      core.router.subscribe(this, subscription);
    }
    for (const packetId of kept.heldIds) this.inbound.restore(packetId);
    this.outbound.restore(kept);
    this.will = kept.will;
    this.#wait(kept.awaySinceMs ?? core.ports.nowMs(), kept.will?.delaySeconds);
    // Or it would begin to wait anew with each restart.
    if (kept.awaySinceMs === undefined) core.journal.saveAway(this);
  }

  /** The client is away: its will and the end of the session are due some time. */
  #wait(sinceMs: number, willAfterSeconds: number | undefined): void {
    this.#awaySinceMs = sinceMs;
    const endsNever = this.expirySeconds === EXPIRY_NEVER;
    this.#endDueMs = endsNever ? Number.POSITIVE_INFINITY : sinceMs + this.expirySeconds * 1000;
    const delay = willAfterSeconds ?? Number.POSITIVE_INFINITY;
    this.#willDueMs = sinceMs + delay * 1000;
    this.core.deadlines.set(this, Math.min(this.#willDueMs, this.#endDueMs));
  }

  /** Nothing remains of it but what the log has to tell. */
  end(): void {
    this.core.deadlines.set(this, undefined);
    this.outbound.end();
    this.core.memory.add(-SESSION_BYTES);
  }

  /** While the client is away: its will is due, or the session has come to its end. */
  onDeadline(nowMs: number): void {
    if (nowMs >= this.#endDueMs) {
      this.core.endSession(this, this.isDurable ? 'expired' : 'ended');
      return;
    }
    if (nowMs >= this.#willDueMs) {
      this.#willDueMs = Number.POSITIVE_INFINITY;
      this.core.publishWill(this);
      this.core.journal.saveAway(this); // Or it would be published again after a restart.
    }
    this.core.deadlines.set(this, Math.min(this.#willDueMs, this.#endDueMs));
  }
}

function willBytes(will: PendingWill | undefined): number {
  return will === undefined ? 0 : messageBytes(will);
}
