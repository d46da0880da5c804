import { expect, it } from 'vitest';
import { BROKER_BOUNDS, BROKER_CHOICES, brokerConfig } from '../../src/broker/broker-config.ts';
import { DEFAULT_SWITCHES } from '../../src/broker/broker-switches.ts';

it('fills the gaps with defaults that are within their own bounds', () => {
  const config = brokerConfig({ receiveMaximum: 5 });
  expect(config.receiveMaximum).toBe(5);
  for (const [field, bound] of Object.entries(BROKER_BOUNDS)) {
    expect(bound.default, field).toBeGreaterThanOrEqual(bound.min);
    expect(bound.default, field).toBeLessThanOrEqual(bound.max);
  }
  expect(Object.keys(config)).toEqual(
    Object.keys({ ...BROKER_BOUNDS, ...BROKER_CHOICES, ...DEFAULT_SWITCHES }),
  );
  expect([config.rateAction, brokerConfig({ rateAction: 'disconnect' }).rateAction]).toEqual([
    'pause',
    'disconnect',
  ]);
});

it('names all limits that are out of bounds, at once', () => {
  const wrong = { receiveMaximum: 0, inflightMax: 65_536, packetBytesMax: 1.5 };
  expect(() => brokerConfig(wrong)).toThrow(
    expect.objectContaining({
      name: 'CallerError',
      message: expect.stringMatching(/packetBytesMax is 1\.5.*receiveMaximum is 0.*inflightMax/),
    }),
  );
});
