import { expect, it } from 'vitest';
import { RouteTarget } from '../../src/broker/route-target.ts';
import { SharedTurn } from '../../src/broker/shared-turn.ts';
import { parseTopicFilter } from '../../src/topic/topic-filter.ts';
import { BrokerWorld } from '../support/broker-world.ts';

const KEPT = { sessionExpiryInterval: 100 };
const TERMS = {
  qos: 0,
  isNoLocal: false,
  isRetainAsPublished: false,
  identifiers: undefined,
} as const;

/** A group of clients with these names, and who is next in it. */
class Party {
  readonly world = new BrokerWorld();
  readonly #members = new Map();
  readonly turn = new SharedTurn({
    shareName: 'g',
    filter: parseTopicFilter('a'),
    members: this.#members,
  });

  join(clientId: string): void {
    this.world.connect({ clientId, properties: KEPT });
    const session = this.world.core.sessions.find(clientId);
    if (session === undefined) throw new Error('it has a session');
    this.#members.set(session, new RouteTarget(session.outbound, TERMS));
  }

  leave(clientId: string): void {
    this.#members.delete(this.world.core.sessions.find(clientId));
  }

  drop(clientId: string): void {
    this.world.core.sessions.find(clientId)?.connection?.channel.destroy();
    this.world.settle();
  }

  next(count: number): string {
    const sessions = [...this.world.core.sessions.values()];
    const names = Array.from({ length: count }, () => {
      const { outbound } = this.turn.next();
      return sessions.find((session) => session.outbound === outbound)?.clientId;
    });
    return names.join('');
  }
}

function party(...names: string[]): Party {
  const all = new Party();
  for (const name of names) all.join(name);
  return all;
}

it('goes round', () => {
  expect(party('a', 'b', 'c').next(7)).toBe('abcabca');
});

it('goes on when members come and go', () => {
  const all = party('a', 'b', 'c');
  expect(all.next(1)).toBe('a');
  all.leave('b');
  all.join('d');
  expect(all.next(4)).toBe('cdac');
});

it('passes over those who are away, unless all are', () => {
  const all = party('a', 'b', 'c');
  all.drop('b');
  expect(all.next(4)).toBe('acac');
  all.drop('a');
  all.drop('c');
  expect(all.next(4)).toBe('abca');
});

it('needs a member', () => {
  expect(() => party().next(1)).toThrow('a group has a member');
});
