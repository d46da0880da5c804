import { Buffer, isUtf8 } from 'node:buffer';

/** What a terminal may act on: control characters, and what turns the direction of text. */
const UNSAFE = /[\p{Cc}\u200e\u200f\u202a-\u202e\u2028\u2029\u2066-\u2069]/gu;

/**
 * Bytes as a terminal may be shown them: its control characters, and bytes that are no UTF-8, as
 * `\xNN`, byte by byte.
 */
export function terminalText(bytes: Buffer): string {
  if (isUtf8(bytes)) return escapeControls(bytes.toString());
  let text = '';
  for (let at = 0; at < bytes.length; ) {
    const length = characterLength(bytes, at);
    const piece = bytes.subarray(at, at + Math.max(length, 1));
    text += length === 0 ? escapeBytes(piece) : escapeControls(piece.toString());
    at += piece.length;
  }
  return text;
}

function escapeControls(text: string): string {
  return text.replaceAll(UNSAFE, (char) => escapeBytes(Buffer.from(char)));
}

function escapeBytes(bytes: Buffer): string {
  let text = '';
  for (const byte of bytes) text += `\\x${byte.toString(16).padStart(2, '0')}`;
  return text;
}

/** How many bytes the character at `at` has; 0 if there is none. */
function characterLength(bytes: Buffer, at: number): number {
  for (let length = 1; length <= 4 && at + length <= bytes.length; length += 1) {
    if (isUtf8(bytes.subarray(at, at + length))) return length;
  }
  return 0;
}
