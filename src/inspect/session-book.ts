import type { RequestsBySide } from './exchange-watch.ts';
import { OpenRequests } from './open-requests.ts';
import type { StateBudget } from './state-budget.ts';

/** So many sessions are remembered; the one that was longest without a connection goes first. */
const SESSIONS_MAX = 10_000;

/** What outlives a connection. */
export interface SeenSession {
  /** The CONNECT of its last connection. */
  connectNumber: number;
  readonly requests: RequestsBySide;
  /** Granted QoS by filter. */
  readonly subscriptions: Map<string, number>;
}

/** The sessions without a connection, by client id. */
export class SessionBook {
  readonly #budget: StateBudget;
  readonly #byId = new Map<string, SeenSession>();

  constructor(budget: StateBudget) {
    this.#budget = budget;
  }

  open(connectNumber: number): SeenSession {
    const requests = () => new OpenRequests(this.#budget);
    return {
      connectNumber,
      requests: { client: requests(), server: requests(), either: requests() },
      subscriptions: new Map(),
    };
  }

  /** Takes the session of a client out of the book; undefined if it has none. */
  take(clientId: string): SeenSession | undefined {
    const session = this.#byId.get(clientId);
    if (session === undefined) return undefined;
    this.#byId.delete(clientId);
    this.#budget.give(clientId.length);
    return session;
  }

  put(clientId: string, session: SeenSession): void {
    const old = this.take(clientId);
    if (old !== undefined) this.drop(old);
    for (const requests of Object.values(session.requests)) requests.keepForSession();
    const [oldest] = this.#byId.keys();
    if (this.#byId.size >= SESSIONS_MAX && oldest !== undefined) {
      const last = this.take(oldest);
      if (last !== undefined) this.drop(last);
    }
    if (this.#budget.take(clientId.length)) this.#byId.set(clientId, session);
    else this.drop(session);
  }

  /** Gives back what a session holds. */
  drop({ requests, subscriptions }: SeenSession): void {
    for (const one of Object.values(requests)) one.clear();
    for (const filter of subscriptions.keys()) this.#budget.give(filter.length);
    subscriptions.clear();
  }
}
