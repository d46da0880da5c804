import fc from 'fast-check';
import { expect, it } from 'vitest';
import { LeanMap } from '../../src/topic/lean-map.ts';

function entries(map: LeanMap<string, number>): [string, number][] {
  const found: [string, number][] = [];
  map.forEach((value, key) => {
    found.push([key, value]);
  });
  return found;
}

it('agrees with a Map, whatever is set and deleted', () => {
  const step = fc.record({
    key: fc.constantFrom('', 'a', '__proto__'),
    value: fc.option(fc.nat()),
  });
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const lean = new LeanMap<string, number>();
      const model = new Map<string, number>();
      for (const { key, value } of steps) {
        if (value === null) {
          expect(lean.delete(key)).toBe(model.delete(key));
        } else {
          lean.set(key, value);
          model.set(key, value);
        }
        expect(lean.size).toBe(model.size);
        expect(lean.has(key)).toBe(model.has(key));
        expect(lean.get('a')).toBe(model.get('a'));
        expect(entries(lean)).toEqual([...model]);
        expect([...lean]).toEqual([...model]);
        expect([...lean.values()]).toEqual([...model.values()]);
      }
    }),
  );
});

it('gives an entry that stays once, while others come and go', () => {
  const map = new LeanMap<string, number>();
  for (const [value, key] of ['a', 'b', 'c', 'd'].entries()) map.set(key, value);
  const values = map.values();
  expect(values.next().value).toBe(0);
  map.delete('a');
  map.delete('b');
  map.set('e', 4);
  map.delete('c');
  expect([...values]).toEqual([3, 4]);
});

it('gives an entry once that has stopped being alone', () => {
  const map = new LeanMap<string, number>();
  map.set('a', 0);
  const values = map.values();
  map.set('b', 1);
  map.delete('b');
  expect([...values]).toEqual([0]);
});

it.each([0, 1, 2])('is empty when %i entries are cleared, and takes new ones', (count) => {
  const map = new LeanMap<string, number>();
  for (let index = 0; index < count; index += 1) map.set(`k${index}`, index);
  map.clear();
  expect([map.size, ...map]).toEqual([0]);
  map.set('k', 1);
  expect([...map]).toEqual([['k', 1]]);
});
