import { describe, expect, it } from 'vitest';
import { brokerConfig } from '../../src/broker/broker-config.ts';
import { termsOf } from '../../src/broker/client-terms.ts';
import { BrokerWorld, connackOf } from '../support/broker-world.ts';
import { connectPacket } from '../support/packets.ts';

const CONFIG = brokerConfig({ inflightMax: 50 });

it('takes the defaults of the standard where CONNECT says nothing', () => {
  expect(termsOf(connectPacket({ keepAliveSeconds: 7 }), CONFIG)).toEqual({
    keepAliveSeconds: 7,
    topicAliasesOutMax: 0,
    packetBytesMax: 268_435_460,
    inflightMax: 50,
    wantsProblemInformation: true,
    wantsExpiry: false,
  });
});

it("stays within the client's limits and our own [MQTT-4.9.0-1]", () => {
  const asked = (receiveMaximum: number) =>
    termsOf(connectPacket({ properties: { receiveMaximum } }), CONFIG).inflightMax;
  expect([asked(3), asked(65_535)]).toEqual([3, 50]);
});

it('remembers what the client asked for', () => {
  const properties = {
    maximumPacketSize: 100,
    requestProblemInformation: 0,
    sessionExpiryInterval: 1,
  };
  expect(termsOf(connectPacket({ properties }), CONFIG)).toMatchObject({
    packetBytesMax: 100,
    wantsProblemInformation: false,
    wantsExpiry: true,
  });
});

describe('Keep Alive', () => {
  it.each([
    [600, 60],
    [0, 60],
  ])(
    'of %i s is answered with the longest one allowed [MQTT-3.2.2-21]',
    (keepAliveSeconds, max) => {
      const world = new BrokerWorld({ keepAliveSecondsMax: max });
      const client = world.connect({ keepAliveSeconds });
      expect(connackOf(client).properties.serverKeepAlive).toBe(max);
      world.advance(max * 1.5 - 1);
      expect(client.isClosed).toBe(false);
      world.advance(1);
      expect(client.last).toMatchObject({ type: 'disconnect', reasonCode: 0x8d });
    },
  );

  it("within the limit is the client's own [MQTT-3.2.2-22]", () => {
    const world = new BrokerWorld({ keepAliveSecondsMax: 60 });
    const client = world.connect({ keepAliveSeconds: 30 });
    expect(connackOf(client).properties.serverKeepAlive).toBeUndefined();
    world.advance(45);
    expect(client.isClosed).toBe(true);
  });

  it.each([3, 4] as const)(
    'above the limit is refused at level %i, which cannot be told',
    (level) => {
      const world = new BrokerWorld({ keepAliveSecondsMax: 60 });
      const client = world.connect({ keepAliveSeconds: 61, level });
      expect(client.received).toMatchObject([{ type: 'connack', reasonCode: 2 }]);
      expect(client.isClosed).toBe(true);
    },
  );
});
