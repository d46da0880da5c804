import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { brokerConfig } from '../../src/broker/broker-config.ts';
import { LimitError } from '../../src/broker/limit-error.ts';
import { checkFirstHeader, checkHeader } from '../../src/broker/packet-limits.ts';
import { BrokerWorld, connackOf } from '../support/broker-world.ts';
import { publishPacket } from '../support/packets.ts';

const CONFIG = brokerConfig({ packetBytesMax: 200_000, connectBytesMax: 1_000 });

function refusal(step: () => void): unknown {
  try {
    step();
  } catch (error) {
    return error;
  }
  return undefined;
}

it.each([
  [0x00, 5, 'reserved-type'],
  [0xf0, 4, 'reserved-type'],
  [0x20, 5, 'direction'],
  [0x90, 5, 'direction'],
  [0xb0, 4, 'direction'],
  [0xd0, 3, 'direction'],
] as const)(
  'refuses the first byte %i of level %i before its body [MQTT-4.13.1-1]',
  (byte, level, rule) => {
    expect(refusal(() => checkHeader(byte, 2, level, CONFIG))).toMatchObject({ rule });
  },
);

it('refuses more than was announced before the body [MQTT-3.2.2-15]', () => {
  expect(refusal(() => checkHeader(0x30, 200_000, 5, CONFIG))).toBeUndefined();
  expect(refusal(() => checkHeader(0x30, 200_001, 5, CONFIG))).toMatchObject({
    rule: 'packet-too-large',
    reason: 'packetTooLarge',
    clauses: ['MQTT-3.2.2-15'],
  });
});

it.each([
  [0x40, 10_000],
  [0x50, 10_000],
  [0x62, 10_000],
  [0x70, 10_000],
  [0xe0, 10_000],
  [0x82, 100_000],
  [0xa2, 100_000],
  [0xf0, 100_000],
])('takes no more than it need of byte %i: %i bytes', (byte, max) => {
  expect(refusal(() => checkHeader(byte, max, 5, CONFIG))).toBeUndefined();
  const error = refusal(() => checkHeader(byte, max + 1, 5, CONFIG));
  expect(error).toBeInstanceOf(LimitError);
  expect(error).toMatchObject({ reason: 'quotaExceeded' });
});

it('takes nothing but a CONNECT of some size first [MQTT-3.1.0-1] [311:3.1.0-1]', () => {
  expect(refusal(() => checkFirstHeader(0x10, 1_000, 4, CONFIG))).toBeUndefined();
  expect(refusal(() => checkFirstHeader(0x10, 1_001, 4, CONFIG))).toMatchObject({
    rule: 'packet-too-large',
  });
  for (const byte of [0x00, 0x30, 0xe0]) {
    expect(refusal(() => checkFirstHeader(byte, 2, 4, CONFIG))).toMatchObject({
      rule: 'connect-first',
      clauses: ['MQTT-3.1.0-1'],
    });
  }
});

it('says how large a packet may be', () => {
  const config = brokerConfig({ packetBytesMax: 16 });
  expect(refusal(() => checkHeader(0x30, 17, 3, config))).toMatchObject({ offset: 1 });
});

describe('a client that sends more than anybody needs', () => {
  /** The fixed header of a packet with so many bytes in all, of three bytes of length. */
  function header(firstByte: number, packetBytes: number): Buffer {
    const length = packetBytes - 4;
    return Buffer.of(
      firstByte,
      (length & 0x7f) | 0x80,
      ((length >> 7) & 0x7f) | 0x80,
      length >> 14,
    );
  }

  it.each([
    [0x82, 100_001],
    [0xa2, 100_001],
    [0x40, 16_500],
    [0xe0, 16_500],
  ])('is sent away by the header of byte %i with %i bytes', (firstByte, packetBytes) => {
    for (const level of [4, 5] as const) {
      const world = new BrokerWorld();
      const client = world.connect({ level });
      client.take();
      client.sendBytes(header(firstByte, packetBytes));
      const goodbye = level === 5 ? [{ type: 'disconnect', reasonCode: 0x97 }] : [];
      expect(client.isClosed).toBe(true);
      expect(client.received).toMatchObject(goodbye);
    }
  });

  it('is sent away for its user properties, or not let in', () => {
    const userProperty = Array.from({ length: 1_001 }, () => ['n', 'v'] as const);
    const world = new BrokerWorld();
    const client = world.connect();
    client.send(publishPacket({ properties: { userProperty } }));
    expect(client.last).toMatchObject({ type: 'disconnect', reasonCode: 0x97 });
    expect(connackOf(world.connect({ properties: { userProperty } })).reasonCode).toBe(0x97);
  });
});
