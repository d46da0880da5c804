import { expect, it } from 'vitest';
import { packetFields } from '../../src/inspect/packet-fields.ts';
import { valueText } from '../../src/inspect/value-text.ts';
import { decodeOne } from '../support/decode-text.ts';

it('says what an alias stands for', () => {
  const packet = decodeOne('30 07 0000 03 230003 32', 5);
  const topic = (links: object) => {
    const field = packetFields({ ...packet, links }).find(({ name }) => name === 'topicName');
    return field && valueText(field, false);
  };
  expect(topic({ aliasTopic: 'a/b' })).toBe('"" (alias 3 = "a/b")');
  expect(topic({})).toBe('""');
});
