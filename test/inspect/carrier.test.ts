import { Buffer } from 'node:buffer';
import { expect, it } from 'vitest';
import { MqttCarrier } from '../../src/inspect/carrier.ts';
import { RecordedCapture } from '../support/recorded-capture.ts';

const data = (hex: string) => ({ bytes: Buffer.from(hex, 'hex'), timeMs: 5, byte: 7 });

function carrierOf(isFromStart: readonly [boolean, boolean]) {
  const target = new RecordedCapture();
  const streams = { last: 2 };
  const facts = { target, client: 1, isFromStart, title: 'a to b', streams } as const;
  return { target, carrier: new MqttCarrier(facts) };
}

it('passes on both sides by who is the client', () => {
  const { carrier, target } = carrierOf([true, true]);
  carrier.onData(1, data('c000'));
  carrier.onData(0, data('d000'));
  carrier.onHole(0, 3);
  carrier.onNote('odd');
  carrier.onEnd('closed');
  expect(target.openings).toEqual([{ stream: 3, title: 'a to b' }]);
  expect([target.hex(3, 'c2s'), target.hex(3, 's2c')]).toEqual(['c000', 'd000']);
  expect(target.pieces[0]).toMatchObject({ timeMs: 5, place: { byte: 7 } });
  expect(target.breaks).toEqual([{ stream: 3, direction: 's2c', kind: 'missing', length: 3 }]);
  expect(target.notes).toEqual(['3: odd']);
  expect(target.ends).toEqual([[3, 'closed']]);
});

it('seeks a packet where a side begins in the middle of one', () => {
  const { carrier, target } = carrierOf([false, false]);
  carrier.onData(0, data('616263'));
  carrier.onData(0, data('616263'));
  carrier.onData(1, data('c000d000'));
  const middle = { stream: 3, direction: 's2c', kind: 'middle', length: 0 };
  expect(target.breaks).toEqual([middle]);
});

it('trusts the first byte of a connection, whatever it is', () => {
  const { carrier, target } = carrierOf([true, true]);
  carrier.onData(0, data('616263'));
  expect(target.breaks).toEqual([]);
});
