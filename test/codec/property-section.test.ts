import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { PacketWriter } from '../../src/codec/packet-writer.ts';
import {
  NO_PROPERTIES,
  PROPERTIES,
  type PropertiesOf,
  type PropertyPlace,
} from '../../src/codec/properties.ts';
import {
  hasProperties,
  readProperties,
  writeProperties,
} from '../../src/codec/property-section.ts';
import { UnsendableError } from '../../src/codec/unsendable-error.ts';
import { hex } from '../support/hex.ts';
import { readerOf } from '../support/read-frame.ts';
import { refusalOf, testVectors } from '../support/test-vectors.ts';

testVectors('properties-refused.hex');

const PLACES = [...new Set(PROPERTIES.flatMap((row) => Object.keys(row.in)))] as PropertyPlace[];

/** One value's bytes for each kind. */
const VALUES = {
  u8: hex`01`,
  u16: hex`00 01`,
  u32: hex`00 00 00 01`,
  varint: hex`01`,
  utf8: hex`00 01 61`,
  binary: hex`00 01 61`,
  pair: hex`00 01 61 00 01 62`,
};

const CASES = PROPERTIES.map((row) => [row.title, row] as const);

function sectionOf(...properties: Buffer[]): Buffer {
  const section = Buffer.concat(properties);
  return Buffer.concat([Buffer.from([section.length]), section]);
}

describe.each(CASES)('%s', (_title, row) => {
  const property = Buffer.concat([Buffer.from([row.id]), VALUES[row.kind]]);

  it.each(PLACES)('in %s is read, or refused as misplaced', (place) => {
    const read = () => readProperties(readerOf(sectionOf(property)), place);
    if (place in row.in) expect(Object.keys(read())).toEqual([row.name]);
    else expect(refusalOf(read)).toMatchObject({ rule: 'property-misplaced', offset: 1 });
  });

  it('may come twice only if it is a list there', () => {
    for (const [place, section] of Object.entries(row.in)) {
      const read = () =>
        readProperties(readerOf(sectionOf(property, property)), place as PropertyPlace);
      if (row.kind === 'pair' || (row.kind === 'varint' && place === 'publish')) {
        expect(Object.values(read())[0]).toHaveLength(2);
      } else {
        expect(refusalOf(read)).toMatchObject({
          rule: 'property-twice',
          reason: 'protocolError',
          clauses: [`section ${section}`],
          offset: 1 + property.length,
        });
      }
    }
  });

  it('is refused wherever the section is cut', () => {
    const [place = 'publish'] = Object.keys(row.in) as PropertyPlace[];
    for (let length = 1; length < property.length; length += 1) {
      // What is missing lies right behind the section, where it must not be read.
      const bytes = Buffer.concat([Buffer.from([length]), property]);
      const error = refusalOf(() => readProperties(readerOf(bytes), place));
      expect(error).toMatchObject({ rule: 'field-overrun', reason: 'malformedPacket' });
      expect(error.offset).toBeLessThanOrEqual(1 + length);
    }
  });
});

it('reads nothing before 5.0', () => {
  const r = readerOf(hex`03 23 00 01`, 4);
  expect(readProperties(r, 'publish')).toBe(NO_PROPERTIES);
  expect(r.position).toBe(0);
});

it('leaves the reader whole after a refusal', () => {
  const r = readerOf(hex`02 23 00 01`);
  refusalOf(() => readProperties(r, 'publish'));
  expect(r.position + r.remaining).toBe(4);
});

describe('writeProperties', () => {
  function written<P extends PropertyPlace>(place: P, properties: PropertiesOf<P>): Buffer {
    const w = new PacketWriter();
    w.begin();
    writeProperties(w, place, properties, 5);
    return Buffer.from(w.end(0).subarray(2));
  }

  it('writes an empty section as its length [MQTT-2.2.2-1]', () => {
    expect(written('publish', {})).toEqual(hex`00`);
    expect(written('publish', NO_PROPERTIES)).toEqual(hex`00`);
  });

  it.each([
    ['receive maximum 0', 'connect', { receiveMaximum: 0 }],
    ['maximum QoS 2', 'connack', { maximumQos: 2 }],
    ['subscription identifier 0', 'publish', { subscriptionIdentifier: [1, 0] }],
    ['a subscription identifier of 5 bytes', 'publish', { subscriptionIdentifier: [268_435_456] }],
    ['half a second', 'connect', { sessionExpiryInterval: 0.5 }],
    ['no number', 'connect', { receiveMaximum: Number.NaN }],
    ['a payload format that is none', 'will', { payloadFormatIndicator: 2 }],
    ['U+0000 [MQTT-1.5.7-1]', 'publish', { userProperty: [['a', '\0']] }],
    ['half a surrogate pair [MQTT-3.3.2-19]', 'publish', { contentType: '\ud800' }],
    ['an empty response topic', 'publish', { responseTopic: '' }],
    ['a property of another packet', 'puback', { topicAlias: 1 }],
    ['two subscription identifiers', 'subscribe', { subscriptionIdentifier: [1, 2] }],
  ] as const)('does not write %s in %s', (_what, place, properties) => {
    expect(() => written(place, properties as PropertiesOf<typeof place>)).toThrow(UnsendableError);
  });
});

it('tells whether there are properties', () => {
  expect([NO_PROPERTIES, {}, { topicAlias: 1 }].map(hasProperties)).toEqual([false, false, true]);
});
