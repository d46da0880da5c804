import type { Buffer } from 'node:buffer';
import type { PacketName } from '../codec/packet-type.ts';
import { findProperty, type Property } from '../codec/properties.ts';
import { codeMeaning } from './code-meaning.ts';
import { BIT_NAMES, FIELD_NAMES, SECRET_FIELDS } from './field-names.ts';
import { impliedFields } from './implied-fields.ts';
import type { Inspection } from './inspect-packet.ts';
import { plainWords, snakeCase } from './plain-words.ts';
import type { ThemeRole } from './theme.ts';
import type { FieldTrace } from './tracing-reader.ts';

type ShownValue = number | string | Buffer | readonly [name: string, value: string];

/** A field as both renderers see it: an id and its property's value are one. */
export interface ShownField {
  /** For a program: snake case, an index in brackets where it may come again. */
  readonly path: string;
  /** For a person. */
  readonly label: string;
  /** Name in the codec. */
  readonly name: string;
  readonly role: ThemeRole | undefined;
  /** 1 for a property or a part of a byte, else 0. */
  readonly depth: 0 | 1;
  readonly start: number;
  readonly end: number;
  /** Undefined where the field is not whole and so says nothing. */
  readonly value: ShownValue | undefined;
  /** What the value means, or its unit. */
  readonly meaning?: string | undefined;
  readonly unit?: string | undefined;
  /** What other packets say of it. */
  readonly remark?: string;
  readonly bits?: readonly [high: number, low: number];
  readonly flaw?: 'cut' | 'overrun' | undefined;
  /** A byte whose parts are fields of their own. */
  readonly isSplit?: true;
  /** Where the bytes begin that may not be shown. */
  readonly hiddenFrom?: number | undefined;
  /** Not on the wire: the packet's short form says it. */
  readonly isImplied?: true;
}

/** The fields of a packet in wire order, with what its short form implies at the end. */
export function shownFields(inspection: Inspection, showSecrets = false): ShownField[] {
  const { fields } = inspection;
  const indexes = new Map<string, number>();
  const shown: ShownField[] = [];
  for (let i = 0; i < fields.length; i += 1) {
    const trace = fields[i];
    if (trace === undefined) break;
    const property = propertyOf(trace);
    const values = property === undefined ? [] : valuesOf(property, fields.slice(i + 1, i + 3));
    const field =
      property === undefined || values.length === 0
        ? plainField(trace, inspection, fields[i + 1])
        : propertyField(trace, property, values);
    shown.push(withSecrecy(withIndex(field, inspection.name, indexes), inspection, showSecrets));
    i += values.length;
  }
  return [...shown, ...impliedFields(inspection)];
}

function nameOf({ path }: FieldTrace): string {
  return path.slice(path.lastIndexOf('.') + 1);
}

function propertyOf(trace: FieldTrace): Property | undefined {
  const isId = nameOf(trace) === 'propertyId' && typeof trace.value === 'number';
  return isId ? findProperty(trace.value as number) : undefined;
}

/** One trace, or two for a pair; fewer where the reading ended before. */
function valuesOf(property: Property, following: readonly FieldTrace[]): readonly FieldTrace[] {
  const isPair = property.kind === 'pair';
  const group = `.${property.name}`;
  const [first, second] = following;
  if (first === undefined || !`${first.path}.`.includes(`${group}.`)) return [];
  const hasSecond = isPair && second?.path.endsWith(`${group}.userPropertyValue`) === true;
  return hasSecond && second !== undefined ? [first, second] : [first];
}

function propertyField(
  id: FieldTrace,
  property: Property,
  values: readonly FieldTrace[],
): ShownField {
  const last = values.at(-1) ?? id;
  const value = property.kind === 'pair' ? pairOf(values) : last.value;
  const { meanings, unit } = FIELD_NAMES[property.name] ?? {};
  const group = jsonGroup(id.path.slice(0, id.path.lastIndexOf('.')));
  return {
    path: `${group}.${snakeCase(property.name)}`,
    label: `${property.title} (0x${property.id.toString(16).padStart(2, '0')})`,
    name: property.name,
    role: 'property',
    depth: 1,
    start: id.start,
    end: last.end,
    value,
    meaning: typeof value === 'number' ? meanings?.[value] : undefined,
    unit,
    flaw: last.flaw,
  };
}

