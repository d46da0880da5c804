import fc from 'fast-check';
import { expect, it } from 'vitest';
import { PacketIds } from '../../src/session/packet-ids.ts';

it('counts from 1 [MQTT-2.2.1-3] [311:2.3.1-1]', () => {
  const ids = new PacketIds();
  expect([ids.take(), ids.take(), ids.take()]).toEqual([1, 2, 3]);
});

it('takes an id that was just freed last of all [MQTT-2.2.1-4]', () => {
  const ids = new PacketIds();
  ids.free(ids.take());
  expect(ids.take()).toBe(2);
});

it('goes from 65,535 on to 1, and past what is in use', () => {
  const ids = new PacketIds();
  for (let count = 0; count < 65_535; count += 1) ids.take();
  ids.free(3);
  expect(ids.take()).toBe(3);
});

it('is exhausted when every id is in use, and then takes none', () => {
  const ids = new PacketIds();
  for (let count = 0; count < 65_534; count += 1) ids.take();
  expect(ids.isExhausted).toBe(false);
  ids.take();
  expect(ids.isExhausted).toBe(true);
  expect(() => ids.take()).toThrow('before they take a packet id');
});

it('leaves alone what is not in use', () => {
  const ids = new PacketIds();
  ids.free(1);
  expect(ids.take()).toBe(1);
});

it('gives no id that is in use [MQTT-2.2.1-3] [MQTT-2.2.1-4] [311:2.3.1-2] [311:2.3.1-4]', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(4)), (choices) => {
      const ids = new PacketIds();
      const used: number[] = [];
      for (const choice of choices) {
        const freed = choice === 0 ? used.shift() : undefined;
        if (freed !== undefined) ids.free(freed);
        const taken = ids.take();
        expect(used).not.toContain(taken);
        expect(taken).toBeGreaterThan(0);
        used.push(taken);
      }
    }),
  );
});

it('says what an id is in use for', () => {
  const ids = new PacketIds();
  const [plain, marked] = [ids.take(), ids.take(7)];
  expect([plain, marked, 3].map((id) => ids.markOf(id))).toEqual([1, 7, 0]);
  ids.remark(marked, 9);
  ids.free(plain);
  expect([plain, marked].map((id) => ids.markOf(id))).toEqual([0, 9]);
  expect(() => ids.remark(plain, 2)).toThrow('only what is in use');
});

it('goes on behind ids that were in use before', () => {
  const ids = new PacketIds();
  ids.restore(3, 2);
  ids.restore(9, 2);
  expect([ids.take(), ids.markOf(3), ids.markOf(4)]).toEqual([10, 2, 0]);
  expect(() => ids.restore(9, 2)).toThrow('in use once');
});
