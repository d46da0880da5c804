import { Buffer } from 'node:buffer';
import { expect, it } from 'vitest';
import { clientOrder, ORDER_OPTIONS } from '../../src/cli/client-order.ts';
import { printPackets } from '../../src/cli/dry-run.ts';
import { parseOptions } from '../../src/cli/options.ts';
import { NO_PROPERTIES } from '../../src/codec/properties.ts';
import { RecordedPlatform } from '../support/recorded-platform.ts';

async function* messages() {
  const plain = { topicName: 'a', isRetained: false, properties: NO_PROPERTIES } as const;
  yield [
    { ...plain, qos: 1, payload: Buffer.from('x') } as const,
    { ...plain, qos: 0, payload: Buffer.from('y') } as const,
    { ...plain, qos: 2, payload: Buffer.from('z') } as const,
  ];
}

async function printed(...words: readonly string[]) {
  const platform = new RecordedPlatform();
  const { options } = parseOptions(ORDER_OPTIONS, ['-i', 'me', ...words]);
  const { target } = await clientOrder(options, { prefix: 'x', isLong: false }, platform);
  await printPackets(target, messages(), platform);
  return platform.out.trimEnd().split('\n');
}

it('prints CONNECT, the messages with ids of their own, and the goodbye', async () => {
  expect((await printed()).slice(1)).toEqual([
    '320700016100010078',
    '30050001610079',
    '34070001610002007a',
    'e000',
  ]);
});

it('prints them as the version has them', async () => {
  expect(await printed('-V', '311')).toEqual([
    '100e00044d5154540402003c00026d65',
    '3206000161000178',
    '300400016179',
    '340600016100027a',
    'e000',
  ]);
});

it('prints no goodbye that there is not before 5.0', async () => {
  const words = ['--will-topic', 'w', '--will-on-exit'];
  expect((await printed(...words)).at(-1)).toBe('e00104');
  expect((await printed(...words, '-V', '311')).at(-1)).toBe('340600016100027a');
});
