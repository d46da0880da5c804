import type { SubackPacket, SubscriptionRequest, UnsubackPacket } from '../codec/packet.ts';
import type { PropertiesOf } from '../codec/properties.ts';
import { ProtocolError } from '../codec/protocol-error.ts';
import type { Peer } from '../session/outbound-window.ts';
import type { PacketIds } from '../session/packet-ids.ts';
import type { PacketOutput } from './packet-output.ts';

/** What the server said to each filter, in their order; nothing for UNSUBACK before 5.0. */
export interface RequestAnswer {
  readonly reasonCodes: readonly number[];
  readonly reasonString: string | undefined;
}
/** Called once at most: a request whose connection ends stays without an answer. */
export type RequestDone = (answer: RequestAnswer) => void;

interface PendingRequest {
  readonly ack: 'suback' | 'unsuback';
  readonly filterCount: number;
  readonly done: RequestDone;
}

/** SUBSCRIBE and UNSUBSCRIBE on one connection, and their acks (sections 3.8 to 3.11). */
export class RequestFlow {
  readonly #pending = new Map<number, PendingRequest>();
  readonly #ids: PacketIds;
  readonly #server: Peer;
  readonly #output: PacketOutput;

  constructor(ids: PacketIds, server: Peer, output: PacketOutput) {
    this.#ids = ids;
    this.#server = server;
    this.#output = output;
  }

  /** Subscribes to all of them with one packet. */
  subscribe(
    subscriptions: readonly SubscriptionRequest[],
    properties: PropertiesOf<'subscribe'>,
    done: RequestDone,
  ): void {
    const pending = { ack: 'suback', filterCount: subscriptions.length, done } as const;
    this.#ask(pending, (packetId) => {
      this.#output.send({ type: 'subscribe', packetId, properties, subscriptions });
    });
  }

  /** Unsubscribes from all of them with one packet. */
  unsubscribe(
    topicFilters: readonly string[],
    properties: PropertiesOf<'unsubscribe'>,
    done: RequestDone,
  ): void {
    const pending = { ack: 'unsuback', filterCount: topicFilters.length, done } as const;
    this.#ask(pending, (packetId) => {
      this.#output.send({ type: 'unsubscribe', packetId, properties, topicFilters });
    });
  }

  /** SUBACK or UNSUBACK came. @throws ProtocolError if it answers nothing, or not each filter. */
  onAnswer(packet: SubackPacket | UnsubackPacket): void {
    const { packetId, reasonCodes, type } = packet;
    const { level } = this.#server;
    const pending = this.#pending.get(packetId);
    if (pending?.ack !== type) {
      const message = `${type.toUpperCase()} for packet id ${packetId}, which asked for none`;
      throw new ProtocolError('ack-unknown', message, { level });
    }
    const hasCodes = type === 'suback' || level === 5;
    if (hasCodes && reasonCodes.length !== pending.filterCount) {
      const message = `${reasonCodes.length} reason codes for ${pending.filterCount} filters`;
      throw new ProtocolError('ack-count', message, { level, subjects: [type] });
    }
    this.#pending.delete(packetId);
    this.#ids.free(packetId);
    pending.done({ reasonCodes, reasonString: packet.properties.reasonString });
  }

  /** The connection is over: what was asked stays unanswered, and its ids are free. */
  close(): void {
    for (const packetId of this.#pending.keys()) this.#ids.free(packetId);
    this.#pending.clear();
  }

  #ask(pending: PendingRequest, send: (packetId: number) => void): void {
    const packetId = this.#ids.take();
    try {
      send(packetId);
    } catch (error) {
      this.#ids.free(packetId); // It never left.
      throw error;
    }
    this.#pending.set(packetId, pending);
  }
}
