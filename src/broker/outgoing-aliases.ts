import type { PublishPacket } from '../codec/packet.ts';

/**
 * The aliases under which a client knows topics by now, so that they need not be sent again
 * (section 3.3.2.3.4): the first topics that come get one each, as many as the client takes. They
 * end with the connection [MQTT-3.3.2-7].
 */
export class OutgoingAliases {
  readonly #aliases = new Map<string, number>();
  readonly #max: number;

  /** @param max within the client's Topic Alias Maximum [MQTT-3.1.2-26]. */
  constructor(max: number) {
    this.#max = max;
  }

  /** The packet as it is to be sent: with an alias beside its topic, or in its place. */
  shorten(packet: PublishPacket): PublishPacket {
    const { topicName } = packet;
    const known = this.#aliases.get(topicName);
    if (known === undefined && this.#aliases.size === this.#max) return packet;
    const topicAlias = known ?? this.#aliases.size + 1;
    const properties = { ...packet.properties, topicAlias };
    return { ...packet, topicName: known === undefined ? topicName : '', properties };
  }

  /** The packet was sent: the client knows the alias from now on. */
  onSent({ properties, topicName }: PublishPacket): void {
    const { topicAlias } = properties;
    if (topicAlias !== undefined && topicName !== '') this.#aliases.set(topicName, topicAlias);
  }
}
