const ALPHABET = '0123456789abcdefghijklmnopqrstuvwxyz';
/** The largest multiple of the alphabet's length in a byte: what lies above would favour some. */
const FAIR_MAX = 252;

/** Random characters of [0-9a-z], each as likely as the others. */
export function randomText(length: number, randomBytes: (count: number) => Uint8Array): string {
  let text = '';
  while (text.length < length) {
    for (const byte of randomBytes(length - text.length)) {
      if (byte < FAIR_MAX) text += ALPHABET[byte % ALPHABET.length];
    }
  }
  return text;
}
