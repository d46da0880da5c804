import { Buffer } from 'node:buffer';
import type { IpPacket } from './ip-packet.ts';

/** So many packets wait for fragments; of more the one that began first is given up. */
export const WAITING_PACKETS_MAX = 64;
/** A packet of more than these has fragments of less than 64 bytes: no network needs them. */
const FRAGMENTS_MAX = 1024;
/** IP has no longer packets. */
const PACKET_BYTES_MAX = 65_535;

interface Waiting {
  readonly parts: Map<number, Buffer>;
  /** Undefined until the last fragment was seen. */
  length: number | undefined;
}

/** Puts IP packets together that were sent in fragments, which come in any order. */
export class IpFragments {
  readonly #waiting = new Map<string, Waiting>();

  /** Gives the whole packet with its last missing fragment; undefined until then. */
  join(packet: IpPacket): IpPacket | undefined {
    const { fragment, missingBytes, payload } = packet;
    if (fragment === undefined) return packet;
    const end = fragment.start + payload.length;
    if (missingBytes > 0 || end > PACKET_BYTES_MAX) return undefined;
    const key = keyOf(packet, fragment.id);
    const waiting = this.#waiting.get(key) ?? this.#begin(key);
    // Of two for the same place, the first counts.
    if (!waiting.parts.has(fragment.start) && waiting.parts.size < FRAGMENTS_MAX) {
      // The bytes of a capture's chunk are not held for a few of them.
      waiting.parts.set(fragment.start, Buffer.from(payload));
    }
    if (fragment.isLast) waiting.length ??= end;
    const whole = joined(waiting);
    if (whole === undefined) return undefined;
    this.#waiting.delete(key);
    return { ...packet, payload: whole, fragment: undefined };
  }

  #begin(key: string): Waiting {
    const [first] = this.#waiting.keys();
    if (first !== undefined && this.#waiting.size >= WAITING_PACKETS_MAX) {
      this.#waiting.delete(first);
    }
    const waiting: Waiting = { parts: new Map(), length: undefined };
    this.#waiting.set(key, waiting);
    return waiting;
  }
}

function keyOf({ destination, protocol, source }: IpPacket, id: number): string {
  return `${source.toString('latin1')}${destination.toString('latin1')}${protocol} ${id}`;
}

/** Undefined while there is a hole. */
function joined({ length, parts }: Waiting): Buffer | undefined {
  if (length === undefined) return undefined;
  const bytes = Buffer.alloc(length);
  let end = 0;
  for (const [start, part] of [...parts].sort(([a], [b]) => a - b)) {
    if (start > end) return undefined;
    const rest = part.subarray(end - start);
    rest.copy(bytes, end);
    end = Math.max(end, start + part.length);
  }
  return end >= length ? bytes : undefined;
}
