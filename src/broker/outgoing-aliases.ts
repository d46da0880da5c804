import type { PublishPacket } from '../codec/packet.ts';

/** What an alias takes, and a byte by which it may make the length of the properties longer. */
const ALIAS_BYTES = 4;
/** Characters that the topics of one connection may have: a broker has many connections. */
const CHARS_MAX = 65_536;

/**
 * The aliases under which a client knows topics by now, so that they need not be sent again
 * (section 3.3.2.3.4): the first topics that come get one each, as many as the client takes. They
 * end with the connection [MQTT-3.3.2-7].
 */
export class OutgoingAliases {
  readonly #aliases = new Map<string, number>();
  #chars = 0;
  readonly #max: number;

  /** @param max within the client's Topic Alias Maximum [MQTT-3.1.2-26]. */
  constructor(max: number) {
    this.#max = max;
  }

  /**
   * The packet as it is to be sent: with an alias in place of its topic, never longer than it was;
   * or beside it, which is longer; or as it is.
   */
  shorten(packet: PublishPacket): PublishPacket {
    const { topicName } = packet;
    const known = this.#aliases.get(topicName);
    if (known === undefined && !this.#takes(topicName)) return packet;
    const topicAlias = known ?? this.#aliases.size + 1;
    const properties = { ...packet.properties, topicAlias };
    return { ...packet, topicName: known === undefined ? topicName : '', properties };
  }

  /** The packet was sent: the client knows the alias from now on. */
  onSent({ properties, topicName }: PublishPacket): void {
    const { topicAlias } = properties;
    if (topicAlias === undefined || topicName === '') return;
    this.#aliases.set(topicName, topicAlias);
    this.#chars += topicName.length;
  }

  #takes(topicName: string): boolean {
    if (this.#aliases.size === this.#max || topicName.length < ALIAS_BYTES) return false;
    return this.#chars + topicName.length <= CHARS_MAX;
  }
}
