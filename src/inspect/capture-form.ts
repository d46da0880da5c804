import type { Buffer } from 'node:buffer';
import { hexForm } from './form-hex.ts';
import { hexdumpForm } from './form-hexdump.ts';
import { plainForm } from './form-plain.ts';
import { wordsForm } from './form-words.ts';
import { xxdForm } from './form-xxd.ts';

/** A way to write bytes as text. */
export interface CaptureForm {
  readonly name: string;
  /** Whether the text is written so; the first form for which this holds takes the whole text. */
  isFormOf(lines: readonly string[]): boolean;
  /** @throws FormError if a line does not fit after all. */
  read(lines: readonly string[]): CaptureBytes;
}

/** The bytes of a capture. */
interface CaptureBytes {
  readonly bytes: Buffer;
  /** What was left out, or understood in a way that a person should know of. */
  readonly notes: readonly string[];
}

/** The forms by rank: from the most particular to the one that takes any text with hex in it. */
const FORMS: readonly CaptureForm[] = [xxdForm, hexdumpForm, wordsForm, plainForm, hexForm];

/** The form that a text is written in; undefined if there is none. */
export function findForm(lines: readonly string[]): CaptureForm | undefined {
  return FORMS.find((form) => form.isFormOf(lines));
}
