import { Buffer } from 'node:buffer';
import { expect, it } from 'vitest';
import { joinDumpRows } from '../../src/inspect/dump-rows.ts';

const row = { kind: 'bytes', offset: 0, bytes: Buffer.from('ab') } as const;
const repeat = { kind: 'repeat' } as const;

it('repeats a row up to the next offset', () => {
  const rows = [row, repeat, { kind: 'bytes', offset: 6, bytes: Buffer.from('c') } as const];
  expect(joinDumpRows(rows).toString()).toBe('abababc');
  expect(joinDumpRows([row, repeat, { kind: 'end', offset: 4 }]).toString()).toBe('abab');
});

it('refuses a repeat of nothing, and one without end', () => {
  expect(() => joinDumpRows([repeat, row])).toThrow('begins with "*"');
  expect(() => joinDumpRows([row, repeat, { kind: 'end', offset: 0xffff_ffff }])).toThrow(
    'ffffffff',
  );
  expect(() => joinDumpRows([row, repeat, { kind: 'end', offset: 1 }])).toThrow('00000001');
});
