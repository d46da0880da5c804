import { assert } from '../base/assert.ts';
import { PacketIdTable } from './packet-id-table.ts';

const PACKET_ID_MAX = 65_535;
/** For whoever needs no other: a SUBSCRIBE, say. */
const IN_USE = 1;

/**
 * The Packet Identifiers that one side has in use towards its peer: one number space for PUBLISH,
 * SUBSCRIBE and UNSUBSCRIBE [MQTT-2.2.1-3] [MQTT-2.2.1-4]. Counts up and starts over, so that an
 * id that was just freed is the last to be taken again.
 */
export class PacketIds {
  /** Made by the first of them. */
  #used: PacketIdTable | undefined = undefined;
  #last = 0;

  get isExhausted(): boolean {
    return this.#used?.size === PACKET_ID_MAX;
  }

  /**
   * The next id, 1..65_535, which is in use from now on. There must be one left.
   *
   * @param mark 1..255: what it is in use for, as `markOf` will say.
   */
  take(mark = IN_USE): number {
    assert(!this.isExhausted, 'callers ask before they take a packet id');
    this.#used ??= new PacketIdTable();
    const used = this.#used;
    let id = this.#last;
    do id = id === PACKET_ID_MAX ? 1 : id + 1;
    while (used.size > 0 && used.markOf(id) !== 0);
    used.set(id, mark);
    this.#last = id;
    return id;
  }

  /** An id is in use from before: the next one is taken behind it. */
  restore(id: number, mark: number): void {
    assert(this.markOf(id) === 0, 'an id is in use once');
    this.#used ??= new PacketIdTable();
    this.#used.set(id, mark);
    this.#last = id;
  }

  /** What an id is in use for; 0 if it is not. */
  markOf(id: number): number {
    return this.#used?.markOf(id) ?? 0;
  }

  /** An id in use is from now on in use for something else. */
  remark(id: number, mark: number): void {
    assert(this.markOf(id) !== 0, 'only what is in use has a mark');
    this.#used?.set(id, mark);
  }

  /** The id may be taken again; one that is not in use is none of our business. */
  free(id: number): void {
    this.#used?.delete(id);
  }
}
