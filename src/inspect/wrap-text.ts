/** A word is kept whole unless that would leave more than half of a line empty. */
const RAGGED_SHARE = 0.5;

/** Cuts a text into lines of at most so many characters; those behind the first are indented. */
export function wrapText(text: string, columns: number, indent: number): string[] {
  const chars = [...text];
  const lines: string[] = [];
  let margin = '';
  let start = 0;
  while (margin.length + chars.length - start > columns) {
    const room = columns - margin.length;
    const blank = lastBlank(chars, start, start + room);
    const end = blank > start + room * RAGGED_SHARE ? blank : start + room;
    lines.push(`${margin}${chars.slice(start, end).join('')}`);
    start = chars[end] === ' ' ? end + 1 : end;
    margin = ' '.repeat(indent);
  }
  lines.push(`${margin}${chars.slice(start).join('')}`);
  return lines;
}

function lastBlank(chars: readonly string[], start: number, end: number): number {
  let at = end;
  while (at > start && chars[at] !== ' ') at -= 1;
  return at;
}
