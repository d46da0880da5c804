/**
 * What a terminal might act on or a reader might not see: control characters, marks that turn the
 * direction of writing, other kinds of line ends, and characters without a shape.
 */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}]/gu;
const NAMED: Readonly<Record<string, string>> = { '\t': '\\t', '\n': '\\n', '\r': '\\r' };

/** Text that any terminal shows as it is: what is unsafe stands as `\n` or `\u{1b}`. */
export function safeText(text: string): string {
  return text.replaceAll(
    UNSAFE,
    (char) => NAMED[char] ?? `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`,
  );
}

/** The same in quotes; those inside are escaped, and backslashes too. */
export function quotedText(text: string): string {
  return `"${safeText(text.replaceAll(/["\\]/g, '\\$&'))}"`;
}

/** Printable ASCII as it is, all else as a dot: the third column of a dump. */
export function asciiOf(bytes: Iterable<number>): string {
  let text = '';
  for (const byte of bytes) text += byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.';
  return text;
}
