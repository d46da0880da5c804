/** Colours and other ANSI sequences, of both kinds. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: it looks for ESC itself
const ANSI = /\u001b(?:\[[\d;?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[@-Z\\-_])/g;
/** `I (627) MQTT: `, as the ESP-IDF logs. */
const LOG_PREFIX = /^[EWIDV] \(\d+\) [^:]*: /;
const COMMENT = /(?:^|\s)(?:#|\/\/|;).*$/;

/** A text as the forms take it: lines without colours, log prefixes and carriage returns. */
export function textLines(text: string): string[] {
  const plain = text.replace(/^\ufeff/, '').replaceAll(ANSI, '');
  return plain.split(/\r\n|\n|\r/).map((line) => line.replace(LOG_PREFIX, ''));
}

/** A line without what stands behind ` #`, ` //` or ` ;`. */
export function withoutComment(line: string): string {
  return line.replace(COMMENT, '');
}
