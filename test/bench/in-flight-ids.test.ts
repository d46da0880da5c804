import fc from 'fast-check';
import { expect, it } from 'vitest';
import { InFlightIds } from '../../src/bench/in-flight-ids.ts';

it('counts up from 1, and starts over behind 65,535', () => {
  const ids = new InFlightIds();
  const taken = Array.from({ length: 65_536 }, () => {
    const id = ids.take();
    ids.free(id);
    return id;
  });
  expect([taken[0], taken[65_534], taken[65_535]]).toEqual([1, 65_535, 1]);
});

it('never gives an id that is in use, and knows which are', () => {
  const deeds = fc.array(fc.oneof(fc.constant('take' as const), fc.integer({ min: 0, max: 80 })), {
    maxLength: 200,
  });
  fc.assert(
    fc.property(deeds, (all) => {
      const ids = new InFlightIds();
      const used = new Set<number>();
      for (const deed of all) {
        if (deed === 'take') {
          const id = ids.take();
          expect(used.has(id)).toBe(false);
          used.add(id);
        } else expect(ids.free(deed)).toBe(used.delete(deed));
        expect(ids.count).toBe(used.size);
      }
    }),
  );
});

it('passes over what is in use when it starts over', () => {
  const ids = new InFlightIds();
  const kept = [ids.take(), ids.take()];
  for (let count = 3; count <= 65_535; count += 1) ids.free(ids.take());
  expect(kept).toEqual([1, 2]);
  expect(ids.take()).toBe(3);
  expect(ids.has(2)).toBe(true);
});

it('refuses to give more than there are: that is our bug', () => {
  const ids = new InFlightIds();
  for (let count = 1; count <= 65_535; count += 1) ids.take();
  expect(() => ids.take()).toThrow('Bug in mqttk');
});
