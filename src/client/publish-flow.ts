import { assert } from '../base/assert.ts';
import type { AckPacket, PublishPacket } from '../codec/packet.ts';
import { NO_PROPERTIES } from '../codec/properties.ts';
import { reasonCode } from '../codec/reason-code.ts';
import { UnsendableError } from '../codec/unsendable-error.ts';
import type { Peer } from '../session/outbound-window.ts';
import type { ClientSession } from './client-session.ts';
import type { PacketOutput } from './packet-output.ts';
import type { Publication, PublishDone } from './publication.ts';

const NOT_FOUND = reasonCode('packetIdentifierNotFound');

/** The messages that go out on one connection, and their acks (sections 4.3 and 4.4). */
export class PublishFlow {
  readonly #session: ClientSession;
  readonly #server: Peer;
  readonly #output: PacketOutput;
  /** The topics that the server knows by an alias: as many as it allows, for this connection. */
  readonly #aliases = new Map<number, string>();

  constructor(session: ClientSession, server: Peer, output: PacketOutput) {
    this.#session = session;
    this.#server = server;
    this.#output = output;
  }

  /** Repeats what an earlier connection left unfinished, as far as the quota goes. */
  resume(): void {
    const { outbound } = this.#session;
    for (let next = outbound.takeResend(); next !== undefined; next = outbound.takeResend()) {
      const { message, packetId, stage } = next;
      if (stage === 'pubrel') this.#release(packetId, 0);
      else {
        assert(message !== undefined, 'a message is kept until its PUBREC');
        this.#output.send(publishPacket(message, packetId, 'repeated'));
      }
    }
  }

  /**
   * Sends a message. At QoS 1 and 2 there must be room in the window.
   *
   * @throws UnsendableError for what the standard forbids: nothing is sent then, and no id used.
   */
  publish(publication: Publication, done: PublishDone): void {
    const { outbound, waiting } = this.#session;
    const { properties, qos } = publication;
    if ('subscriptionIdentifier' in properties) {
      throw new UnsendableError('a subscription identifier from a client [MQTT-3.3.4-6]');
    }
    if (qos === 0) {
      this.#sendFirst(publishPacket(publication, undefined, 'first'));
      this.#output.whenWritten(() => done({ kind: 'written' }));
      return;
    }
    const packetId = outbound.open(publication, qos);
    try {
      this.#sendFirst(publishPacket(publication, packetId, 'first'));
    } catch (error) {
      outbound.abandon(packetId); // It never left.
      throw error;
    }
    waiting.set(packetId, { done, reasonCode: 0, reasonString: undefined });
  }

  /** PUBACK, PUBREC or PUBCOMP came. @throws ProtocolError for one of the wrong kind. */
  onAck(packet: AckPacket): void {
    const { packetId } = packet;
    const { outbound } = this.#session;
    if (packet.type === 'pubrec') this.#onPubrec(packet);
    else if (packet.type === 'puback') {
      if (outbound.onPuback(packetId, this.#server)) this.#finish(packetId, packet);
    } else if (outbound.onPubcomp(packetId, this.#server)) this.#finish(packetId);
    this.resume();
  }

  /** Leaves a topic out that the server knows by its alias (section 3.3.2.3.4). */
  #sendFirst(packet: PublishPacket): void {
    const { topicName } = packet;
    const { topicAlias } = packet.properties;
    const isKnown = topicAlias !== undefined && this.#aliases.get(topicAlias) === topicName;
    this.#output.send(isKnown ? { ...packet, topicName: '' } : packet);
    // Not before: what could not be sent has told the server nothing.
    if (topicAlias !== undefined) this.#aliases.set(topicAlias, topicName);
  }

  #onPubrec(packet: AckPacket): void {
    const { packetId } = packet;
    const outcome = this.#session.outbound.onPubrec(packetId, packet.reasonCode, this.#server);
    if (outcome === 'refused') this.#finish(packetId, packet);
    else if (outcome === 'unknown') this.#release(packetId, NOT_FOUND);
    else {
      const waiting = this.#session.waiting.get(packetId);
      if (waiting !== undefined) {
        waiting.reasonCode = packet.reasonCode;
        waiting.reasonString = packet.properties.reasonString;
      }
      this.#release(packetId, 0);
    }
  }

  #finish(packetId: number, said?: AckPacket): void {
    const { waiting } = this.#session;
    const entry = waiting.get(packetId);
    waiting.delete(packetId);
    const code = said?.reasonCode ?? entry?.reasonCode ?? 0;
    const reasonString = said === undefined ? entry?.reasonString : said.properties.reasonString;
    entry?.done({ kind: 'answered', packetId, reasonCode: code, reasonString });
  }

  /** Before 5.0, PUBREL has no code to say that its id is unknown. */
  #release(packetId: number, code: number): void {
    const sent = this.#server.level === 5 ? code : 0;
    this.#output.send({ type: 'pubrel', packetId, reasonCode: sent, properties: NO_PROPERTIES });
  }
}

/** A repeat says so by DUP [MQTT-3.3.1-1] and is the same otherwise. */
function publishPacket(
  publication: Publication,
  packetId: number | undefined,
  sending: 'first' | 'repeated',
): PublishPacket {
  const { isRetained, payload, properties, qos, topicName } = publication;
  return {
    type: 'publish',
    qos,
    isDuplicate: sending === 'repeated',
    isRetained,
    topicName,
    packetId,
    properties,
    payload,
  };
}
