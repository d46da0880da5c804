import { expect, it } from 'vitest';
import { brokerConfig } from '../../src/broker/broker-config.ts';
import { termsOf } from '../../src/broker/client-terms.ts';
import { connectPacket } from '../support/packets.ts';

const CONFIG = brokerConfig({ inflightMax: 50 });

it('takes the defaults of the standard where CONNECT says nothing', () => {
  expect(termsOf(connectPacket({ keepAliveSeconds: 7 }), CONFIG)).toEqual({
    keepAliveSeconds: 7,
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
