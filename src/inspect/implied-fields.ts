import { reasonTitle } from '../codec/reason-code.ts';
import type { Inspection } from './inspect-packet.ts';
import type { ShownField } from './shown-field.ts';

/** Packets of 5.0 that may leave out their end (sections 3.4.2.1, 3.14.2.1 and 3.15.2.1). */
const SHORT_FORMS: ReadonlySet<string> = new Set([
  'puback',
  'pubrec',
  'pubrel',
  'pubcomp',
  'disconnect',
  'auth',
]);

/** What a short packet says without writing it: Success, and no properties. */
export function impliedFields(inspection: Inspection): ShownField[] {
  const { bytes, fields, level, missingBytes, name, packet } = inspection;
  if (level !== 5 || name === undefined || packet === undefined || missingBytes > 0) return [];
  if (!SHORT_FORMS.has(name)) return [];
  const implied: ShownField[] = [];
  const common = { start: bytes.length, end: bytes.length, depth: 0, isImplied: true } as const;
  const has = (path: string) => fields.some((field) => field.path === path);
  if (!has('reasonCode')) {
    implied.push({
      ...common,
      path: 'reason_code',
      label: 'reason code',
      name: 'reasonCode',
      role: undefined,
      value: 0,
      meaning: reasonTitle(name, 0),
    });
  }
  if (!has('propertyLength')) {
    implied.push({
      ...common,
      path: 'property_length',
      label: 'property length',
      name: 'propertyLength',
      role: 'length',
      value: 0,
    });
  }
  return implied;
}
