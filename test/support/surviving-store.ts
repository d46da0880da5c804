import type { Buffer } from 'node:buffer';
import type {
  DeliveryStep,
  KeptFlight,
  KeptSession,
  KeptSubscription,
  SessionMeta,
} from '../../src/broker/backend.ts';
import type { KeptDelivery } from '../../src/broker/publication.ts';
import {
  type KeptMessage,
  keepElsewhere,
  keepMessage,
  type Message,
} from '../../src/session/message.ts';

/** Payloads from this length on are not read before they are asked for. */
const ELSEWHERE_BYTES = 100;

/** A message as it lies on a disk: it has nothing in common with that of the broker. */
type Body = Message;

interface StoredDelivery extends Omit<KeptDelivery, 'message'> {
  readonly body: Body;
}

interface StoredFlight extends Omit<KeptFlight, 'delivery'> {
  readonly delivery: StoredDelivery | undefined;
}

/** What is stored of a session beside its messages. */
interface StoredMeta extends Omit<SessionMeta, 'isDurable' | 'subscriptions'> {
  readonly subscriptions: readonly KeptSubscription[];
}

/** What is stored of one client id. */
interface Stored {
  readonly meta: StoredMeta;
  readonly heldIds: Set<number>;
  readonly flights: Map<number, StoredFlight>;
  readonly queue: StoredDelivery[];
}

/** What outlives a broker, as a disk does: nothing in it changes with the broker's own objects. */
export class SurvivingStore {
  readonly sessions = new Map<string, Stored>();
  readonly retained = new Map<string, Body>();
  /** How many payloads were read after the start. */
  readCount = 0;
  /** One body for each message, in however many sessions it is. */
  readonly #bodies = new WeakMap<KeptMessage, Body>();

  bodyOf(message: KeptMessage): Body {
    const known = this.#bodies.get(message);
    if (known !== undefined) return known;
    const body = copyOf(message);
    this.#bodies.set(message, body);
    return body;
  }

  /** Saves a session; one that is not durable loses all but its will. */
  save(meta: StoredMeta): void {
    const none = { heldIds: new Set<number>(), flights: new Map(), queue: [] };
    const old = meta.expirySeconds > 0 ? this.sessions.get(meta.clientId) : undefined;
    this.sessions.set(meta.clientId, { ...none, ...old, meta });
  }

  step(clientId: string, step: StoredStep): void {
    const stored = this.sessions.get(clientId);
    if (stored === undefined) throw new Error(`${step.event} of ${clientId}, which is not stored`);
    const { flights, heldIds, queue } = stored;
    switch (step.event) {
      case 'queued':
        queue.push(step.delivery);
        break;
      case 'dequeued':
        if (queue.shift() === undefined) throw new Error(`nothing waits for ${clientId}`);
        break;
      case 'sent':
        flights.set(step.packetId, flightOf(step.packetId, step.delivery));
        break;
      case 'received':
        flights.set(step.packetId, { ...findFlight(stored, step.packetId), ...RECEIVED });
        break;
      case 'acked':
      case 'complete':
        findFlight(stored, step.packetId);
        flights.delete(step.packetId);
        break;
      case 'held':
        heldIds.add(step.packetId);
        break;
      default:
        heldIds.delete(step.packetId);
    }
  }

  /** All messages and sessions, as a broker that starts gets them. */
  recovered(): { readonly retained: KeptMessage[]; readonly sessions: KeptSession[] } {
    const kept = new Map<Body, KeptMessage>();
    const messageOf = (body: Body): KeptMessage => {
      const message = kept.get(body) ?? this.#messageFrom(body);
      kept.set(body, message);
      this.#bodies.set(message, body);
      return message;
    };
    return {
      retained: [...this.retained.values()].map(messageOf),
      sessions: [...this.sessions.values()].map((stored) => keptSession(stored, messageOf)),
    };
  }

  #messageFrom(body: Body): KeptMessage {
    const { payload, ...head } = body;
    if (payload.length < ELSEWHERE_BYTES) return keepMessage(body);
    const read = (): Buffer => {
      this.readCount += 1;
      return payload;
    };
    return keepElsewhere(head, payload.length, read);
  }
}

/** The same steps as the broker's, with messages as they lie on a disk. */
export type StoredStep =
  | { readonly event: 'queued'; readonly delivery: StoredDelivery }
  | { readonly event: 'sent'; readonly packetId: number; readonly delivery: StoredDelivery }
  | Exclude<DeliveryStep, { readonly delivery: KeptDelivery }>;

/** The step as it is to be stored: with a body of its own. */
export function storedStep(store: SurvivingStore, step: DeliveryStep): StoredStep {
  if (step.event !== 'queued' && step.event !== 'sent') return step;
  const { message, ...terms } = step.delivery;
  return { ...step, delivery: { ...terms, body: store.bodyOf(message) } };
}

/** A session's state at this moment, without what goes on to change. */
export function storedMeta(session: SessionMeta): StoredMeta {
  const { awaySinceMs, clientId, epoch, expirySeconds, isDurable, subscriptions, will } = session;
  const kept = [...subscriptions].map(([topicFilter, { target, ...options }]) => ({
    ...options,
    topicFilter,
    isShared: target.shareName !== undefined,
  }));
  const meta = { awaySinceMs, clientId, epoch, expirySeconds, will };
  return { ...meta, subscriptions: isDurable ? kept : [] };
}

const RECEIVED = { stage: 'pubrel', delivery: undefined } as const;

function flightOf(packetId: number, delivery: StoredDelivery): StoredFlight {
  return { packetId, qos: delivery.qos === 1 ? 1 : 2, stage: 'publish', delivery };
}

function findFlight({ flights, meta }: Stored, packetId: number): StoredFlight {
  const flight = flights.get(packetId);
  if (flight === undefined) throw new Error(`${packetId} of ${meta.clientId} was never sent`);
  return flight;
}

/** A copy with bytes of its own. */
export function copyOf(message: Message): Body {
  const { expiresAtMs, isRetained, payload, publisher, qos, topicName } = message;
  const { properties } = message;
  const fields = { expiresAtMs, isRetained, publisher, qos, topicName };
  const {
    bytes: _bytes,
    holders: _holders,
    isKept: _kept,
    queuedBytes: _queued,
    ...body
  } = keepMessage({ ...fields, payload, properties });
  return body;
}

function keptSession(
  { flights, heldIds, meta, queue }: Stored,
  messageOf: (body: Body) => KeptMessage,
): KeptSession {
  const deliveryOf = ({ body, ...terms }: StoredDelivery): KeptDelivery => ({
    ...terms,
    message: messageOf(body),
  });
  return {
    ...meta,
    heldIds: [...heldIds],
    flights: [...flights.values()].map(({ delivery, ...flight }) => ({
      ...flight,
      delivery: delivery && deliveryOf(delivery),
    })),
    queue: queue.map(deliveryOf),
  };
}
