import { describe, expect, it } from 'vitest';
import { heldWorld } from '../support/held-backend.ts';
import { ackPacket, publishPacket } from '../support/packets.ts';

const KEPT = { sessionExpiryInterval: 100 };

/** A client that gets QoS 2, over a backend that keeps the steps of its messages some time. */
function receiver(properties = KEPT) {
  const { backend, world } = heldWorld({}, 'claim', 'saveMeta', 'deliver', 'safe');
  const client = world.subscriber('a/b', 2, { clientId: 's', properties });
  const publisher = world.connect({ clientId: 'p' });
  return { backend, world, client, publisher };
}

describe('a QoS 2 message', () => {
  it('leaves once its packet id is kept, and with it all that comes behind it', () => {
    const { backend, client, publisher, world } = receiver();
    publisher.send(publishPacket({ qos: 2, packetId: 1 }));
    client.send({ type: 'pingreq' });
    expect(client.received).toEqual([]);
    backend.next('mark');
    world.settle();
    expect(client.received).toMatchObject([{ type: 'publish', packetId: 1 }, { type: 'pingresp' }]);
  });

  it('waits for each of those that are to be kept', () => {
    const { backend, client, publisher, world } = receiver();
    publisher.send(publishPacket({ qos: 2, packetId: 1 }), publishPacket({ qos: 2, packetId: 2 }));
    backend.next('mark');
    world.settle();
    expect(client.received).toEqual([]);
    backend.next('mark');
    world.settle();
    expect(client.messages).toHaveLength(2);
  });

  it('waits for nothing where its session ends with the connection, or it has QoS 1', () => {
    const { backend, client, publisher } = receiver({ sessionExpiryInterval: 0 });
    publisher.send(publishPacket({ qos: 2, packetId: 1 }));
    expect([client.messages.length, backend.tasks.length]).toEqual([1, 0]);
    const other = receiver();
    other.publisher.send(publishPacket({ qos: 1, packetId: 1 }));
    expect([other.client.messages.length, other.backend.tasks.length]).toEqual([1, 0]);
  });

  it('never leaves where the connection ends meanwhile; what was there before it does', () => {
    const { backend, client, publisher, world } = receiver();
    client.channel.isLingering = true;
    client.channel.events?.onBytes(client.encode({ type: 'pingreq' }));
    publisher.channel.events?.onBytes(publisher.encode(publishPacket({ qos: 2, packetId: 1 })));
    world.connect({ clientId: 's', isCleanStart: false, properties: KEPT });
    const types = client.received.map(({ type }) => type);
    expect(types).toEqual(['pingresp', 'disconnect']);
    backend.drain();
    world.settle();
    expect(client.received).toHaveLength(2);
  });

  it('ends the connection if it cannot be kept', () => {
    const { backend, client, publisher, world } = receiver();
    publisher.send(publishPacket({ qos: 2, packetId: 1 }));
    backend.next('mark', new Error('gone'));
    world.settle();
    expect(client.received).toMatchObject([{ type: 'disconnect', reasonCode: 0x83 }]);
  });
});

describe('what nobody waits for', () => {
  it('is logged where it fails', () => {
    const { backend, client, world } = receiver();
    backend.free.delete('saveMeta');
    client.drop();
    backend.next('saveMeta', new Error('no space'));
    backend.next('release', new Error('no space'));
    const failures = world.events.filter(({ event }) => event === 'backend');
    expect(failures.map(({ fields }) => fields)).toEqual([
      { client: 's', state: 'not saved', message: 'no space' },
      { client: 's', state: 'not released', message: 'no space' },
    ]);
  });
});

it('has the answers of a client with no session wait for no step', () => {
  const { client } = receiver({ sessionExpiryInterval: 0 });
  client.send(publishPacket({ topicName: 'x', qos: 2, packetId: 1 }), ackPacket('pubrel', 1));
  expect(client.received.map(({ type }) => type)).toEqual(['pubrec', 'pubcomp']);
});
