import { expect, it } from 'vitest';
import { hexByte } from '../../src/base/hex-byte.ts';

it('writes two digits, the letters as the standard has them', () => {
  expect([0, 10, 0xa2].map(hexByte)).toEqual(['0x00', '0x0A', '0xA2']);
});
