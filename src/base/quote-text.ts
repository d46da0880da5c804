/** What a terminal may act on, and what turns the direction of text (Unicode category Bidi). */
const UNSAFE = /[\x7f-\x9f\u200e\u200f\u202a-\u202e\u2028\u2029\u2066-\u2069]/g;

/**
 * Someone else's text in double quotes, safe to show: control characters as escapes, so that a
 * peer cannot write to a person's terminal.
 */
export function quoteText(text: string): string {
  return escapeUnsafe(JSON.stringify(text));
}

/** The same for JSON that holds someone else's text: it means what it did. */
export function escapeUnsafe(json: string): string {
  return json.replaceAll(UNSAFE, (char) => {
    return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}
