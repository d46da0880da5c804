import { Buffer } from 'node:buffer';
import { expect, it } from 'vitest';
import { withHeader } from '../../src/inspect/packet-body.ts';

it.each([
  [0, 'e000'],
  [2, 'e0020000'],
  [127, `e07f${'00'.repeat(127)}`],
  [128, `e08001${'00'.repeat(128)}`],
  [16_384, `e0808001${'00'.repeat(16_384)}`],
])('puts a header before a body of %i bytes', (length, hex) => {
  expect(withHeader('disconnect', 0, Buffer.alloc(length)).toString('hex')).toBe(hex);
});

it('takes flags as they are given', () => {
  expect(withHeader('publish', 0b1011, Buffer.alloc(0)).toString('hex')).toBe('3b00');
});
