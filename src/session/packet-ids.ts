import { assert } from '../base/assert.ts';

const PACKET_ID_MAX = 65_535;

/**
 * The Packet Identifiers that one side has in use towards its peer: one number space for PUBLISH,
 * SUBSCRIBE and UNSUBSCRIBE [MQTT-2.2.1-3] [MQTT-2.2.1-4]. Counts up and starts over, so that an
 * id that was just freed is the last to be taken again.
 */
export class PacketIds {
  readonly #used = new Set<number>();
  #last = 0;

  get isExhausted(): boolean {
    return this.#used.size === PACKET_ID_MAX;
  }

  /** The next id, 1..65_535, which is in use from now on. There must be one left. */
  take(): number {
    assert(!this.isExhausted, 'callers ask before they take a packet id');
    do this.#last = (this.#last % PACKET_ID_MAX) + 1;
    while (this.#used.has(this.#last));
    this.#used.add(this.#last);
    return this.#last;
  }

  /** The id may be taken again; one that is not in use is none of our business. */
  free(id: number): void {
    this.#used.delete(id);
  }
}
