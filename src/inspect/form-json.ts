import { Buffer } from 'node:buffer';
import type { CaptureForm, TextBlock } from './capture-form.ts';
import type { TextLine } from './text-lines.ts';

const NUMBER = /^\s*(\d{1,3})\s*$/;
const OPENING = /[[{(]/;
const CLOSING = /[\]})]/;

/** Lists of two decimal numbers or more, as JSON, JavaScript, Python, Rust and C write them. */
export const jsonForm: CaptureForm = {
  name: 'json',
  isFormOf: (lines) => listsOf(lines).length > 0,
  read: (lines) => ({ blocks: listsOf(lines), notes: [] }),
};

function listsOf(lines: readonly TextLine[]): TextBlock[] {
  const blocks: TextBlock[] = [];
  const [before = '', ...parts] = lines
    .map((line) => line.text)
    .join('\n')
    .split(OPENING);
  let index = lineEnds(before);
  for (const part of parts) {
    const end = part.search(CLOSING);
    const bytes = end < 0 ? undefined : bytesOf(part.slice(0, end));
    const at = lines[index];
    const place = { line: at?.number ?? 1, side: at?.side, timeMs: at?.timeMs };
    if (bytes !== undefined) blocks.push({ bytes, ...place, isApart: true });
    index += lineEnds(part);
  }
  return blocks;
}

/** Undefined if it is no list of two numbers or more, each of a byte. */
function bytesOf(list: string): Buffer | undefined {
  if (/[^\d\s,]/.test(list)) return undefined;
  const parts = list.replace(/,\s*$/, '').split(',');
  const numbers = parts.map((part) => Number(NUMBER.exec(part)?.[1] ?? 256));
  const isBytes = numbers.length > 1 && numbers.every((number) => number < 256);
  return isBytes ? Buffer.from(numbers) : undefined;
}

function lineEnds(text: string): number {
  return text.split('\n').length - 1;
}
