import { Buffer, isUtf8 } from 'node:buffer';
import { CaptureFile } from './capture-file.ts';
import { findForm } from './capture-form.ts';
import type { FrameOptions } from './capture-frames.ts';
import type { CaptureTarget } from './capture-target.ts';
import { FormError } from './form-error.ts';
import { isPcap } from './pcap-file.ts';
import { isPcapng } from './pcapng-file.ts';
import { RawBytes } from './raw-bytes.ts';
import { safeText } from './safe-text.ts';
import { textLines, withoutComment } from './text-lines.ts';

/** A text is read as a whole, to see how it is written: so much of it is held. */
export const TEXT_BYTES_MAX = 16 * 1024 * 1024;

const EXPECTED =
  'give MQTT bytes as they are, hex ("10 0c 00 04"), a capture, or what a dump tool prints';

/** How containers begin that are not MQTT themselves, in hex: pcap, pcapng and gzip. */
const CONTAINERS = ['d4c3b2a1', 'a1b2c3d4', '4d3cb2a1', 'a1b23c4d', '0a0d0d0a', '1f8b'];
/** Marks of text in UTF-16, which has bytes that look like anything. */
const UTF16_MARKS = ['fffe', 'feff'];
const MAGIC_BYTES_MAX = 4;

/** How to take a capture. */
export interface CaptureOptions extends FrameOptions {
  /** What the capture is called, if there are more. */
  readonly title?: string | undefined;
  /** Whether it may just stop, as live input does: a packet cut at its end is no fault then. */
  readonly isLive?: boolean;
}

/** Reads one form of input, in pieces of any size. */
interface BytesReader {
  /** Takes the next bytes, and keeps them. */
  push(chunk: Buffer): void;
  /** Nothing more comes. */
  end(): void;
}

/**
 * Takes a capture in pieces of any size: MQTT bytes as they are, or the packets of a network, which
 * are passed on as they arrive, or a text that stands for them, which is read at its end.
 */
export class CaptureReader {
  readonly #target: CaptureTarget;
  readonly #options: CaptureOptions;
  #held: Buffer[] = [];
  #heldBytes = 0;
  /** Whether a byte was there that no text in UTF-8 has. */
  #isControlled = false;
  /** Set once it is known that the input is no text. */
  #reader: BytesReader | undefined = undefined;

  constructor(target: CaptureTarget, options: CaptureOptions = { streams: { last: 0 } }) {
    this.#target = target;
    this.#options = options;
  }

  /**
   * Takes the next bytes, and keeps them.
   *
   * @throws FormError if they are something else than MQTT, or more text than can be held.
   */
  push(chunk: Buffer): void {
    if (this.#reader !== undefined) {
      this.#reader.push(chunk);
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
    if (!isMagicBegun(bytes)) this.#startBytes(bytes);
  }

  /**
   * Nothing more comes. Call it once.
   *
   * @throws FormError if there was nothing, or no bytes can be made out.
   */
  end(): void {
    if (this.#reader === undefined) this.#readWhole(Buffer.concat(this.#held));
    this.#reader?.end();
  }

  #readWhole(bytes: Buffer): void {
    if (bytes.length === 0) throw new FormError('there is nothing to decode', EXPECTED);
    const text = utf16Text(bytes) ?? (isText(bytes) ? bytes.toString('utf8') : undefined);
    if (text === undefined) this.#startBytes(bytes);
    else this.#readText(text);
  }

  #startBytes(bytes: Buffer): void {
    if (isGzip(bytes)) throw new FormError('this is a gzip file in another one', EXPECTED);
    this.#held = [];
    this.#reader = this.#readerOf(bytes);
    this.#reader.push(bytes);
  }

  #readerOf(bytes: Buffer): BytesReader {
    const isCapture = isPcap(bytes) || isPcapng(bytes);
    return isCapture
      ? new CaptureFile(this.#target, this.#options, bytes)
      : new RawBytes(this.#target, this.#options);
  }

  #readText(text: string): void {
    const lines = textLines(text);
    const form = findForm(lines);
    if (form === undefined) throw noHex(lines);
    const { bytes, notes } = form.read(lines);
    const { streams, title } = this.#options;
    streams.last += 1;
    const stream = streams.last;
    this.#target.onStream({ stream, title });
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
}

/** Whether more bytes may show that these are no MQTT, or they are text in UTF-16. */
function isMagicBegun(bytes: Buffer): boolean {
  const start = bytes.toString('hex', 0, MAGIC_BYTES_MAX);
  if (UTF16_MARKS.some((mark) => start.startsWith(mark))) return true;
  const marks = [...UTF16_MARKS, ...CONTAINERS];
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

function isGzip(bytes: Buffer): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}
