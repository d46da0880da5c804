import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { RecordCutter } from '../../src/inspect/record-cutter.ts';

/** Records whose first byte is their size. */
function cutterOf(records: string[], calls: { count: number }): RecordCutter {
  return new RecordCutter((bytes, at) => {
    calls.count += 1;
    const size = bytes[at] ?? 0;
    if (size === 0) return undefined;
    if (at + size > bytes.length) return -size;
    records.push(bytes.toString('hex', at, at + size));
    return size;
  });
}

it('cuts the same records however the bytes arrive', () => {
  const bytes = Buffer.from('0102ff03ffff0102ee', 'hex');
  fc.assert(
    fc.property(fc.array(fc.nat(bytes.length), { maxLength: 5 }), (cuts) => {
      const records: string[] = [];
      const cutter = cutterOf(records, { count: 0 });
      const at = [0, ...cuts.sort((a, b) => a - b), bytes.length];
      for (const [i, end] of at.slice(1).entries()) cutter.push(bytes.subarray(at[i], end));
      expect(records).toEqual(['01', '02ff', '03ffff', '01', '02ee']);
      expect([cutter.heldBytes, cutter.passedBytes]).toEqual([0, bytes.length]);
    }),
  );
});

it('does not look again before the bytes are there that a record needs', () => {
  const calls = { count: 0 };
  const cutter = cutterOf([], calls);
  for (let i = 0; i < 200; i += 1) cutter.push(Buffer.from([200]));
  expect(calls.count).toBe(2);
});

it('takes nothing more behind what cannot be read', () => {
  const records: string[] = [];
  const cutter = cutterOf(records, { count: 0 });
  cutter.push(Buffer.from('010001', 'hex'));
  cutter.push(Buffer.from('01', 'hex'));
  expect(records).toEqual(['01']);
  expect(cutter.heldBytes).toBe(0);
});
