import { Buffer, isUtf8 } from 'node:buffer';
import { findForm } from './capture-form.ts';
import type { CaptureTarget } from './capture-target.ts';
import { FormError } from './form-error.ts';
import { safeText } from './safe-text.ts';
import { textLines, withoutComment } from './text-lines.ts';

/** A text is read as a whole, to see how it is written: so much of it is held. */
export const TEXT_BYTES_MAX = 16 * 1024 * 1024;

const EXPECTED =
  'give MQTT bytes as they are, hex ("10 0c 00 04"), or what xxd or hexdump -C prints';

/** Containers that are not MQTT themselves, by their first bytes in hex. */
const CONTAINERS: readonly (readonly [magic: string, name: string])[] = [
  ['d4c3b2a1', 'a pcap capture'],
  ['a1b2c3d4', 'a pcap capture'],
  ['4d3cb2a1', 'a pcap capture'],
  ['a1b23c4d', 'a pcap capture'],
  ['0a0d0d0a', 'a pcapng capture'],
  ['1f8b', 'a gzip file'],
];
/** Marks of text in UTF-16, which has bytes that look like anything. */
const UTF16_MARKS = ['fffe', 'feff'];
const MAGIC_BYTES_MAX = 4;

/** How to take a capture. */
export interface CaptureOptions {
  /** What the capture is called, if there are more. */
  readonly title?: string | undefined;
  /** Whether it may just stop, as live input does: a packet cut at its end is no fault then. */
  readonly isLive?: boolean;
  /** The number of the last stream, of this or an earlier capture. */
  readonly streams?: { last: number };
}

/**
 * Takes a capture in pieces of any size: MQTT bytes as they are, which are passed on as they
 * arrive, or a text that stands for them, which is read at its end.
 */
export class CaptureReader {
  readonly #target: CaptureTarget;
  readonly #options: CaptureOptions;
  readonly #streams: { last: number };
  #held: Buffer[] = [];
  #heldBytes = 0;
  /** Whether a byte was there that no text in UTF-8 has. */
  #isControlled = false;
  /** How many bytes went on to stream; undefined until it is known that they are MQTT. */
  #rawBytes: number | undefined = undefined;

  constructor(target: CaptureTarget, options: CaptureOptions = {}) {
    this.#target = target;
    this.#options = options;
    this.#streams = options.streams ?? { last: 0 };
  }

  /**
   * Takes the next bytes, and keeps them.
   *
   * @throws FormError if they are something else than MQTT, or more text than can be held.
   */
  push(chunk: Buffer): void {
    if (this.#rawBytes !== undefined) {
      this.#passOn(chunk);
      return;
    }
    this.#held.push(chunk);
    this.#heldBytes += chunk.length;
    if (this.#heldBytes > TEXT_BYTES_MAX) {
      const limit = `${TEXT_BYTES_MAX / 1024 / 1024} MiB`;
      throw new FormError(`the text is larger than ${limit}`, 'give it in parts, or as raw bytes');
    }
    this.#isControlled ||= isControlled(chunk);
    if (!this.#isControlled) return;
    const bytes = this.#held.length === 1 ? chunk : Buffer.concat(this.#held);
    this.#held = [bytes];
    if (!isMagicBegun(bytes)) this.#startRaw(bytes);
  }

  /**
   * Nothing more comes. Call it once.
   *
   * @throws FormError if there was nothing, or no bytes can be made out.
   */
  end(): void {
    if (this.#rawBytes === undefined) this.#readWhole(Buffer.concat(this.#held));
    else this.#target.onStreamEnd(this.#streams.last, this.#options.isLive ? 'stopped' : 'closed');
  }

  #readWhole(bytes: Buffer): void {
    if (bytes.length === 0) throw new FormError('there is nothing to decode', EXPECTED);
    const text = utf16Text(bytes) ?? (isText(bytes) ? bytes.toString('utf8') : undefined);
    if (text !== undefined) {
      this.#readText(text);
      return;
    }
    this.#startRaw(bytes);
    this.end();
  }

  #startRaw(bytes: Buffer): void {
    const start = bytes.toString('hex', 0, MAGIC_BYTES_MAX);
    const container = CONTAINERS.find(([magic]) => start.startsWith(magic))?.[1];
    if (container !== undefined) {
      throw new FormError(`this is ${container}, which decode cannot open`, EXPECTED);
    }
    this.#held = [];
    this.#rawBytes = 0;
    this.#open();
    this.#passOn(bytes);
  }

  #readText(text: string): void {
    const lines = textLines(text);
    const form = findForm(lines);
    if (form === undefined) throw noHex(lines);
    const { bytes, notes } = form.read(lines);
    const stream = this.#open();
    for (const note of notes) this.#target.onNote(note);
    this.#target.onPiece({
      stream,
      direction: 'unknown',
      timeMs: undefined,
      bytes,
      place: { line: 1 },
      label: undefined,
    });
    // A text is written by someone: it does not just stop, as a live stream does.
    this.#target.onStreamEnd(stream, 'closed');
  }

  #open(): number {
    this.#streams.last += 1;
    const stream = this.#streams.last;
    this.#target.onStream({ stream, title: this.#options.title });
    return stream;
  }

  #passOn(bytes: Buffer): void {
    const byte = this.#rawBytes ?? 0;
    this.#rawBytes = byte + bytes.length;
    this.#target.onPiece({
      stream: this.#streams.last,
      direction: 'unknown',
      timeMs: undefined,
      bytes,
      place: { byte },
      label: undefined,
    });
  }
}

/** Whether more bytes may show that these are no MQTT, or they are text in UTF-16. */
function isMagicBegun(bytes: Buffer): boolean {
  const start = bytes.toString('hex', 0, MAGIC_BYTES_MAX);
  if (UTF16_MARKS.some((mark) => start.startsWith(mark))) return true;
  const marks = [...UTF16_MARKS, ...CONTAINERS.map(([magic]) => magic)];
  return marks.some((mark) => mark !== start && mark.startsWith(start));
}

/** Text in UTF-16 says so by its first two bytes. */
function utf16Text(bytes: Buffer): string | undefined {
  const mark = bytes.toString('hex', 0, 2);
  const even = bytes.subarray(0, bytes.length - (bytes.length % 2));
  if (mark === 'fffe') return even.toString('utf16le');
  return mark === 'feff' ? Buffer.from(even).swap16().toString('utf16le') : undefined;
}

/** Every MQTT packet has a zero byte early on, and no text has. */
function isText(bytes: Buffer): boolean {
  return !isControlled(bytes) && isUtf8(bytes);
}

/** Whether there is a control byte other than TAB, LF, CR and ESC. */
function isControlled(bytes: Buffer): boolean {
  return bytes.some(
    (byte) => byte < 0x20 && !(byte === 9 || byte === 10 || byte === 13 || byte === 27),
  );
}

/** Shows where the first word stands that is no hex. */
function noHex(lines: readonly string[]): FormError {
  for (const [index, line] of lines.entries()) {
    const column = withoutComment(line).search(/\S/);
    if (column < 0) continue;
    const shown = JSON.stringify(
      safeText([...line.slice(column, column + 32)].slice(0, 16).join('')),
    );
    const place = `line ${index + 1}, column ${column + 1}`;
    return new FormError(`no hex is found; ${place} begins with ${shown}`, EXPECTED);
  }
  return new FormError('there is nothing to decode', EXPECTED);
}
