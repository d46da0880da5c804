import { Buffer } from 'node:buffer';
import { expect, it } from 'vitest';
import { type Composition, composeMessages } from '../../src/cli/message-composer.ts';
import { NO_PROPERTIES } from '../../src/codec/properties.ts';
import { RecordedPlatform } from '../support/recorded-platform.ts';

const PLAIN: Composition = {
  targets: [{ topicName: 'a', qos: 1 }],
  isRetained: false,
  properties: NO_PROPERTIES,
  clientId: 'me',
  isTemplate: false,
  isStream: false,
};

async function* source(...batches: (readonly string[])[]) {
  for (const batch of batches) yield batch.map((text) => Buffer.from(text));
}

async function messages(over: Partial<Composition>, ...batches: (readonly string[])[]) {
  const composition = { ...PLAIN, ...over };
  const made: string[] = [];
  const all = composeMessages(source(...batches), composition, new RecordedPlatform());
  for await (const batch of all) {
    for (const { payload, qos, topicName } of batch) made.push(`${topicName} ${qos} ${payload}`);
  }
  return made;
}

const TWO = [
  { topicName: 'a', qos: 1 },
  { topicName: 'b', qos: 0 },
] as const;

it('makes each payload a message for each topic, in order', async () => {
  expect(await messages({ targets: TWO }, ['{{seq}}'], ['y'])).toEqual([
    'a 1 {{seq}}',
    'b 0 {{seq}}',
    'a 1 y',
    'b 0 y',
  ]);
});

it('fills places in, in topic and payload, and counts payloads', async () => {
  const targets = [{ topicName: 't/{{seq}}', qos: 0 }] as const;
  const made = await messages({ targets, isTemplate: true }, ['{{topic}} {{client}}'], ['x']);
  expect(made).toEqual(['t/1 0 t/1 me', 't/2 0 x']);
});

it('never takes a line of the input for a template, but puts it into topics', async () => {
  const over = {
    targets: [{ topicName: 'log/{{line}}', qos: 0 }],
    isTemplate: true,
    isStream: true,
  } as const;
  expect(await messages(over, ['{{env HOME}}'])).toEqual(['log/{{env HOME}} 0 {{env HOME}}']);
  await expect(messages(over, ['a/#'])).rejects.toMatchObject({ kind: 'usage' });
});

it('refuses a topic whose places nothing fills before it makes any message', () => {
  const targets = [{ topicName: '{{nothing}}', qos: 0 }] as const;
  const composition = { ...PLAIN, targets, isTemplate: true };
  expect(() => composeMessages(source(['x']), composition, new RecordedPlatform())).toThrow(
    'cannot fill',
  );
});

it('checks payloads that are announced as text', async () => {
  const properties = { payloadFormatIndicator: 1 };
  expect(await messages({ properties }, ['ä'])).toEqual(['a 1 ä']);
});
