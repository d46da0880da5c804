import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { TcpSide, WAITING_BYTES_MAX } from '../../src/inspect/tcp-side.ts';

function sideOf(budget = { bytes: 0, bytesMax: 2 ** 30 }) {
  const seen: (string | number)[] = [];
  const places: number[] = [];
  const times: (number | undefined)[] = [];
  const side = new TcpSide(
    {
      onData({ byte, bytes, timeMs }) {
        seen.push(bytes.toString('latin1'));
        places.push(byte);
        times.push(timeMs);
      },
      onHole: (length) => seen.push(length),
      onDifference: () => seen.push('differs'),
    },
    budget,
  );
  const push = (sequence: number, text: string, timeMs?: number) =>
    side.push(sequence >>> 0, {
      bytes: Buffer.from(text, 'latin1'),
      timeMs,
      byte: 1000 + sequence,
    });
  return { side, push, seen, places, times, budget };
}

const TEXT = 'The quick brown fox jumps over the lazy dog';

it.each([
  ['an ordinary number', 1000],
  ['the end of the numbers', 2 ** 32 - 20],
])(
  'puts segments in order that overlap, come twice and in any order, from %s on',
  (_what, begin) => {
    const cutting = fc.array(fc.tuple(fc.nat(TEXT.length), fc.nat(TEXT.length)), { maxLength: 30 });
    fc.assert(
      fc.property(cutting, (ranges) => {
        const { budget, push, seen, side } = sideOf();
        side.begin(begin - 1, true);
        for (const [a, b] of [...ranges, [0, 9], [30, TEXT.length], [5, 35]] as const) {
          const [start, end] = [Math.min(a, b), Math.max(a, b)];
          if (start < end) push(begin + start, TEXT.slice(start, end));
        }
        side.end();
        expect(seen.join('')).toBe(TEXT);
        expect(budget.bytes).toBe(0);
      }),
    );
  },
);

it('passes on what is next at once, and what waited with the time at which it could be', () => {
  const { places, push, seen, times } = sideOf();
  push(0, 'ab', 1);
  push(4, 'ef', 2);
  push(2, 'cd', 3);
  expect(seen).toEqual(['ab', 'cd', 'ef']);
  expect(times).toEqual([1, 3, 3]);
  expect(places).toEqual([1000, 1002, 1004]);
});

it('tells of bytes that are sent again and differ, and keeps the first', () => {
  const { push, seen } = sideOf();
  push(0, 'abcd');
  push(2, 'cdef');
  push(2, 'cX');
  push(10, 'kl');
  push(9, 'jKl');
  push(6, 'ghi');
  expect(seen).toEqual(['abcd', 'ef', 'differs', 'differs', 'ghi', 'j', 'kl']);
});

it('takes a byte before the next for a probe, whatever it is', () => {
  const { push, seen } = sideOf();
  push(0, 'abcd');
  push(3, '\0');
  expect(seen).toEqual(['abcd']);
});

it('gives up a hole that the other side has acknowledged, once nothing has filled it', () => {
  const { push, seen, side } = sideOf();
  push(0, 'ab');
  push(4, 'ef');
  for (let i = 0; i < 10; i += 1) side.acknowledge(6);
  expect(seen).toEqual(['ab']);
  for (let i = 0; i < 10; i += 1) side.acknowledge(6);
  expect(seen).toEqual(['ab', 2, 'ef']);
});

it('gives up what was acknowledged and never seen, though nothing waits', () => {
  const { push, seen, side } = sideOf();
  push(0, 'ab');
  for (let i = 0; i < 20; i += 1) side.acknowledge(7);
  push(7, 'h');
  expect(seen).toEqual(['ab', 5, 'h']);
});

it('waits for a hole that is not acknowledged, and shows it at the end', () => {
  const { push, seen, side } = sideOf();
  push(0, 'ab');
  push(4, 'ef');
  for (let i = 0; i < 100; i += 1) side.acknowledge(2);
  expect(seen).toEqual(['ab']);
  side.end();
  expect(seen).toEqual(['ab', 2, 'ef']);
});

it('holds no more than its limit, and no more than all sides may', () => {
  const { budget, side, seen } = sideOf();
  side.begin(0, true);
  const bytes = Buffer.alloc(65_536);
  const data = { bytes, timeMs: undefined, byte: 0 };
  for (let at = 0; at <= WAITING_BYTES_MAX; at += bytes.length) side.push(at + 10, data);
  expect(seen[0]).toBe(9);
  expect(budget.bytes).toBe(0);
  const small = sideOf({ bytes: 0, bytesMax: 4 });
  small.push(0, 'a');
  small.push(3, 'defgh');
  expect(small.seen).toEqual(['a', 2, 'defgh']);
});

it('holds no more segments than its limit, however small', () => {
  const { push, seen } = sideOf();
  push(0, 'a');
  for (let i = 0; i < 16_500 && seen.length === 1; i += 1) push(2 + 2 * i, 'b');
  expect(seen[1]).toBe(1);
});

it('is finished when all has come up to the FIN', () => {
  const { push, side } = sideOf();
  side.begin(9, true);
  side.finish(12);
  expect(side.isFinished).toBe(false);
  push(10, 'ab');
  expect(side.isFinished).toBe(true);
  expect([side.isBegunAt(9), side.isBegunAt(8)]).toEqual([true, false]);
});

it('does not take the number of a FIN for a byte, and shows what is missing before it', () => {
  const { push, seen, side } = sideOf();
  push(0, 'ab');
  side.finish(2);
  for (let i = 0; i < 40; i += 1) side.acknowledge(3);
  side.end();
  expect(seen).toEqual(['ab']);
  const other = sideOf();
  other.push(0, 'ab');
  other.side.finish(5);
  other.side.end();
  expect(other.seen).toEqual(['ab', 3]);
});
