import { expect, it } from 'vitest';
import { inspectPacket, isClean } from '../../src/inspect/inspect-packet.ts';
import { hex } from '../support/hex.ts';

it('takes the version of a CONNECT from its bytes', () => {
  const bytes = hex`10 0d 0004 4d515454 04 02 003c 0001 74`;
  const { level, name } = inspectPacket(bytes, { level: 5, sender: 'client', size: 15 });
  expect({ level, name }).toEqual({ level: 4, name: 'connect' });
});

it('says how many bytes a cut packet lacks', () => {
  const cut = inspectPacket(hex`30 09 0003 61`, { level: 4, sender: 'either', size: 11 });
  expect(cut).toMatchObject({ missingBytes: 6, packet: undefined, breaches: [] });
});

it('knows that a header without its length lacks at least one byte', () => {
  const cut = inspectPacket(hex`30 80`, { level: 4, sender: 'either', size: undefined });
  expect(cut).toMatchObject({ missingBytes: 1, name: 'publish', breaches: [] });
});

it('calls a packet clean by the version', () => {
  const puback = hex`40 03 0001 10`;
  expect([isClean(puback, 5), isClean(puback, 4)]).toEqual([true, false]);
});
