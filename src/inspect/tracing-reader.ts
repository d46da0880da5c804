import type { Buffer } from 'node:buffer';
import { PacketReader, type Refusal } from '../codec/packet-reader.ts';
import type { ProtocolError } from '../codec/protocol-error.ts';
import type { RuleName } from '../codec/rules.ts';

/** A packet of one-byte fields has as many fields as bytes: what is kept of it has to end. */
export const FIELDS_MAX = 65_536;
/** As many findings are kept of one packet; the rest is counted. */
export const BREACHES_MAX = 100;

export type FieldValue = number | string | Buffer;

/** One field as it lies in the packet: bytes `start` up to, not including, `end`. */
export interface FieldTrace {
  /** The groups that it stands in and its name, joined by dots. */
  readonly path: string;
  readonly start: number;
  readonly end: number;
  /** Undefined where too little of it is there to make a value. */
  readonly value: FieldValue | undefined;
  /** The highest and the lowest bit (7..0) of a field that is part of a byte. */
  readonly bits?: readonly [high: number, low: number];
  /** Why the field is not whole: its packet goes on elsewhere, or its length passes the packet. */
  readonly flaw?: 'cut' | 'overrun';
}

/** A rule that the packet broke, and the case of it: see `Breach.subjects` in the codec. */
export interface BreachTrace {
  readonly error: ProtocolError;
  readonly subjects: readonly string[];
}

/** The bytes at hand end before the packet does. No fault of the packet: never leaves `inspect`. */
export class CutShort extends Error {
  override readonly name = 'CutShort';
}

/** `text` and `binary` stand behind a length of two bytes, `raw` does not. */
type ValueKind = 'number' | 'text' | 'binary' | 'raw';

/** A field whose read has begun and not ended. */
interface OpenField {
  readonly path: string;
  readonly start: number;
  readonly kind: ValueKind;
}

/**
 * The codec's own reader, keeping where each field lies and which rules were broken. It goes on
 * after a refusal, so that one packet can have several.
 *
 * The `end` given to `reset` may lie behind the bytes: a read that needs bytes of the packet which
 * are not there throws `CutShort`, and what is there of that field is kept. Call `finish` when the
 * read has ended, however it ended.
 */
export class TracingReader extends PacketReader {
  fields: FieldTrace[] = [];
  breaches: BreachTrace[] = [];
  /** Breaches that were found beyond `BREACHES_MAX`. */
  uncountedBreaches = 0;
  #groups: string[] = [];
  /** The field being read: still set when its read has thrown. */
  #open: OpenField | undefined = undefined;
  #flaw: 'cut' | 'overrun' | undefined = undefined;

  override reset(bytes: Buffer, start: number, end: number): void {
    super.reset(bytes, start, end);
    this.fields = [];
    this.breaches = [];
    this.uncountedBreaches = 0;
    this.#groups = [];
    this.#open = undefined;
    this.#flaw = undefined;
  }

  /** Where the packet's bytes at hand end. */
  get available(): number {
    return Math.min(this.end, this.bytes.length);
  }

  /** Accounts for the bytes that no whole field took, so that none is left out. */
  finish(): void {
    const open = this.#open;
    this.#open = undefined;
    this.#groups = [];
    if (open !== undefined) {
      const end = this.#flaw === undefined ? this.position : this.available;
      this.position = end;
      this.#keepPart(open, end, this.#flaw ?? 'overrun');
    }
    const start = this.fields.at(-1)?.end ?? 0;
    const end = this.available;
    if (start >= end) return;
    this.fields.push({ path: 'undecoded', start, end, value: this.bytes.subarray(start, end) });
    this.position = end;
  }

  override u8(field: string): number {
    return this.#trace(field, 'number', () => super.u8(field));
  }

  override u16(field: string): number {
    return this.#trace(field, 'number', () => super.u16(field));
  }

  override u32(field: string): number {
    return this.#trace(field, 'number', () => super.u32(field));
  }

  override varint(field: string, form: 'shortest' | 'any' = 'shortest'): number {
    return this.#trace(field, 'number', () => super.varint(field, form));
  }

  override utf8(field: string): string {
    return this.#trace(field, 'text', () => super.utf8(field));
  }

  override binary(field: string): Buffer {
    return this.#trace(field, 'binary', () => super.binary(field));
  }

  override rest(field: string): Buffer {
    return this.#trace(field, 'raw', () => super.rest(field));
  }

  override skip(field: string, length: number): void {
    const start = this.position;
    this.#trace(field, 'raw', () => {
      super.skip(field, length);
      return this.bytes.subarray(start, this.position);
    });
  }

  override bits(field: string, high: number, low: number): number {
    const value = super.bits(field, high, low);
    const start = this.position - 1;
    const path = this.#pathOf(field);
    this.#push({ path, start, end: this.position, value, bits: [high, low] });
    return value;
  }

  override enter(group: string): void {
    this.#groups.push(group);
  }

  override leave(): void {
    this.#groups.pop();
  }

  override refuse(rule: RuleName, what: string, refusal: Refusal = {}): void {
    this.note(this.error(rule, what, refusal), refusal.subjects);
  }

  /** Keeps a breach, up to the limit. */
  note(error: ProtocolError, subjects: readonly string[] = []): void {
    if (this.breaches.length < BREACHES_MAX) this.breaches.push({ error, subjects });
    else this.uncountedBreaches += 1;
  }

  protected override claim(length: number, field: string): number {
    const left = this.end - this.position;
    if (length > left) this.#flaw = 'overrun';
    else if (this.position + length > this.bytes.length) {
      this.#flaw = 'cut';
      throw new CutShort(field);
    }
    return super.claim(length, field);
  }

  #trace<T extends FieldValue>(field: string, kind: ValueKind, read: () => T): T {
    const start = this.position;
    const path = this.#pathOf(field);
    this.#open = { path, start, kind };
    const value = read();
    this.#open = undefined;
    this.#push({ path, start, end: this.position, value });
    return value;
  }

  /** A field of which nothing is there is none: its absence is a breach, or the cut itself. */
  #keepPart(open: OpenField, end: number, flaw: 'cut' | 'overrun'): void {
    const { path, start } = open;
    if (start < end) this.#push({ path, start, end, value: this.#part(open, end), flaw });
  }

  #push(field: FieldTrace): void {
    if (this.fields.length < FIELDS_MAX) this.fields.push(field);
  }

  #pathOf(field: string): string {
    return [...this.#groups, field].join('.');
  }

  /** What there is of a field that is not whole: a number takes all its bytes to mean anything. */
  #part({ kind, start }: OpenField, end: number): FieldValue | undefined {
    if (kind === 'number') return undefined;
    const from = kind === 'raw' ? start : Math.min(start + 2, end);
    return kind === 'text'
      ? this.bytes.toString('utf8', from, end)
      : this.bytes.subarray(from, end);
  }
}
