import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { ClientSession } from '../../src/client/client-session.ts';
import type { PublishOutcome } from '../../src/client/publication.ts';
import { NO_PROPERTIES } from '../../src/codec/properties.ts';

const MESSAGE = {
  topicName: 'a',
  payload: Buffer.alloc(0),
  qos: 1,
  isRetained: false,
  properties: NO_PROPERTIES,
} as const;

/** A session with one unfinished message in each direction. */
function busySession(outcomes: PublishOutcome[]): ClientSession {
  const session = new ClientSession(3);
  session.restart(10);
  const packetId = session.outbound.open(MESSAGE, 1);
  const done = (outcome: PublishOutcome) => outcomes.push(outcome);
  session.waiting.set(packetId, { done, reasonCode: 0, reasonString: undefined });
  session.inbound.onQos2(7, { side: 'server', level: 5 });
  return session;
}

describe('a session', () => {
  it('is known from its first connection on, or from an earlier process [MQTT-3.2.2-4]', () => {
    const session = new ClientSession(3);
    expect(session.isKnown).toBe(false);
    session.restart(1);
    expect(session.isKnown).toBe(true);
    expect(new ClientSession(3, 'resumed').isKnown).toBe(true);
  });

  it('goes on with what is unfinished', () => {
    const outcomes: PublishOutcome[] = [];
    const session = busySession(outcomes);
    session.resume(1);
    expect(session.outbound.takeResend()).toMatchObject({ packetId: 1, message: MESSAGE });
    expect(session.inbound.heldCount).toBe(1);
    expect(outcomes).toEqual([]);
  });

  it('forgets what is unfinished, and says so once [MQTT-3.2.2-5]', () => {
    const outcomes: PublishOutcome[] = [];
    const session = busySession(outcomes);
    session.restart(1);
    session.restart(1);
    expect(outcomes).toEqual([{ kind: 'forgotten' }]);
    expect([session.outbound.size, session.inbound.heldCount]).toEqual([0, 0]);
    expect(session.outbound.hasRoom).toBe(true);
    expect(session.untaken.size + session.waiting.size).toBe(0);
  });

  it('is whole again before anyone hears of it, so that they may publish anew', () => {
    const session = busySession([]);
    let id = 0;
    const done = () => {
      id = session.outbound.open(MESSAGE, 1);
    };
    session.waiting.set(1, { done, reasonCode: 0, reasonString: undefined });
    session.restart(1);
    expect(id).toBe(2);
    expect(session.outbound.size).toBe(1);
  });
});
