import { RETURN_CODES, reasonTitle } from '../codec/reason-code.ts';
import type { Inspection } from './inspect-packet.ts';
import type { FieldTrace } from './tracing-reader.ts';

/** Return codes of SUBACK before 5.0 (3.1.1 section 3.9.3). */
const GRANTED: { readonly [code: number]: string } = {
  0: 'Maximum QoS 0',
  1: 'Maximum QoS 1',
  2: 'Maximum QoS 2',
  128: 'Failure',
};

/** What a packet type, reason code or return code is called in this packet and version. */
export function codeMeaning(
  { path, value }: Pick<FieldTrace, 'path' | 'value'>,
  { level, name }: Pick<Inspection, 'level' | 'name'>,
): string | undefined {
  if (typeof value !== 'number') return undefined;
  if (path === 'header.type') return name?.toUpperCase() ?? 'reserved';
  if (path !== 'reasonCode' || name === undefined) return undefined;
  if (level === 5) return reasonTitle(name, value);
  const title = name === 'connack' ? RETURN_CODES[value]?.title : GRANTED[value];
  return title ?? 'unknown return code';
}
