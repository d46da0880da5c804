import { Buffer, isUtf8 } from 'node:buffer';
import { assert } from '../base/assert.ts';
import type { ProtocolLevel } from './packet.ts';
import type { PacketName } from './packet-type.ts';
import { type Breach, ProtocolError } from './protocol-error.ts';
import type { SenderSide } from './reason-code.ts';
import type { RuleName } from './rules.ts';

/** What `refuse` is told about the case, beyond what the reader knows by itself. */
export type Refusal = Pick<Breach, 'subjects' | 'clauses'> & {
  /** The byte at fault; the next unread one where it is left out. */
  readonly at?: number;
};

/** U+FFFD in UTF-8, as Latin-1: what a decoder puts where it fails, and a peer may send too. */
const REPLACEMENT_BYTES = '\u00ef\u00bf\u00bd';

/**
 * Reads one packet's fields in wire order. Each read names its field: the name makes a refusal
 * say what was short, and lets `TracingReader` show where each field lies. It costs nothing here.
 *
 * Every rule is refused through `refuse`, which throws here, while a tracing reader takes note and
 * lets the read go on: after each call stands what a reader of broken bytes makes of them.
 *
 * @throws ProtocolError fieldOverrun, with the offset, from every read that runs past the end.
 */
export class PacketReader {
  /** The version whose rules hold: what CONNECT said, or what it says once it is read. */
  level: ProtocolLevel = 5;
  /** Who sent the packet: some rules bind one side alone. */
  sender: SenderSide = 'either';
  /** The packet being read, once its type is known. */
  packetName: PacketName | undefined = undefined;
  /** Offset of the next unread byte; never past the end. */
  position = 0;
  protected bytes: Buffer = Buffer.alloc(0);
  /** Offset behind the packet's last byte. */
  protected end = 0;

  /** Points at another packet, so that one reader serves a connection for life. */
  reset(bytes: Buffer, start: number, end: number): void {
    this.bytes = bytes;
    this.position = start;
    this.end = end;
    this.packetName = undefined;
  }

  get remaining(): number {
    return this.end - this.position;
  }

  u8(field: string): number {
    return this.bytes.readUInt8(this.claim(1, field));
  }

  u16(field: string): number {
    return this.bytes.readUInt16BE(this.claim(2, field));
  }

  u32(field: string): number {
    return this.bytes.readUInt32BE(this.claim(4, field));
  }

  /** Bits `high` down to `low` (7..0) of the byte that was read last, as a number. */
  bits(_field: string, high: number, low: number): number {
    const byte = this.bytes[this.position - 1] ?? 0;
    return (byte >> low) & ((1 << (high - low + 1)) - 1);
  }

  /**
   * Variable Byte Integer, 0..268_435_455 in 1 to 4 bytes (section 1.5.5).
   *
   * MQTT 5.0 wants the shortest form [MQTT-1.5.5-1]; before it, a Remaining Length took any.
   */
  varint(field: string, form: 'shortest' | 'any' = 'shortest'): number {
    const start = this.position;
    for (let value = 0, shift = 0; shift < 28; shift += 7) {
      const byte = this.bytes.readUInt8(this.claim(1, field));
      value |= (byte & 0x7f) << shift;
      if (byte >= 0x80) continue;
      if (byte === 0 && shift > 0 && form === 'shortest') {
        this.refuse('length-not-minimal', `${field} is longer than it need be`, { at: start });
      }
      return value;
    }
    throw this.error('length-too-long', `${field} runs past 4 bytes`, { at: start });
  }

  /** UTF-8 string behind a two-byte length, 0..65_535 bytes (section 1.5.4). */
  utf8(field: string): string {
    const length = this.bytes.readUInt16BE(this.claim(2, field));
    const start = this.claim(length, field);
    const text = this.bytes.toString('utf8', start, start + length);
    if (text.includes('\uFFFD') && !isUtf8(this.bytes.subarray(start, this.position))) {
      const subjects = [field, this.packetName ?? ''];
      this.refuse('utf8', `${field} is not UTF-8`, {
        at: this.#illFormedAt(start, text),
        subjects,
      });
    }
    if (text.includes('\0')) {
      const subjects = [field, this.packetName ?? ''];
      this.refuse('nul', `${field} holds U+0000`, { at: this.bytes.indexOf(0, start), subjects });
    }
    return text;
  }

  /** Binary Data behind a two-byte length, 0..65_535 bytes (section 1.5.6), as a view. */
  binary(field: string): Buffer {
    const length = this.bytes.readUInt16BE(this.claim(2, field));
    const start = this.claim(length, field);
    return this.bytes.subarray(start, this.position);
  }

  /**
   * Lets the reads that follow see the next `length` bytes alone: a section within the packet.
   * Returns what `widen` takes to undo it.
   */
  narrow(length: number): number {
    const { end } = this;
    assert(length <= this.remaining, 'a section ends within its packet');
    this.end = this.position + length;
    return end;
  }

  widen(end: number): void {
    this.end = end;
  }

  /** Bytes whose meaning is lost to an earlier fault: only a reader that goes on meets them. */
  skip(field: string, length: number): void {
    this.claim(length, field);
  }

  /** All that is left, as a view. */
  rest(field: string): Buffer {
    const start = this.claim(this.remaining, field);
    return this.bytes.subarray(start, this.position);
  }

  /** A Packet Identifier, 1..65_535 (section 2.2.1). */
  packetId(): number {
    const at = this.position;
    const id = this.u16('packetId');
    if (id === 0) {
      const subjects = [this.sender === 'server' ? 'server' : 'client'];
      this.refuse('packet-id-zero', 'packetId is 0, not 1 to 65535', { at, subjects });
    }
    return id;
  }

  /** Opens a named group of fields; `leave` closes it. Only a tracing reader acts on them. */
  enter(_group: string): void {}
  leave(): void {}

  /**
   * The peer broke a rule. A plain reader goes no further; one that explains goes on as it can.
   *
   * @throws ProtocolError always, in a plain reader.
   */
  refuse(rule: RuleName, what: string, refusal: Refusal = {}): void {
    throw this.error(rule, what, refusal);
  }

  /** The same refusal as an error, where no reader can go on. Write `throw r.error(...)`. */
  error(rule: RuleName, what: string, refusal: Refusal = {}): ProtocolError {
    const { at = this.position, ...rest } = refusal;
    return new ProtocolError(rule, what, { level: this.level, offset: at, ...rest });
  }

  /** Where the text that begins at `start` stops being UTF-8: at a U+FFFD that was not sent. */
  #illFormedAt(start: number, text: string): number {
    let at = start;
    let index = 0;
    for (;;) {
      const next = text.indexOf('\uFFFD', index);
      at += Buffer.byteLength(text.slice(index, next));
      if (this.bytes.toString('latin1', at, at + 3) !== REPLACEMENT_BYTES) return at;
      at += 3;
      index = next + 1;
    }
  }

  /** Takes the next `length` bytes and returns where they start: the only bounds check there is. */
  protected claim(length: number, field: string): number {
    const start = this.position;
    const left = this.end - start;
    if (length > left) {
      throw this.error('field-overrun', `${field} needs ${length} bytes, ${left} remain`);
    }
    this.position = start + length;
    return start;
  }
}
