import { Buffer } from 'node:buffer';
import { expect, it } from 'vitest';
import { type BrokerConfig, brokerConfig } from '../../src/broker/broker-config.ts';
import {
  EMPTY_SECTION,
  hasSection,
  PropertySections,
  SECTION_BYTES_MAX,
} from '../../src/broker/property-sections.ts';
import { writtenSection } from '../../src/broker/route-target.ts';
import type { PropertiesOf } from '../../src/codec/properties.ts';

function sections(over: Partial<BrokerConfig> = {}) {
  return new PropertySections(brokerConfig(over));
}

/** What is found of these bytes, behind and before others. */
function found(hex: string, known = sections()) {
  const bytes = Buffer.from(`ffff${hex}aaaa`, 'hex');
  return known.find(bytes, 2, bytes.length - 2);
}

it('knows properties that go on as they came, and what they are', () => {
  const section = found('0726000161000162');
  expect(section?.properties).toMatchObject({ userProperty: [['a', 'b']] });
  expect(section?.bytes.toString('hex')).toBe('0726000161000162');
  expect(section?.sent).toBe(section?.bytes);
  expect(section?.weightBytes).toBeGreaterThan(0);
});

it('sends them in the order of the table', () => {
  const section = found('080800016203000161');
  expect(section?.sent.toString('hex')).toBe('080300016108000162');
  expect(section?.bytes.toString('hex')).toBe('080800016203000161');
});

it('reads the same bytes once, and keeps bytes of its own', () => {
  const known = sections();
  const bytes = Buffer.from('04090001ff', 'hex');
  const first = known.find(bytes, 0, bytes.length);
  bytes.fill(0);
  expect(first?.properties.correlationData).toEqual(Buffer.from([0xff]));
  expect(found('0726000161000162', known)).not.toBe(first);
  expect(found('04090001ff', known)).toBe(first);
});

it.each([
  ['a message that expires', '0502000000ff'],
  ['a topic alias', '03230001'],
  ['a subscription identifier', '020b01'],
  ['a property that comes twice', '0801010101'],
  ['a response topic with a wildcard', '050800026123'],
  ['a section that is cut', '0726000161'],
  ['a length in a longer form than need be', '8000'],
  ['a length of more than two bytes', '80800103'],
])('leaves %s to the codec path, each time', (_what, hex) => {
  const known = sections();
  expect(found(hex, known)).toBeUndefined();
  expect(found(hex, known)).toBeUndefined();
});

it('leaves text that has to be checked to the codec path', () => {
  expect(found('020101')).toBeDefined();
  expect(found('020101', sections({ payloadFormatChecked: 1 }))).toBeUndefined();
  expect(found('020100', sections({ payloadFormatChecked: 1 }))).toBeDefined();
});

it(`takes sections up to ${SECTION_BYTES_MAX} bytes`, () => {
  const ofBytes = (bytes: number) => {
    const properties: PropertiesOf<'publish'> = { contentType: 'x'.repeat(bytes - 5) };
    return writtenSection(properties).toString('hex');
  };
  expect(found(ofBytes(SECTION_BYTES_MAX))?.bytes.length).toBe(SECTION_BYTES_MAX);
  expect(found(ofBytes(SECTION_BYTES_MAX + 1))).toBeUndefined();
});

it('forgets sections that are too many, and knows them when they come again', () => {
  const known = sections();
  const long = (number: number) => `05090002${number.toString(16).padStart(4, '0')}`;
  const first = found(long(0), known);
  for (let number = 1; number < 3_000; number += 1) {
    expect(found(long(number), known)?.properties.correlationData?.readUInt16BE()).toBe(number);
  }
  const again = found(long(0), known);
  expect(again).not.toBe(first);
  expect(again).toEqual(first);
});

it('tells sections apart', () => {
  const section = found('0726000161000162') ?? EMPTY_SECTION;
  const other = Buffer.from('0726000161000163', 'hex');
  expect(hasSection(other, 0, 8, section)).toBe(false);
  expect(hasSection(section.bytes, 0, 8, section)).toBe(true);
  expect(hasSection(section.bytes, 0, 1, EMPTY_SECTION)).toBe(false);
});
