import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ResponseOrder } from '../../src/broker/response-order.ts';

class Reader {
  holders = 0;
  hold(): void {
    this.holders += 1;
  }
  letGo(): void {
    this.holders -= 1;
  }
}

it('sends answers in the order of what they answer, however they are settled', () => {
  fc.assert(
    fc.property(fc.shuffledSubarray([0, 1, 2, 3, 4, 5, 6, 7], { minLength: 8 }), (order) => {
      const line = new ResponseOrder(new Reader());
      const sent: number[] = [];
      const places = order.map(() => line.begin());
      for (const n of order) {
        const place = places[n];
        if (place !== undefined) line.settle(place, () => sent.push(n));
      }
      expect(sent).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
      expect(line.length).toBe(0);
    }),
  );
});

it('sends at once what stands behind nothing', () => {
  const line = new ResponseOrder(new Reader());
  const sent: string[] = [];
  line.settle(line.begin(), () => sent.push('a'));
  expect(sent).toEqual(['a']);
});

it('stops reading while a thousand answers are due, and goes on at half', () => {
  const reader = new Reader();
  const line = new ResponseOrder(reader);
  const places = Array.from({ length: 1_000 }, () => line.begin());
  line.begin();
  expect(reader.holders).toBe(1);
  for (const place of places.slice(0, 501)) line.settle(place, () => {});
  expect([line.length, reader.holders]).toEqual([500, 1]);
  for (const place of places.slice(501, 502)) line.settle(place, () => {});
  expect(reader.holders).toBe(0);
});

it('sends and keeps nothing once the connection is gone', () => {
  const line = new ResponseOrder(new Reader());
  const sent: string[] = [];
  const [first, second] = [line.begin(), line.begin()];
  line.settle(second, () => sent.push('second'));
  line.close();
  line.settle(first, () => sent.push('first'));
  line.settle(line.begin(), () => sent.push('third'));
  expect([sent, line.length]).toEqual([[], 0]);
});

it('sends no more once an answer has closed it', () => {
  const line = new ResponseOrder(new Reader());
  const sent: string[] = [];
  const [first, second] = [line.begin(), line.begin()];
  line.settle(second, () => sent.push('second'));
  line.settle(first, () => line.close());
  expect(sent).toEqual([]);
});
