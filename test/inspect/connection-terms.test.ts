import { expect, it } from 'vitest';
import {
  clientIdOf,
  isAccepted,
  isLasting,
  keepAliveSeconds,
  UNKNOWN_TERMS,
} from '../../src/inspect/connection-terms.ts';
import { connackPacket, connectPacket } from '../support/packets.ts';

it("prefers the server's keep alive, of which 0 is none", () => {
  const connect = connectPacket({ keepAliveSeconds: 60 });
  expect(keepAliveSeconds({ ...UNKNOWN_TERMS, connect })).toBe(60);
  const server = { serverKeepAlive: 0 };
  expect(keepAliveSeconds({ ...UNKNOWN_TERMS, connect, server })).toBeUndefined();
  expect(keepAliveSeconds(UNKNOWN_TERMS)).toBeUndefined();
});

it('knows a client by the id that it was given', () => {
  const server = { assignedClientIdentifier: 'given' };
  const named = { ...UNKNOWN_TERMS, connect: connectPacket({ clientId: 'own' }), server };
  expect(clientIdOf(named)).toBe('own');
  expect(clientIdOf({ ...named, connect: connectPacket({ clientId: '' }) })).toBe('given');
});

it('knows which sessions outlive their connection', () => {
  const lasts = (more: Parameters<typeof connectPacket>[0]) =>
    isLasting({ ...UNKNOWN_TERMS, connect: connectPacket(more) });
  expect(lasts({ level: 4, isCleanStart: false })).toBe(true);
  expect(lasts({ level: 4, isCleanStart: true })).toBe(false);
  expect(lasts({ level: 5, isCleanStart: false })).toBe(false);
  expect(lasts({ level: 5, properties: { sessionExpiryInterval: 1 } })).toBe(true);
  expect(isLasting(UNKNOWN_TERMS)).toBe(false);
});

it('knows who was let in', () => {
  expect(isAccepted(connackPacket({ reasonCode: 0 }))).toBe(true);
  expect(isAccepted(connackPacket({ reasonCode: 5 }))).toBe(false);
});
