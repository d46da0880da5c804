import { expect, it } from 'vitest';
import { decodeOne } from '../support/decode-text.ts';

const CONNECT = '10 0f 0006 4d5149736470 03 02 003c 0001 74';

function codes(hex: string): unknown[] {
  return decodeOne(hex, 3).findings.map(({ clauseIds, code, severity }) => [
    severity,
    code,
    ...clauseIds.map((id) => id.replace('3.1, our table row ', '')),
  ]);
}

it.each([
  ['92 03 0001 01', ['flags', 'V31-4', 'V31-5']],
  ['6a 02 0001', ['flags', 'V31-4', 'V31-5']],
  [CONNECT.replace('03 02', '03 03'), ['connect-reserved', 'V31-3']],
  [CONNECT.replace('03 02', '03 0a'), ['will-bits', 'V31-13']],
  [CONNECT.replace('03 02', '03 82'), ['connect-field-missing', 'V31-11']],
  ['82 06 0001 0001 74 05', ['options-reserved', 'V31-18']],
])('wonders in 3.1 about %s [V31-3] [V31-4] [V31-5] [V31-11] [V31-13] [V31-18]', (hex, finding) => {
  expect(codes(hex)).toEqual([['odd', ...finding]]);
});

it('takes what 3.1 asks for as it is, and leaves later versions to the codec', () => {
  expect(codes(CONNECT)).toEqual([]);
  expect(decodeOne('92 03 0001 01', 4).findings[0]?.severity).toBe('malformed');
});
