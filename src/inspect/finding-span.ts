import { DIAGNOSES } from './diagnosis.ts';
import type { Inspection } from './inspect-packet.ts';
import type { BreachTrace, FieldTrace } from './tracing-reader.ts';

/** The bytes that a finding is about, and the bits if it is about part of one. */
export interface Span {
  readonly start: number;
  /** Equal to `start` where the fault is that nothing is there. */
  readonly end: number;
  readonly bits?: readonly [high: number, low: number];
}

/** Which bytes to point at: the codec gives one offset, a reader wants the whole culprit. */
export function spanOf({ error, subjects }: BreachTrace, inspection: Inspection): Span {
  const { bytes, fields } = inspection;
  const { field, isOneByte } = DIAGNOSES[error.rule] ?? {};
  const at = Math.min(error.offset ?? bytes.length, bytes.length);
  const name = error.rule === 'will-bits' ? subjects[0] : field;
  const named = name === undefined ? undefined : findNamed(fields, name, at);
  if (named !== undefined) return spanOfTrace(named);
  const around = findAround(fields, at);
  if (isOneByte === true) return { start: at, end: Math.min(at + 1, around?.end ?? at) };
  if (around === undefined) return { start: at, end: at };
  if (around.flaw === 'overrun') return spanOfOverrun(around, at);
  if (error.rule === 'field-overrun') return spanOfTrace(fieldBefore(fields, around) ?? around);
  const valued = isPropertyId(around) ? fields[fields.indexOf(around) + 1] : undefined;
  return spanOfTrace(valued ?? around);
}

/** The first field, or part of a byte, of this name; where there is none, the packet type. */
export function findSpan(fields: readonly FieldTrace[], name: string): Span {
  const named = fields.find(({ path }) => path.split('.').at(-1) === name) ?? fields[0];
  return named === undefined ? { start: 0, end: 0 } : spanOfTrace(named);
}

function spanOfTrace({ bits, end, start }: FieldTrace): Span {
  return bits === undefined ? { start, end } : { start, end, bits };
}

/** A length prefix that lies is the culprit; where not even that fits, it is all that is there. */
function spanOfOverrun({ end, start, value }: FieldTrace, at: number): Span {
  const isPrefixed = value !== undefined && at === start + 2;
  return { start, end: isPrefixed ? at : end };
}

/** A property length that lies stands before the bytes that nobody could read. */
function fieldBefore(fields: readonly FieldTrace[], trace: FieldTrace): FieldTrace | undefined {
  return trace.path === 'undecoded' ? fields[fields.indexOf(trace) - 1] : undefined;
}

/** The nearest field of this name: in the byte of the offset, before it, or else behind it. */
function findNamed(
  fields: readonly FieldTrace[],
  name: string,
  at: number,
): FieldTrace | undefined {
  const isNamed = (trace: FieldTrace) => trace.path.split('.').at(-1) === name;
  const inBits = fields.find((trace) => isNamed(trace) && trace.start === at && trace.bits);
  const whole = fields.filter((trace) => isNamed(trace) && trace.bits === undefined);
  return inBits ?? whole.findLast((trace) => trace.start <= at) ?? whole[0];
}

/** The field that holds the byte. */
function findAround(fields: readonly FieldTrace[], at: number): FieldTrace | undefined {
  return fields.find((trace) => trace.bits === undefined && trace.start <= at && at < trace.end);
}

function isPropertyId({ path }: FieldTrace): boolean {
  return path.endsWith('.propertyId');
}
