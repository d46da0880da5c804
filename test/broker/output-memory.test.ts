import { Buffer } from 'node:buffer';
import { expect, it } from 'vitest';
import { outputMemory } from '../../src/broker/output-memory.ts';
import { plentyOfMemory } from '../support/memory.ts';

it('starts over in both of its buffers when a turn has ended', () => {
  const memory = outputMemory(plentyOfMemory());
  expect(memory.shared.slab).not.toBe(memory.small.slab);
  for (const turn of [1, 2]) {
    expect([turn, memory.shared.put(Buffer.from('a'), 0, 1)]).toEqual([turn, 0]);
    expect([turn, memory.small.reserve(256)]).toEqual([turn, 0]);
    memory.onTurnEnd();
  }
});
