import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import {
  BrokerWorld,
  connackOf,
  subscribePacket,
  type TestClient,
} from '../support/broker-world.ts';
import { publishPacket } from '../support/packets.ts';

const payload = Buffer.from('x');
const WILL = { topicName: 'w', payload, qos: 0, isRetained: false, properties: {} } as const;

function closedWith(client: TestClient): unknown {
  expect(client.isClosed).toBe(true);
  return client.last;
}

describe('a broker without QoS 2', () => {
  const config = { maximumQos: 1 };

  it('says so in CONNACK [MQTT-3.2.2-9]', () => {
    const client = new BrokerWorld(config).connect();
    expect(connackOf(client).properties.maximumQos).toBe(1);
    expect(connackOf(new BrokerWorld().connect()).properties.maximumQos).toBeUndefined();
  });

  it('accepts any requested QoS, and grants what it has [MQTT-3.2.2-10] [trap 81]', () => {
    const client = new BrokerWorld(config).connect();
    client.send(subscribePacket([{ topicFilter: 'a', qos: 2 }]));
    expect(client.last).toMatchObject({ type: 'suback', reasonCodes: [1] });
  });

  it('refuses a PUBLISH above it with 0x9B [MQTT-3.2.2-11] [trap 81]', () => {
    const client = new BrokerWorld(config).connect();
    client.send(publishPacket({ qos: 1, packetId: 1, payload }));
    expect(client.isClosed).toBe(false);
    client.send(publishPacket({ qos: 2, packetId: 2, payload }));
    expect(closedWith(client)).toMatchObject({ type: 'disconnect', reasonCode: 0x9b });
  });

  it('refuses a will above it with 0x9B [MQTT-3.2.2-12] [trap 31]', () => {
    const client = new BrokerWorld(config).connect({ will: { ...WILL, qos: 2 } });
    expect(closedWith(client)).toMatchObject({ type: 'connack', reasonCode: 0x9b });
  });

  it('closes the connection of an older client, which no packet could tell [311:4.8.0-1]', () => {
    const client = new BrokerWorld(config).connect({ level: 4 });
    client.send(publishPacket({ qos: 2, packetId: 2, payload }));
    expect(closedWith(client)).toMatchObject({ type: 'connack', reasonCode: 0 });
  });
});

describe('a broker that retains nothing', () => {
  const config = { retainAvailable: 0 };

  it('refuses a retained PUBLISH with 0x9A [MQTT-3.2.2-14] [trap 81]', () => {
    const client = new BrokerWorld(config).connect();
    expect(connackOf(client).properties.retainAvailable).toBe(0);
    client.send(publishPacket({ isRetained: true, payload }));
    expect(closedWith(client)).toMatchObject({ type: 'disconnect', reasonCode: 0x9a });
  });

  it('refuses a retained will with 0x9A [MQTT-3.2.2-13] [trap 31]', () => {
    const client = new BrokerWorld(config).connect({ will: { ...WILL, isRetained: true } });
    expect(closedWith(client)).toMatchObject({ type: 'connack', reasonCode: 0x9a });
  });
});
