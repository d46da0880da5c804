import { Buffer } from 'node:buffer';
import { expect, it } from 'vitest';
import { parseOptions } from '../../src/cli/options.ts';
import { PropertyBag } from '../../src/cli/property-bag.ts';
import {
  addPublishProperties,
  PACE_OPTIONS,
  PUBLISH_PROPERTY_OPTIONS,
  publishPace,
  requireText,
} from '../../src/cli/publish-options.ts';
import { RecordedPlatform } from '../support/recorded-platform.ts';

it('reads the pace; a stream has no delay', () => {
  const words = '--repeat-delay 2s --rate 0.5 -M 3 --stop-on-refusal'.split(' ');
  const { options } = parseOptions(PACE_OPTIONS, words);
  const pace = { inFlightMax: 3, batchDelayMs: 2000, perSecond: 0.5, stopsOnRefusal: true };
  expect(publishPace(options, false)).toEqual(pace);
  expect(publishPace(options, true)).toEqual({ ...pace, batchDelayMs: 0 });
});

it('goes as fast as it can, with 20 in flight, where nothing is said', () => {
  const { options } = parseOptions(PACE_OPTIONS, []);
  expect(publishPace(options, false)).toEqual({
    inFlightMax: 20,
    batchDelayMs: 0,
    perSecond: Number.POSITIVE_INFINITY,
    stopsOnRefusal: false,
  });
});

it.each([
  ['--rate', '0'],
  ['--rate', 'fast'],
  ['-M', '0'],
  ['--repeat', '0'],
])('refuses %s %s', (...words) => {
  expect(() => parseOptions(PACE_OPTIONS, words)).toThrow(
    expect.objectContaining({ kind: 'usage' }),
  );
});

it('gives messages their properties', async () => {
  const words =
    '--content-type t --response-topic r --correlation-data-hex 00 --expiry 1m --utf8 ' +
    '--topic-alias 3 --user-property a=b';
  const { options } = parseOptions(PUBLISH_PROPERTY_OPTIONS, words.split(' '));
  const bag = new PropertyBag();
  await addPublishProperties(options, bag, new RecordedPlatform());
  expect(bag.for('publish')).toEqual({
    payloadFormatIndicator: 1,
    messageExpiryInterval: 60,
    contentType: 't',
    responseTopic: 'r',
    correlationData: Buffer.of(0),
    topicAlias: 3,
    userProperty: [['a', 'b']],
  });
});

it('checks text that is announced as such, and nothing else', () => {
  const bytes = Buffer.of(0xff);
  expect(() => requireText(bytes, { payloadFormatIndicator: 1 })).toThrow('no UTF-8');
  requireText(bytes, {});
  requireText(Buffer.from('ä'), { payloadFormatIndicator: 1 });
});
