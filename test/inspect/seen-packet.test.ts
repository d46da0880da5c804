import { expect, it } from 'vitest';
import { otherSide } from '../../src/inspect/seen-packet.ts';

it('knows who hears a side', () => {
  expect([otherSide('client'), otherSide('server'), otherSide('either')]).toEqual([
    'server',
    'client',
    'either',
  ]);
});
