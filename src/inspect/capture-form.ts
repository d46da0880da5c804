import type { Buffer } from 'node:buffer';
import type { Direction } from './capture-target.ts';
import { angleForm } from './form-angle.ts';
import { arrayForm } from './form-array.ts';
import { base64Form } from './form-base64.ts';
import { bufferForm } from './form-buffer.ts';
import { decimalForm } from './form-decimal.ts';
import { dumpForm } from './form-dump.ts';
import { escapeForm } from './form-escape.ts';
import { followForm } from './form-follow.ts';
import { hexForm } from './form-hex.ts';
import { hexdumpForm } from './form-hexdump.ts';
import { jsonForm } from './form-json.ts';
import { octalForm } from './form-octal.ts';
import { plainForm } from './form-plain.ts';
import { tcpdumpForm } from './form-tcpdump.ts';
import { wordsForm } from './form-words.ts';
import { xxdForm } from './form-xxd.ts';
import type { LogSide, TextLine } from './text-lines.ts';

/** A way to write bytes as text. */
export interface CaptureForm {
  readonly name: string;
  /** Whether the text is written so; the first form for which this holds takes the whole text. */
  isFormOf(lines: readonly TextLine[]): boolean;
  /** @throws FormError if a line does not fit after all. */
  read(lines: readonly TextLine[]): FormContents;
}

/** What a text holds. */
interface FormContents {
  readonly blocks: readonly TextBlock[];
  /** What was left out, or understood in a way that a person should know of. */
  readonly notes: readonly string[];
}

/** Bytes that stand together in a text. */
export interface TextBlock {
  readonly bytes: Buffer;
  /** The line on which they begin, from 1 on. */
  readonly line: number;
  readonly side?: LogSide | undefined;
  /** Who sent them, where the bytes themselves tell. */
  readonly direction?: Direction | undefined;
  readonly timeMs?: number | undefined;
  /** What the text calls them. */
  readonly label?: string | undefined;
  /** Bytes behind them that were not printed. */
  readonly missingBytes?: number;
  /** Whether a packet may begin here, and what was unfinished before be left so. */
  readonly isApart?: boolean;
  /** They are no MQTT but a packet of the network, on this kind of link. */
  readonly linkType?: number | undefined;
  /** From 1 on, if a text holds several streams. */
  readonly stream?: number;
}

/** The forms by rank: from the most particular to the one that takes any text with hex in it. */
const FORMS: readonly CaptureForm[] = [
  followForm,
  bufferForm,
  jsonForm,
  tcpdumpForm,
  xxdForm,
  hexdumpForm,
  escapeForm,
  arrayForm,
  angleForm,
  octalForm,
  dumpForm,
  wordsForm,
  decimalForm,
  plainForm,
  hexForm,
  base64Form,
];

/** The names by which a form can be asked for. */
export const FORM_NAMES: readonly string[] = [...new Set(FORMS.map(({ name }) => name))];

/** The form that a text is written in, of those of this name if one is given. */
export function findForm(lines: readonly TextLine[], name?: string): CaptureForm | undefined {
  const forms = name === undefined ? FORMS : FORMS.filter((form) => form.name === name);
  return forms.find((form) => form.isFormOf(lines));
}
