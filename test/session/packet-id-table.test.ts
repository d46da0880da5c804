import fc from 'fast-check';
import { expect, it } from 'vitest';
import { PacketIdTable } from '../../src/session/packet-id-table.ts';

it('holds nothing at first', () => {
  const table = new PacketIdTable();
  expect([table.size, table.markOf(1), table.delete(1)]).toEqual([0, 0, 0]);
  table.markAll(2);
  expect(table.markOf(1)).toBe(0);
});

it('holds every packet id there is, and is empty again without them', () => {
  const table = new PacketIdTable();
  for (let id = 1; id <= 65_535; id += 1) table.set(id, 1 + (id % 255));
  expect(table.size).toBe(65_535);
  for (let id = 1; id <= 65_535; id += 1) expect(table.markOf(id)).toBe(1 + (id % 255));
  for (let id = 65_535; id >= 1; id -= 1) expect(table.delete(id)).toBe(1 + (id % 255));
  expect([table.size, table.markOf(1)]).toEqual([0, 0]);
});

it('gives all ids another mark', () => {
  const table = new PacketIdTable();
  for (const id of [1, 2, 65_535]) table.set(id, 1);
  table.markAll(3);
  expect([1, 2, 3, 65_535].map((id) => table.markOf(id))).toEqual([3, 3, 0, 3]);
});

/** Ids close together and far apart, so that searches for some run over the places of others. */
const ids = fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 65_535 }));
const steps = fc.array(
  fc.oneof(
    fc.record({
      kind: fc.constant('set' as const),
      id: ids,
      mark: fc.integer({ min: 1, max: 255 }),
    }),
    fc.record({ kind: fc.constant('delete' as const), id: ids, mark: fc.constant(0) }),
    fc.record({ kind: fc.constant('clear' as const), id: ids, mark: fc.constant(0) }),
  ),
  { maxLength: 200 },
);

/** The table, and a Map to compare with; each step is done to both. */
class Model {
  readonly #table = new PacketIdTable();
  readonly #map = new Map<number, number>();

  set(id: number, mark: number): void {
    this.#table.set(id, mark);
    this.#map.set(id, mark);
  }

  delete(id: number): void {
    expect(this.#table.delete(id)).toBe(this.#map.get(id) ?? 0);
    this.#map.delete(id);
  }

  clear(): void {
    this.#table.clear();
    this.#map.clear();
  }

  check(id: number): void {
    expect(this.#table.size).toBe(this.#map.size);
    expect(this.#table.markOf(id)).toBe(this.#map.get(id) ?? 0);
    for (const [known, mark] of this.#map) expect(this.#table.markOf(known)).toBe(mark);
  }
}

it('does as a Map would', () => {
  fc.assert(
    fc.property(steps, (list) => {
      const model = new Model();
      for (const { kind, id, mark } of list) {
        if (kind === 'set') model.set(id, mark);
        else if (kind === 'delete') model.delete(id);
        else if (id === 1) model.clear();
        model.check(id);
      }
    }),
  );
});
