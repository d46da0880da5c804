import { describe, expect, it } from 'vitest';
import { BrokerWorld, subscribePacket } from '../support/broker-world.ts';
import { KEPT, LEVELS, message, outcome, publish } from '../support/conformance.ts';
import { heldWorld } from '../support/held-backend.ts';
import { ackPacket } from '../support/packets.ts';

function fill(world: BrokerWorld, count: number): void {
  const packets = Array.from({ length: count }, (_, n) =>
    message(String(n), { qos: n % 2 === 0 ? 1 : 2, packetId: n + 1 }),
  );
  publish(world, ...packets);
}

describe("the client's Receive Maximum", () => {
  function subscriber(world: BrokerWorld, receiveMaximum: number) {
    const client = world.connect({ clientId: 's', properties: { ...KEPT, receiveMaximum } });
    client.send(subscribePacket([{ topicFilter: 't', qos: 2 }]));
    return client;
  }

  it(
    'holds for QoS 1 and 2 together [MQTT-3.3.4-9] [MQTT-4.9.0-1] [MQTT-4.9.0-2] ' +
      '[trap 53] [trap 54]',
    () => {
      const world = new BrokerWorld();
      const client = subscriber(world, 2);
      fill(world, 6);
      expect(client.payloads).toEqual(['0', '1']);
      client.send(ackPacket('puback', 1));
      expect(client.payloads).toEqual(['0', '1', '2']);
      client.send(ackPacket('pubrec', 2));
      expect(client.messages).toHaveLength(3);
      client.send(ackPacket('pubcomp', 2));
      expect(client.messages).toHaveLength(4);
      client.send(ackPacket('puback', 3), ackPacket('pubrec', 4, 0x80));
      expect(client.payloads).toEqual(['0', '1', '2', '3', '4', '5']);
    },
  );

  it('delays nothing but those [MQTT-3.3.4-10] [MQTT-4.9.0-3] [trap 53]', () => {
    const world = new BrokerWorld();
    const client = subscriber(world, 1);
    fill(world, 2);
    client.take();
    publish(world, message('now'));
    client.send({ type: 'pingreq' }, subscribePacket([{ topicFilter: 'x' }], { packetId: 9 }));
    client.send(message('own', { qos: 1, topicName: 'elsewhere' }));
    const types = client.received.map(({ type }) => type);
    expect(types.sort()).toEqual(['pingresp', 'puback', 'publish', 'suback']);
  });

  it('is never raised by acks for nothing', () => {
    const world = new BrokerWorld();
    const client = subscriber(world, 2);
    client.send(...[50, 51, 52].map((id) => ackPacket('puback', id)), ackPacket('pubcomp', 60));
    fill(world, 6);
    expect(client.messages).toHaveLength(2);
  });

  it('holds for what is sent again, too', () => {
    const world = new BrokerWorld();
    const client = subscriber(world, 5);
    fill(world, 5);
    client.drop();
    const properties = { ...KEPT, receiveMaximum: 2 };
    const again = world.connect({ clientId: 's', isCleanStart: false, properties });
    expect(again.payloads).toEqual(['0', '1']);
    again.send(ackPacket('puback', 1));
    expect(again.payloads).toEqual(['0', '1', '2']);
  });
});

describe('our Receive Maximum', () => {
  it.each(LEVELS)(
    'ends a client of level %i that exceeds it [MQTT-3.3.4-7] [MQTT-4.9.0-2] [trap 53]',
    (level) => {
      const world = new BrokerWorld({ receiveMaximum: 2 });
      const client = world.connect({ level });
      const send = (packetId: number): void => client.send(message('x', { qos: 2, packetId }));
      send(1);
      send(2);
      client.send(ackPacket('pubrel', 1));
      send(3);
      expect(outcome(client)).toBe('open');
      send(4);
      expect(outcome(client)).toBe(level === 5 ? 'disconnect 0x93' : 'closed');
    },
  );

  it('counts QoS 1 until its PUBACK is out [MQTT-3.3.4-7]', () => {
    const { backend, world } = heldWorld({ receiveMaximum: 2 }, 'claim', 'saveMeta', 'deliver');
    const client = world.connect();
    client.send(message('x', { qos: 1, packetId: 1 }), message('x', { qos: 1, packetId: 2 }));
    backend.drain();
    client.send(message('x', { qos: 1, packetId: 3 }), message('x', { qos: 2, packetId: 4 }));
    expect(outcome(client)).toBe('open');
    client.send(message('x', { qos: 1, packetId: 5 }));
    expect(outcome(client)).toBe('disconnect 0x93');
  });

  it('begins anew with each connection', () => {
    const world = new BrokerWorld({ receiveMaximum: 1 });
    const over = { clientId: 's', isCleanStart: false, properties: KEPT };
    world.connect(over).send(message('x', { qos: 2, packetId: 1 }));
    const again = world.connect(over);
    again.send(message('y', { qos: 2, packetId: 2 }));
    expect(outcome(again)).toBe('open');
  });
});
