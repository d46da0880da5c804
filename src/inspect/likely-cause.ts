import type { Buffer } from 'node:buffer';
import type { RuleName } from '../codec/rules.ts';
import { type Inspection, isClean } from './inspect-packet.ts';
import type { BreachTrace, FieldTrace } from './tracing-reader.ts';

/** Gives a cause if the bytes speak for it. */
type Suspicion = (breach: BreachTrace, inspection: Inspection) => string | undefined;

const SUSPICIONS: { readonly [R in RuleName]?: Suspicion } = {
  'length-too-long': () => 'this is not the start of an MQTT packet',
  'length-not-minimal': ({ error }, { fields }) =>
    fields.some((field) => field.start === error.offset && field.end - field.start === 2)
      ? 'the library always writes 2 length bytes'
      : undefined,
  'reserved-type': (_breach, { bytes, level }) => {
    if (level !== 5 && isClean(bytes, 5)) return 'an AUTH of MQTT 5.0 sent to an older peer';
    return undefined;
  },
  flags: (_breach, { bytes, name }) => {
    const first = bytes[0] ?? 0;
    const isOfThree = name === 'pubrel' || name === 'subscribe' || name === 'unsubscribe';
    return isOfThree && (first & 0x0f) === 0 ? `${hex(first)} for ${hex(first | 2)}` : undefined;
  },
  'wrong-length': (_breach, { bytes, level }) =>
    level !== 5 && isClean(bytes, 5)
      ? 'the form of MQTT 5.0, on a connection of an older version'
      : undefined,
  'field-overrun': ({ error }, { bytes }) => {
    const at = error.offset ?? 0;
    if (at < 2) return undefined;
    const swapped = ((bytes[at - 1] ?? 0) << 8) | (bytes[at - 2] ?? 0);
    const isFitting = swapped > 0 && at + swapped <= bytes.length;
    return isFitting ? `length bytes swapped: ${swapped} would fit` : undefined;
  },
  'trailing-bytes': ({ error }, { bytes }) => {
    const rest = bytes.subarray(error.offset ?? bytes.length);
    if (rest.length !== 1) return undefined;
    if (rest[0] === 0x1a) return 'the Ctrl-Z that ends input to a modem';
    return rest[0] === 0 ? 'the NUL at the end of a C string' : undefined;
  },
  'property-length-missing': olderBody,
  utf8: ({ error }, { bytes, fields }) => {
    const field = fieldAt(fields, error.offset ?? 0);
    if (field === undefined) return undefined;
    if (countsCharacters(field, bytes)) return 'the length counts characters, not bytes';
    return isLatin1(bytes.subarray(error.offset ?? 0, field.end))
      ? 'text in Latin-1'
      : 'binary data in a text field';
  },
  nul: ({ error }, { fields }) =>
    fieldAt(fields, error.offset ?? 0)?.end === (error.offset ?? 0) + 1
      ? 'a C string sent with its terminator'
      : undefined,
  'reason-code': ({ error }, { bytes, level, name }) => {
    const code = bytes[error.offset ?? 0] ?? 0;
    const isOlder = name === 'connack' && level === 5 && code >= 1 && code <= 5;
    return isOlder ? 'a return code of MQTT 3.1.1, on a connection of 5.0' : undefined;
  },
  'packet-id-zero': () => 'the counter starts at 0, or wrapped past 65535',
  'protocol-level': ({ error }, { bytes }) =>
    ((bytes[error.offset ?? 0] ?? 0) & 0x80) !== 0
      ? "bit 7 is the private mark of some brokers' bridges"
      : undefined,
  'connect-field-missing': () => 'connect flags and payload are built apart',
  'qos-3': (_breach, { bytes }) => {
    const first = bytes[0] ?? 0;
    return `${hex(first)} for ${hex(first & ~0b0010)} (QoS 2) or ${hex(first & ~0b0100)} (QoS 1)`;
  },
  'topic-wildcard': () => 'a filter used as a topic',
  'sub-id-from-client': () => 'a message forwarded with all its properties',
  'options-reserved': (_breach, { bytes, level }) =>
    level !== 5 && ((bytes.at(-1) ?? 0) & 0xc0) === 0
      ? 'the options of MQTT 5.0, on a connection of an older version'
      : undefined,
};

/** Why somebody may have sent this: undefined unless the bytes speak for one cause. */
export function likelyCause(breach: BreachTrace, inspection: Inspection): string | undefined {
  return SUSPICIONS[breach.error.rule]?.(breach, inspection);
}

function olderBody(_breach: BreachTrace, { bytes, level }: Inspection): string | undefined {
  return level === 5 && isClean(bytes, 4)
    ? 'the form of MQTT 3.1.1, without properties'
    : undefined;
}

function fieldAt(fields: readonly FieldTrace[], at: number): FieldTrace | undefined {
  return fields.find(({ bits, end, start }) => bits === undefined && start <= at && at < end);
}

/** Whether the text goes on behind its length, which is right for its characters. */
function countsCharacters({ start }: FieldTrace, bytes: Buffer): boolean {
  const length = bytes.readUInt16BE(start);
  const chars = [...bytes.toString('utf8', start + 2, start + 2 + 4 * length)].slice(0, length);
  return chars.length === length && !chars.includes('\uFFFD');
}

/** No control characters of either half: every byte is a letter or a sign there. */
function isLatin1(bytes: Buffer): boolean {
  return bytes.every((byte) => (byte >= 0x20 && byte < 0x7f) || byte >= 0xa0);
}

function hex(byte: number): string {
  return `0x${byte.toString(16).padStart(2, '0')}`;
}
