import type { Buffer } from 'node:buffer';
import type { Packet } from '../../src/codec/packet.ts';

/** How many events a failure shows. */
const KEPT = 40;
const PAYLOAD_CHARS_MAX = 24;

/** Bytes that are no packet, or not one that may come then: a client's fault, on purpose. */
export interface Garbage {
  readonly type: 'garbage';
  readonly what: string;
}

interface Entry {
  readonly nowMs: number;
  readonly who: string;
  readonly what: Packet | Garbage | string;
}

/** What has gone on lately: kept as it is, and made into text only where a run fails. */
export class Journal {
  readonly #entries: (Entry | undefined)[] = Array.from({ length: KEPT }, () => undefined);
  #count = 0;

  note(nowMs: number, who: string, what: Packet | Garbage | string): void {
    this.#entries[this.#count % KEPT] = { nowMs, who, what };
    this.#count += 1;
  }

  /** The last events, oldest first, one line each. */
  render(): string[] {
    const start = this.#count % KEPT;
    const ordered = [...this.#entries.slice(start), ...this.#entries.slice(0, start)];
    return ordered.filter((entry) => entry !== undefined).map(renderEntry);
  }
}

function renderEntry({ nowMs, who, what }: Entry): string {
  const text = typeof what === 'string' ? what : renderPacket(what);
  return `${String(nowMs).padStart(10)}  ${who.padEnd(16)} ${text}`;
}

/** A packet in a line: its name, and what is set in it. */
function renderPacket(packet: Packet | Garbage): string {
  const { type, ...fields } = packet;
  return `${type.toUpperCase()} ${JSON.stringify(fields, shorten)}`;
}

function shorten(_key: string, value: unknown): unknown {
  if (value === false || value === undefined) return undefined;
  if (!isBufferJson(value)) return value;
  const text = String.fromCharCode(...value.data.slice(0, PAYLOAD_CHARS_MAX));
  return value.data.length > PAYLOAD_CHARS_MAX ? `${text}... (${value.data.length})` : text;
}

function isBufferJson(value: unknown): value is ReturnType<Buffer['toJSON']> {
  return (
    typeof value === 'object' && value !== null && 'data' in value && Array.isArray(value.data)
  );
}