function pairOf(values: readonly FieldTrace[]): readonly [string, string] {
  const [name, value] = values.map((trace) => String(trace.value ?? ''));
  return [name ?? '', value ?? ''];
}

function plainField(
  trace: FieldTrace,
  inspection: Inspection,
  next: FieldTrace | undefined,
): ShownField {
  const { bits, end, flaw, start, value } = trace;
  const name = nameOf(trace);
  const { key, label, meanings, role, unit } =
    (bits === undefined ? FIELD_NAMES : BIT_NAMES)[name] ?? {};
  const group = jsonGroup(trace.path.slice(0, Math.max(0, trace.path.lastIndexOf('.'))));
  const meaning = typeof value === 'number' ? meanings?.[value] : undefined;
  return {
    path: [group, key ?? snakeCase(name)].filter((part) => part !== '').join('.'),
    label: versionLabel(trace, inspection) ?? label ?? plainWords(name),
    name,
    role,
    depth: bits === undefined && !group.endsWith('properties') ? 0 : 1,
    start,
    end,
    value,
    meaning: meaning ?? codeMeaning(trace, inspection),
    unit,
    ...(bits === undefined ? {} : { bits }),
    flaw,
    ...(bits === undefined && next?.bits !== undefined ? { isSplit: true } : {}),
  };
}

/** Names that changed with 5.0, or that depend on the packet. */
function versionLabel({ bits, path }: FieldTrace, { level, name }: Inspection): string | undefined {
  if (path === 'reasonCode' && level !== 5) return 'return code';
  if (path === 'connectFlags.cleanStart' && level !== 5) return 'clean session';
  if (path === 'payload.will.propertyLength') return 'will property length';
  if (bits === undefined || name !== 'subscribe' || !path.endsWith('.qos')) return undefined;
  return level === 5 ? 'maximum QoS' : 'requested QoS';
}

/** `header` and CONNECT's `payload` only say where a field stands, which its name says as well. */
function jsonGroup(group: string): string {
  return snakeCase(group.replace(/^(?:header|payload)(?:\.|$)/, ''));
}

/** Fields that may come again have an index, even the first of them. */
function withIndex(
  field: ShownField,
  packet: PacketName | undefined,
  indexes: Map<string, number>,
): ShownField {
  const isListedCode =
    field.name === 'reasonCode' && (packet === 'suback' || packet === 'unsuback');
  const isRepeated =
    field.name === 'userProperty' ||
    (field.name === 'subscriptionIdentifier' && packet === 'publish');
  if (!isListedCode && !isRepeated) return field;
  const base = isListedCode ? 'reason_codes' : field.path;
  const index = indexes.get(base) ?? 0;
  indexes.set(base, index + 1);
  return { ...field, path: `${base}[${index}]` };
}

/**
 * Passwords and authentication data are hidden behind their length. In packets that carry them,
 * bytes that belong to no field, or that a wrong length swallows, may be theirs.
 */
function withSecrecy(field: ShownField, { name }: Inspection, showSecrets: boolean): ShownField {
  if (showSecrets || field.bits !== undefined) return field;
  const isCredential = name === 'connect' || name === 'connack' || name === 'auth';
  const isStray =
    field.name === 'undecoded' || (field.flaw === 'overrun' && field.role !== 'length');
  if (!SECRET_FIELDS.has(field.name) && !(isCredential && isStray)) return field;
  const prefix = field.role === 'property' ? 3 : 2;
  const hiddenFrom = field.start + (field.name === 'undecoded' ? 0 : prefix);
  return { ...field, hiddenFrom: Math.min(hiddenFrom, field.end) };
}
