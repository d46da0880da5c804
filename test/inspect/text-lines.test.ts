import { expect, it } from 'vitest';
import { textLines, withoutComment } from '../../src/inspect/text-lines.ts';

it('takes any line end, and drops colours, log prefixes and a byte order mark', () => {
  const text = '\ufeff\u001b[32m10\u001b[0m 0d\r\nI (627) MQTT: 00\rx\ny';
  expect(textLines(text).map((line) => line.text)).toEqual(['10 0d', '00', 'x', 'y']);
});

it.each([
  ['10 0d # 99', '10 0d'],
  ['10 0d // 99', '10 0d'],
  ['10 0d ; 99', '10 0d'],
  ['# 99', ''],
  ['a#b', 'a#b'],
])('drops the comment of %j', (line, rest) => {
  expect(withoutComment(line)).toBe(rest);
});
