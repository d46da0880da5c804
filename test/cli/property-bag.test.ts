import { Buffer } from 'node:buffer';
import { expect, it } from 'vitest';
import { PropertyBag } from '../../src/cli/property-bag.ts';
import { RecordedPlatform } from '../support/recorded-platform.ts';

const PLATFORM = new RecordedPlatform({ files: { f: 'data' } });

it('holds what was asked for, by packet, and files as their bytes', async () => {
  const bag = await PropertyBag.of(
    [
      { packet: 'publish', name: 'correlationData', value: { path: 'f' } },
      { packet: 'publish', name: 'userProperty', value: ['a', 'b'] },
      { packet: 'publish', name: 'userProperty', value: ['a', 'c'] },
      { packet: 'will', name: 'correlationData', value: 'text' },
      { packet: 'subscribe', name: 'subscriptionIdentifier', value: 7 },
    ],
    PLATFORM,
  );
  const userProperty = [
    ['a', 'b'],
    ['a', 'c'],
  ];
  expect(bag.for('publish')).toEqual({ correlationData: Buffer.from('data'), userProperty });
  expect(bag.for('will')).toEqual({ correlationData: Buffer.from('text') });
  expect(bag.for('subscribe')).toEqual({ subscriptionIdentifier: [7] });
  expect(bag.for('connect')).toEqual({});
  expect([bag.has('will'), bag.has('connect')]).toEqual([true, false]);
});

it('says for which option MQTT 5 is needed: the first', () => {
  const bag = new PropertyBag();
  bag.add('publish', 'contentType', undefined, '--content-type');
  expect(bag.neededBy).toBeUndefined();
  bag.add('connect', 'receiveMaximum', 5, '--receive-maximum');
  bag.add('publish', 'contentType', 't', '--content-type');
  expect(bag.neededBy).toBe('--receive-maximum');
});

it('holds each but user properties once', () => {
  const bag = new PropertyBag();
  bag.add('publish', 'contentType', 't', '-D');
  expect(() => bag.add('publish', 'contentType', 't', '--content-type')).toThrow(
    'publish has two values for content type',
  );
});
