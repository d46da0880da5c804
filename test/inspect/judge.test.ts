import { expect, it } from 'vitest';
import { judge } from '../../src/inspect/judge.ts';
import { decodeOne } from '../support/decode-text.ts';

it('puts what is wrong and what is odd in the order of the bytes', () => {
  const { inspection } = decodeOne('82 08 0000 00 0002 2f61 03', 5);
  expect(judge(inspection).map(({ code, severity }) => [code, severity])).toEqual([
    ['packet-id-zero', 'protocol'],
    ['topic-odd', 'odd'],
    ['options-qos-3', 'protocol'],
  ]);
});
