import { expect, it } from 'vitest';
import type { BackendHost } from '../../src/broker/backend.ts';
import { MemoryBackend } from '../../src/broker/memory-backend.ts';
import { messageFrom } from '../../src/session/message.ts';
import { publishPacket } from '../support/packets.ts';

const HOST: BackendHost = {
  deliver: () => 2,
  evict() {},
  online() {},
  restoreRetained() {},
  restoreSession() {},
};
const SESSION = {
  clientId: 'c',
  isDurable: true,
  epoch: 1,
  expirySeconds: 60,
  subscriptions: new Map(),
  will: undefined,
  awaySinceMs: undefined,
};

it('does all that it is asked for before it returns', () => {
  const backend = new MemoryBackend(HOST);
  const { log, sessions } = backend;
  const done: unknown[] = [];
  backend.recover(() => done.push('recover'));
  const message = messageFrom(publishPacket(), 'a', 'p', 0);
  log.publish(message, undefined, (error, isMatched) => done.push([error, isMatched]));
  log.interest('a', undefined, true, () => done.push('interest'));
  sessions.saveMeta(SESSION, () => done.push('saveMeta'));
  sessions.mark(SESSION, { event: 'acked', packetId: 1 }, () => done.push('mark'));
  sessions.mark(SESSION, { event: 'acked', packetId: 1 }, undefined);
  sessions.replay(
    SESSION,
    0,
    () => true,
    () => done.push('replay'),
  );
  sessions.release(SESSION, 'ended', () => done.push('release'));
  const steps = ['interest', 'saveMeta', 'mark', 'replay', 'release'];
  expect(done).toEqual(['recover', [undefined, true], ...steps]);
  expect(log.position).toBe(1);
});

it('gives each claim a higher epoch, and says whether a message has found anybody', () => {
  const { log, sessions } = new MemoryBackend({ ...HOST, deliver: () => 0 });
  const epochs: number[] = [];
  for (const id of ['a', 'a', 'b']) sessions.claim(id, true, (_error, epoch) => epochs.push(epoch));
  expect(epochs).toEqual([1, 2, 3]);
  log.publish(messageFrom(publishPacket(), 'a', 'p', 0), undefined, (_error, isMatched) =>
    expect(isMatched).toBe(false),
  );
});
