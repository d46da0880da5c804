import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { parseOptions } from '../../src/cli/options.ts';
import { PropertyBag } from '../../src/cli/property-bag.ts';
import { addWillProperties, givenWill, WILL_OPTIONS } from '../../src/cli/will-options.ts';
import { RecordedPlatform } from '../support/recorded-platform.ts';

async function will(...words: readonly string[]) {
  const { options } = parseOptions(WILL_OPTIONS, words);
  const platform = new RecordedPlatform();
  const bag = new PropertyBag();
  await addWillProperties(options, bag, platform);
  return await givenWill(options, bag, platform);
}

it('is none unless it has a topic', async () => {
  expect(await will()).toBeUndefined();
});

it('is empty, with QoS 0, and not kept, unless it is said otherwise', async () => {
  expect(await will('--will-topic', 'w')).toEqual({
    topicName: 'w',
    payload: Buffer.alloc(0),
    qos: 0,
    isRetained: false,
    properties: {},
  });
});

it('is all that is said', async () => {
  const words =
    '--will-topic w --will-payload-hex 6869 --will-qos 2 --will-retain --will-delay 1m ' +
    '--will-expiry 1h --will-content-type t --will-response-topic r --will-correlation-data c ' +
    '--will-utf8 --will-user-property a=b=c';
  expect(await will(...words.split(' '))).toEqual({
    topicName: 'w',
    payload: Buffer.from('hi'),
    qos: 2,
    isRetained: true,
    properties: {
      willDelayInterval: 60,
      messageExpiryInterval: 3600,
      contentType: 't',
      responseTopic: 'r',
      correlationData: Buffer.from('c'),
      payloadFormatIndicator: 1,
      userProperty: [['a', 'b=c']],
    },
  });
});

describe('usage', () => {
  it.each([
    ['--will-payload x'],
    ['--will-qos 1'],
    ['--will-retain'],
    ['--will-on-exit'],
    ['--will-delay 5'],
  ])('refuses %s without a topic', async (words) => {
    await expect(will(...words.split(' '))).rejects.toMatchObject({
      kind: 'usage',
      message: 'a will without a topic',
    });
  });

  it.each([['--will-topic a/#'], ['--will-qos 3'], ['--will-delay 0.5']])(
    'refuses %s',
    async (words) => {
      await expect(will('--will-topic', 'w', ...words.split(' '))).rejects.toMatchObject({
        kind: 'usage',
      });
    },
  );
});
