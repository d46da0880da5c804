import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import type { DeliveryStep } from '../../src/broker/backend.ts';
import { Journal } from '../../src/broker/journal.ts';
import { QueuedDelivery } from '../../src/broker/publication.ts';
import { QueueNotes } from '../../src/broker/queue-notes.ts';
import { keepMessage, messageFrom } from '../../src/session/message.ts';
import { BrokerWorld } from '../support/broker-world.ts';
import { heldWorld } from '../support/held-backend.ts';
import { ackPacket, publishPacket } from '../support/packets.ts';

/** What the backend and the account of memory have heard of a message that came and went. */
function heardOf(tellsBackend: boolean, isDurable = true): unknown[] {
  const heard: unknown[] = [];
  const { backend, world } = heldWorld();
  backend.sessions.mark = (_session, step: DeliveryStep) => heard.push(step.event);
  const session = { clientId: 'c', epoch: 1, isDurable };
  const notes = new QueueNotes(new Journal(backend, world.core.ports), session, {
    onKept: () => heard.push('kept'),
    onGivenUp: () => heard.push('given up'),
  });
  notes.tellsBackend = tellsBackend;
  const packet = publishPacket({ payload: Buffer.from('x') });
  const message = keepMessage(messageFrom(packet, 'a', 'p', 0));
  const terms = { qos: 1, isRetained: false, subscriptionIdentifiers: undefined } as const;
  const item = new QueuedDelivery({ message, ...terms });
  notes.onKept(item);
  notes.onGivenUp(item);
  return heard;
}

describe('what waits for a client', () => {
  it('is known to the account of memory, and to the backend', () => {
    expect(heardOf(true)).toEqual(['kept', 'queued', 'given up', 'dequeued']);
  });

  it('is not told to a backend that knows it, or has nothing to keep', () => {
    expect(heardOf(false)).toEqual(['kept', 'given up']);
    expect(heardOf(true, false)).toEqual(['kept', 'given up']);
  });

  it('is told by nobody where nothing is kept', () => {
    const world = new BrokerWorld();
    const { sessions } = world.core.backend;
    let count = 0;
    sessions.mark = () => {
      count += 1;
    };
    const properties = { sessionExpiryInterval: 9 };
    const client = world.subscriber('a/b', 2, { clientId: 's', properties });
    const publisher = world.connect({ clientId: 'p', properties });
    publisher.send(publishPacket({ qos: 2, packetId: 1, isRetained: true }));
    client.send(ackPacket('pubrec', 1), ackPacket('pubcomp', 1));
    client.drop();
    publisher.send(publishPacket({ qos: 2, packetId: 2 }), ackPacket('pubrel', 1));
    world.connect({ clientId: 's', isCleanStart: false, properties });
    expect(count).toBe(0);
  });
});
