import { Buffer } from 'node:buffer';
import { expect, it } from 'vitest';
import type { CaptureOptions } from '../../src/inspect/capture-options.ts';
import { FormError } from '../../src/inspect/form-error.ts';
import { WholeBytes } from '../../src/inspect/whole-bytes.ts';
import { RecordedCapture } from '../support/recorded-capture.ts';

function read(options: Partial<CaptureOptions>, chunks: readonly string[]) {
  const target = new RecordedCapture();
  const whole = new WholeBytes(target, { streams: { last: 0 }, ...options });
  for (const chunk of chunks) whole.push(Buffer.from(chunk, 'hex'));
  whole.end();
  return target;
}

it('puts a header before the body that all chunks make', () => {
  const body = { name: 'puback', flags: 0 } as const;
  expect(read({ body }, ['00', '01']).hex(1, 'unknown')).toBe('40020001');
});

it('skips what is between packets, with its number of bytes', () => {
  const target = read({ scan: 'runs', direction: 'c2s' }, ['ffff', 'c000c0', '00ff']);
  expect(target.hex(1, 'c2s')).toBe('c000c000');
  expect(target.breaks).toMatchObject([{ kind: 'skipped', length: 2 }]);
  expect(target.pieces[0]?.place).toEqual({ byte: 2 });
  expect(target.ends).toEqual([[1, 'closed']]);
});

it('refuses more than it holds', () => {
  const whole = new WholeBytes(new RecordedCapture(), { streams: { last: 0 }, scan: 'all' });
  const chunk = Buffer.alloc(2 ** 24);
  for (let i = 0; i < 4; i += 1) whole.push(chunk);
  expect(() => whole.push(chunk)).toThrow(FormError);
});
