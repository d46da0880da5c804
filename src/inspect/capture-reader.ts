import { Buffer, isUtf8 } from 'node:buffer';
import { CaptureFile } from './capture-file.ts';
import type { CaptureOptions } from './capture-options.ts';
import type { CaptureTarget } from './capture-target.ts';
import { CONTAINER_MAGICS, isCaptureFile, isGzip } from './container-magic.ts';
import { FormError } from './form-error.ts';
import { containerIn } from './packed-text.ts';
import { RawBytes } from './raw-bytes.ts';
import { EXPECTED, TextReader } from './text-reader.ts';
import { beginsWebSocket, FRAMED_FORM, WebSocketBytes } from './websocket-bytes.ts';
import { WholeBytes } from './whole-bytes.ts';

/** Of a text that is not read line by line, so much is held. */
export const TEXT_BYTES_MAX = 16 * 1024 * 1024;

/** Marks of text in UTF-16, which has bytes that look like anything. */
const UTF16_MARKS = ['fffe', 'feff'];
const MAGIC_BYTES_MAX = 4;
/** Forms of bytes that are no text. */
export const BYTE_FORMS: readonly string[] = ['raw', 'pcap', 'pcapng'];

/** Reads one form of input, in pieces of any size. */
interface BytesReader {
  /** Takes the next bytes, and keeps them. */
  push(chunk: Buffer): void;
  /** Nothing more comes. */
  end(): void;
}

/**
 * Takes a capture in pieces of any size: MQTT bytes as they are, or the packets of a network, which
 * are passed on as they arrive, or a text that stands for them. That is read at its end, but line
 * by line if it is live.
 */
export class CaptureReader {
  readonly #target: CaptureTarget;
  readonly #options: CaptureOptions;
  readonly #text: TextReader;
  #held: Buffer[] = [];
  #heldBytes = 0;
  /** Whether lines of text are read as they come. */
  #isLinewise = false;
  /** Whether a byte was there that no text in UTF-8 has. */
  #isControlled = false;
  /** Set once it is known that the input is no text. */
  #reader: BytesReader | undefined = undefined;

  constructor(target: CaptureTarget, options: CaptureOptions = { streams: { last: 0 } }) {
    this.#target = target;
    this.#options = options;
    this.#text = new TextReader(target, options);
    if (options.form === 'raw') this.#reader = this.#rawReader();
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
    if (this.#isLinewise) this.#readLines();
    else this.#decide(chunk);
  }

  /** Nothing has come for a while: what is there of a text is read, if it can be. */
  onPause(): void {
    const isSure = this.#reader === undefined && !this.#isControlled && this.#heldBytes > 0;
    if (isSure && !this.#isLinewise) this.#readLines();
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

  /** Looks whether the input can still be text. */
  #decide(chunk: Buffer): void {
    this.#isControlled ||= isControlled(chunk);
    if (this.#isControlled) {
      const bytes = this.#held.length === 1 ? chunk : Buffer.concat(this.#held);
      this.#held = [bytes];
      const isUnclear = isMagicBegun(bytes) || beginsWebSocket(bytes) === undefined;
      if (!isUnclear) this.#startBytes(bytes);
      return;
    }
    if (this.#heldBytes <= TEXT_BYTES_MAX) return;
    this.#readLines();
    if (this.#isLinewise) return;
    const limit = `${TEXT_BYTES_MAX / 1024 / 1024} MiB`;
    throw new FormError(`the text is larger than ${limit}`, 'give it in parts, or as raw bytes');
  }

  /** Reads the whole lines that are there. */
  #readLines(): void {
    const bytes = Buffer.concat(this.#held);
    const end = bytes.lastIndexOf(LINE_FEED) + 1;
    this.#held = [bytes];
    const isLong = bytes.length > TEXT_BYTES_MAX;
    if (end === 0 && !isLong) return;
    const cut = end === 0 ? bytes.length : end;
    if (!this.#text.readLines(bytes.toString('utf8', 0, cut))) return;
    this.#isLinewise = true;
    this.#held = [Buffer.from(bytes.subarray(cut))];
    this.#heldBytes = bytes.length - cut;
  }

  #readWhole(bytes: Buffer): void {
    if (this.#isLinewise) {
      this.#text.end(bytes.toString('utf8'));
      return;
    }
    if (bytes.length === 0) throw new FormError('there is nothing to decode', EXPECTED);
    const text = utf16Text(bytes) ?? (isText(bytes) ? bytes.toString('utf8') : undefined);
    if (text === undefined) this.#startBytes(bytes);
    else this.#readText(text);
  }

  #readText(text: string): void {
    const packed = containerIn(text, this.#options);
    if (packed === undefined) {
      this.#text.end(text);
      return;
    }
    const bytes = isGzip(packed) ? this.#options.gunzip?.(packed) : packed;
    if (bytes === undefined) {
      throw new FormError('the gzip file in base64 is damaged, or too large', 'unpack it first');
    }
    const inner = new CaptureReader(this.#target, {
      ...this.#options,
      form: undefined,
      gunzip: undefined,
    });
    inner.push(bytes);
    inner.end();
  }

  #startBytes(bytes: Buffer): void {
    if (isGzip(bytes)) throw new FormError('this is a gzip file in another one', EXPECTED);
    const { form } = this.#options;
    const isFile = isCaptureFile(bytes);
    const isExpected = isFile ? BYTE_FORMS.includes(form ?? 'raw') : form === FRAMED_FORM;
    if (form !== undefined && !isExpected) {
      const what = isFile ? 'a capture' : 'no text';
      throw new FormError(`this is ${what}, not of the form ${form}`, 'leave --in out to find it');
    }
    this.#held = [];
    this.#reader = isFile
      ? new CaptureFile(this.#target, this.#options, bytes)
      : this.#plainReader(bytes);
    this.#reader.push(bytes);
  }

  #plainReader(bytes: Buffer): BytesReader {
    const { body, form, scan } = this.#options;
    const isPlain = body === undefined && scan === undefined;
    const isFramed = form === FRAMED_FORM || (isPlain && beginsWebSocket(bytes) === true);
    return isFramed ? new WebSocketBytes(this.#target, this.#options) : this.#rawReader();
  }

  #rawReader(): BytesReader {
    const { body, scan } = this.#options;
    const isWhole = body !== undefined || scan !== undefined;
    return isWhole
      ? new WholeBytes(this.#target, this.#options)
      : new RawBytes(this.#target, this.#options);
  }
}

const LINE_FEED = 0x0a;

/** Whether more bytes may show that these are no MQTT, or they are text in UTF-16. */
function isMagicBegun(bytes: Buffer): boolean {
  const start = bytes.toString('hex', 0, MAGIC_BYTES_MAX);
  if (UTF16_MARKS.some((mark) => start.startsWith(mark))) return true;
  const marks = [...UTF16_MARKS, ...CONTAINER_MAGICS];
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
