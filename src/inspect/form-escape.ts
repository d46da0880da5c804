import { Buffer } from 'node:buffer';
import type { CaptureForm } from './capture-form.ts';

const ESCAPE = /\\x[\da-f]{2}/gi;
const QUOTED = /"([^"\\]*(?:\\[\s\S][^"\\]*)*)"|'([^'\\]*(?:\\[\s\S][^'\\]*)*)'/g;
const PART = /\\x([\da-f]{2})|\\([0-7]{1,3})|\\\r?\n|\\([\s\S])|([^\\]+)|\\$/giu;
const LETTERS: Readonly<Record<string, number | undefined>> = {
  a: 7,
  b: 8,
  t: 9,
  n: 10,
  v: 11,
  f: 12,
  r: 13,
  e: 27,
};

/** Strings with escapes, as C, Python, JavaScript, Rust and shells write them. */
export const escapeForm: CaptureForm = {
  name: 'escape',
  isFormOf: (lines) => hasEscapes(lines.map(({ text }) => text)),
  read(lines) {
    const text = lines.map((line) => line.text).join('\n');
    const strings = [...text.matchAll(QUOTED)].map(([, double, single]) => double ?? single ?? '');
    // Without quotes, the end of a line is none of the bytes.
    const parts = hasEscapes(strings) ? strings : text.split('\n');
    const first = lines.find((line) => line.text.includes('\\x'));
    const bytes = Buffer.concat(parts.map(unescaped));
    return { blocks: [{ bytes, line: first?.number ?? 1, side: first?.side }], notes: [] };
  },
};

/** At least two: a single one may stand in any message. */
function hasEscapes(texts: readonly string[]): boolean {
  let count = 0;
  for (const text of texts) {
    count += text.match(ESCAPE)?.length ?? 0;
    if (count > 1) return true;
  }
  return false;
}

function unescaped(text: string): Buffer {
  const parts = [...text.matchAll(PART)].map(([, hex, octal, letter, plain]) => {
    if (hex !== undefined) return Buffer.from(hex, 'hex');
    if (octal !== undefined) return Buffer.from([Number.parseInt(octal, 8) & 0xff]);
    if (letter === undefined) return Buffer.from(plain ?? '');
    const byte = LETTERS[letter];
    return byte === undefined ? Buffer.from(letter) : Buffer.from([byte]);
  });
  return Buffer.concat(parts);
}
