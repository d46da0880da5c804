import { type Buffer, isUtf8 } from 'node:buffer';
import { cborText } from './cbor-text.ts';

/** Larger payloads are shown as what they begin with. */
const VIEWED_BYTES_MAX = 65_536;
/** One byte is CBOR by chance, and a short whole number says more as such. */
const CBOR_BYTES_MIN = 3;

/** What bytes say, and in which form; undefined if they say nothing to a person. */
export interface PayloadView {
  readonly form: 'text' | 'JSON' | 'CBOR' | 'number';
  readonly text: string;
}

/** Reads bytes as what they most likely are: text, JSON, CBOR, a number. */
export function viewPayload(bytes: Buffer): PayloadView | undefined {
  if (bytes.length === 0) return undefined;
  if (isReadable(bytes)) {
    const text = bytes.toString('utf8');
    return { form: isJson(text) ? 'JSON' : 'text', text };
  }
  if (bytes.length > VIEWED_BYTES_MAX) return undefined;
  const cbor = isContainer(bytes) ? cborText(bytes) : undefined;
  if (cbor !== undefined) return { form: 'CBOR', text: cbor };
  const number = numbersText(bytes);
  return number === undefined ? undefined : { form: 'number', text: number };
}

/** Whether bytes are text that a person would write. */
export function isReadable(bytes: Buffer): boolean {
  return isUtf8(bytes) && !/[^\P{Cc}\t\n\r]/u.test(bytes.toString('utf8'));
}

/** Objects and lists: a number or a word in quotes says as text what it says as JSON. */
function isJson(text: string): boolean {
  if (text.length > VIEWED_BYTES_MAX || !/^\s*[[{]/.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}

/** Maps, lists and tags: other bytes are CBOR too often by chance. */
function isContainer(bytes: Buffer): boolean {
  const major = (bytes[0] ?? 0) >> 5;
  return bytes.length >= CBOR_BYTES_MIN && major >= 4 && major <= 6;
}

/** Both orders of bytes, whole and with a fraction where such numbers are of everyday size. */
function numbersText(bytes: Buffer): string | undefined {
  switch (bytes.length) {
    case 1:
      return `${bytes.readUInt8()}`;
    case 2:
      return orders(bytes.readUInt16BE(), bytes.readUInt16LE());
    case 4: {
      const whole = orders(bytes.readUInt32BE(), bytes.readUInt32LE());
      return [whole, ...floats(bytes.readFloatBE(), bytes.readFloatLE())].join('; ');
    }
    case 8: {
      const whole = orders(bytes.readBigUInt64BE(), bytes.readBigUInt64LE());
      return [whole, ...floats(bytes.readDoubleBE(), bytes.readDoubleLE())].join('; ');
    }
    default:
      return undefined;
  }
}

function orders(big: number | bigint, little: number | bigint): string {
  return big === little ? `${big}` : `${big} (little-endian ${little})`;
}

function floats(big: number, little: number): string[] {
  const isPlain = (value: number) => Math.abs(value) >= 1e-6 && Math.abs(value) < 1e12;
  const text = (value: number) => String(Number(value.toPrecision(7)));
  return [
    ...(isPlain(big) ? [`float ${text(big)}`] : []),
    ...(isPlain(little) ? [`float ${text(little)} (little-endian)`] : []),
  ];
}
