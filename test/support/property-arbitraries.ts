import fc from 'fast-check';
import {
  NO_PROPERTIES,
  PROPERTIES,
  type PropertiesOf,
  type PropertyPlace,
} from '../../src/codec/properties.ts';
import { countingBytes } from './counting-bytes.ts';

type Row = (typeof PROPERTIES)[number];

/** Binary fields with lengths at which the number of length bytes changes, and small ones. */
export const bytes = fc
  .oneof(fc.nat(40), fc.constantFrom(127, 128, 16_383, 16_384))
  .map(countingBytes);

/** Text with characters of one to four bytes, and those that a careless decoder would lose. */
export const text = fc
  .array(
    fc.constantFrom('a', 'Z', ' ', 'ä', '€', '😀', '\u0001', '\uFEFF', '\uFFFD', '\u{10FFFF}'),
    { maxLength: 8 },
  )
  .map((characters) => characters.join(''));

/** Topic names of few levels, so that they collide, empty levels among them. */
export const topicName = levelsOf('a', 'b', '', 'ä', '€', '$SYS', '\uFEFF').filter(
  (name) => name !== '',
);

/** Plain objects, as reading makes them: packets are compared strictly. */
export function record<T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> {
  return fc.record<T>(model, { noNullPrototype: true });
}

/** Levels of these, joined by slashes. */
export function levelsOf(...levels: string[]): fc.Arbitrary<string> {
  return fc
    .array(fc.constantFrom(...levels), { minLength: 1, maxLength: 4 })
    .map((all) => all.join('/'));
}

/** Any properties that may stand in this place, often none; `required` ones always. */
export function propertiesOf<P extends PropertyPlace>(
  place: P,
  ...required: string[]
): fc.Arbitrary<PropertiesOf<P>> {
  const rows = PROPERTIES.filter((row) => place in row.in);
  const model = Object.fromEntries(rows.map((row) => [row.name, held(row, place)]));
  const some = fc.record(model, { requiredKeys: required, noNullPrototype: true });
  const all = required.length > 0 ? some : fc.oneof(fc.constant(NO_PROPERTIES), some);
  return all as fc.Arbitrary<PropertiesOf<P>>;
}

/** What stands under a property's name: a list where it may come again. */
function held(row: Row, place: PropertyPlace): fc.Arbitrary<unknown> {
  if (!('repeats' in row)) return propertyValue(row);
  const maxLength = row.kind === 'varint' && place === 'subscribe' ? 1 : 4;
  return fc.array(propertyValue(row), { minLength: 1, maxLength });
}

function propertyValue(row: Row): fc.Arbitrary<unknown> {
  if (row.name === 'responseTopic') return topicName;
  if (row.kind === 'utf8') return text;
  if (row.kind === 'binary') return bytes;
  if (row.kind === 'pair') return fc.tuple(text, text);
  const kindMax = row.kind === 'u16' ? 0xffff : 0xffff_ffff;
  const [min, max] = 'range' in row ? row.range : [0, kindMax];
  return fc.oneof(fc.constantFrom(min, max), fc.integer({ min, max }));
}
