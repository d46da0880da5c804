import { expect, it } from 'vitest';
import { codeMeaning } from '../../src/inspect/code-meaning.ts';

it.each([
  ['header.type', 3, 'publish', 5, 'PUBLISH'],
  ['header.type', 0, undefined, 5, 'reserved'],
  ['reasonCode', 0, 'disconnect', 5, 'Normal disconnection'],
  ['reasonCode', 0x10, 'puback', 5, 'No matching subscribers'],
  ['reasonCode', 5, 'connack', 4, 'not authorized'],
  ['reasonCode', 0x80, 'suback', 4, 'Failure'],
  ['reasonCode', 7, 'suback', 4, 'unknown return code'],
  ['packetId', 7, 'puback', 5, undefined],
] as const)('says what %s %i of %s in level %i means', (...row) => {
  const [path, value, name, level, meaning] = row;
  expect(codeMeaning({ path, value }, { level, name })).toBe(meaning);
});
