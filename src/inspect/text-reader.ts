import { Buffer } from 'node:buffer';
import { type CaptureForm, findForm, type TextBlock } from './capture-form.ts';
import type { CaptureOptions } from './capture-options.ts';
import type { CaptureTarget } from './capture-target.ts';
import { hasFirstPacket } from './clean-chain.ts';
import { FormError } from './form-error.ts';
import { hexForm } from './form-hex.ts';
import { guessBody, guessReading } from './hex-guess.ts';
import { withHeader } from './packet-body.ts';
import { safeText } from './safe-text.ts';
import { TextBlocks } from './text-blocks.ts';
import { type TextLine, textLines, withoutComment } from './text-lines.ts';
import { unpackFrames } from './websocket-blocks.ts';
import { FRAMED_FORM } from './websocket-bytes.ts';
import { WholeBytes } from './whole-bytes.ts';

/** What to give. */
export const EXPECTED =
  'give MQTT bytes as they are, hex ("10 0c 00 04"), a capture, or what a dump tool prints';

/** Forms of which each line can be read by itself. */
const LINEWISE: ReadonlySet<string> = new Set(['hex', 'dec', 'angle', 'buffer']);

/** Reads a text that stands for bytes: as a whole, or once its form is known line by line. */
export class TextReader {
  readonly #target: CaptureTarget;
  readonly #options: CaptureOptions;
  /** Set once lines are read as they come. */
  #form: CaptureForm | undefined = undefined;
  #blocks: TextBlocks | undefined = undefined;
  #linesRead = 0;

  constructor(target: CaptureTarget, options: CaptureOptions) {
    this.#target = target;
    this.#options = options;
  }

  /**
   * Reads whole lines, after which others come. False if their form is not known yet, or is not one
   * that can be read so: then they are to be given again, with what follows.
   */
  readLines(text: string): boolean {
    const lines = this.#linesOf(text);
    const { body, form, scan } = this.#options;
    if (form === FRAMED_FORM) return false;
    if (this.#form === undefined) {
      const found = findForm(lines, form);
      if (found === undefined || !LINEWISE.has(found.name)) return false;
      if (body !== undefined || scan !== undefined) return false;
      this.#form = found.name === hexForm.name ? hexForm : found;
    }
    this.#linesRead += lines.length - 1;
    const { blocks, notes } = this.#form.read(lines);
    for (const note of notes) this.#target.onNote(note);
    this.#blocks ??= new TextBlocks(this.#target, this.#options);
    this.#blocks.push(blocks);
    return true;
  }

  /**
   * Reads all that is left, and ends the streams.
   *
   * @throws FormError if it has no known form, or not the one that was asked for
   */
  end(text: string): void {
    if (this.#form === undefined) this.#readWhole(text);
    else {
      this.readLines(text);
      this.#blocks?.end();
    }
  }

  #readWhole(text: string): void {
    const lines = this.#linesOf(text);
    const isFramed = this.#options.form === FRAMED_FORM;
    const form = findForm(lines, isFramed ? undefined : this.#options.form);
    if (form === undefined) throw noForm(lines, this.#options.form);
    const { blocks, notes } = form.read(lines);
    for (const note of notes) this.#target.onNote(note);
    if (this.#options.scan !== undefined) {
      const whole = new WholeBytes(this.#target, { ...this.#options, body: undefined });
      for (const { bytes } of blocks) whole.push(bytes);
      whole.end();
      return;
    }
    const readings = new TextBlocks(this.#target, this.#options);
    if (isFramed) readings.push(unpackFrames(blocks, (text) => this.#target.onNote(text)));
    else if (form.name === hexForm.name) readings.push(this.#guessed(blocks));
    else readings.push(this.#completed(blocks));
    readings.end();
  }

  /** Hex that begins with no packet may be something else than it looks. */
  #guessed(blocks: readonly TextBlock[]): readonly TextBlock[] {
    if (this.#options.body !== undefined) return this.#completed(blocks);
    const bytes = Buffer.concat(blocks.map((block) => block.bytes));
    const guess = guessReading(bytes);
    const [first] = blocks;
    if (guess !== undefined && first !== undefined) {
      this.#target.onNote(guess.note);
      const { label, line, timeMs } = first;
      return [{ bytes: guess.bytes, direction: guess.direction, label, line, timeMs }];
    }
    const body = hasFirstPacket(bytes) ? undefined : guessBody(bytes);
    if (body === undefined) return blocks;
    const what = `no packet begins here, but these could be the bytes behind the header of a`;
    throw new FormError(`${what} ${body.toUpperCase()}`, `add --body ${body}`);
  }

  #completed(blocks: readonly TextBlock[]): readonly TextBlock[] {
    const { body } = this.#options;
    if (body === undefined) return blocks;
    return blocks.map((block) => ({
      ...block,
      bytes: withHeader(body.name, body.flags, block.bytes),
    }));
  }

  #linesOf(text: string): TextLine[] {
    const before = this.#linesRead;
    return textLines(text).map((line) => ({ ...line, number: before + line.number }));
  }
}

/** Shows where the first word stands that does not fit. */
function noForm(lines: readonly TextLine[], form: string | undefined): FormError {
  for (const { number, text } of lines) {
    const column = withoutComment(text).search(/\S/);
    if (column < 0) continue;
    const start = text.slice(column, column + 32);
    const shown = JSON.stringify(safeText([...start].slice(0, 16).join('')));
    const place = `line ${number}, column ${column + 1} begins with ${shown}`;
    if (form === undefined) return new FormError(`no hex is found; ${place}`, EXPECTED);
    return new FormError(`this is not of the form ${form}; ${place}`, 'leave --in out to find it');
  }
  return new FormError('there is nothing to decode', EXPECTED);
}
