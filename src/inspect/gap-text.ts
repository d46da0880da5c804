import { isReadable } from './payload-text.ts';
import { quotedText } from './safe-text.ts';
import type { Gap } from './stream-decoder.ts';
import { countText } from './value-text.ts';

/** Of a gap that is no text, so many bytes are shown. */
const GAP_HEX_MAX = 16;

/** How well-known strangers in a stream begin, in hex. */
const STRANGERS: readonly (readonly [pattern: RegExp, what: string])[] = [
  [/^(?:1a)+$/, 'Ctrl-Z, which ends input to a modem'],
  [/^(?:0d0a|0a)+$/, 'line ends'],
  [/^1603/, 'TLS: the stream is encrypted'],
  [/^(?:474554|504f5354|48545450)(?:20|2f)/, 'HTTP'],
  [/^(?:50524f585920|0d0a0d0a000d0a515549540a)/, 'a PROXY header'],
  [/^8[12]/, 'perhaps a WebSocket frame'],
  [/^(?:3\d|[46][1-6]){8,}$/, 'perhaps hex that was sent as text'],
];

/** What a gap holds, as far as it can be told, unless it may be a secret. */
export function gapText({ bytes, isMissing, isSecret, length }: Gap): string {
  if (isMissing) return '(sent, but the input does not have them)';
  if (isSecret) return '(hidden: it may belong to the CONNECT before it)';
  const hex = bytes.toString('hex');
  const guess = STRANGERS.find(([pattern]) => pattern.test(hex))?.[1];
  const more = length > bytes.length ? ` … +${countText(length - bytes.length)}` : '';
  const shown = isReadable(bytes) ? `${quotedText(bytes.toString('utf8'))}${more}` : hexText(hex);
  return guess === undefined ? shown : `${shown}  ${guess}`;
}

function hexText(hex: string): string {
  const pairs = hex.match(/../g) ?? [];
  const more = pairs.length > GAP_HEX_MAX ? ' …' : '';
  return `${pairs.slice(0, GAP_HEX_MAX).join(' ')}${more}`;
}
