import { assert } from '../base/assert.ts';
import type { SharedGroup } from '../topic/subscription-trie.ts';
import type { ClientSession } from './client-session.ts';
import type { RouteTarget } from './route-target.ts';

/** Who shares the messages of a filter (section 4.8.2). */
export type Group = SharedGroup<ClientSession, RouteTarget>;

/** Whose turn it is in a group; members may come and go meanwhile. */
export class SharedTurn {
  readonly group: Group;
  #rest: Iterator<RouteTarget, undefined>;

  constructor(group: Group) {
    this.group = group;
    this.#rest = group.members.values();
  }

  /**
   * The member that gets the next message, connected ones first. Looks at one member more than
   * there are, so that the turn moves on where all are away.
   */
  next(): RouteTarget {
    let away: RouteTarget | undefined;
    for (let looked = 0; looked <= this.group.members.size; looked += 1) {
      const target = this.#step();
      if (target.outbound.isHere) return target;
      away ??= target;
    }
    assert(away !== undefined, 'a group has a member');
    return away;
  }

  #step(): RouteTarget {
    const next = this.#rest.next();
    if (next.done !== true) return next.value;
    this.#rest = this.group.members.values();
    const first = this.#rest.next();
    assert(first.done !== true, 'a group has a member');
    return first.value;
  }
}
