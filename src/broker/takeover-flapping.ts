import type { Waiter } from '../base/deadlines.ts';
import type { BrokerCore } from './broker-core.ts';
import type { ClientSession } from './client-session.ts';
import type { Connection } from './connection.ts';
import { Tally } from './tally.ts';

/** Two devices with one client id throw each other out for ever: more often than this is that. */
const TAKEOVERS_MAX = 5;
const WINDOW_MS = 10_000;
/** How long each then waits for its turn. */
const DELAY_MS = 1_000;

/** When one client id was taken over from a connection by another one: the last few times. */
export class TakeoverTimes {
  readonly told = new Tally();
  #lastMs: number[] = [];
  #turnMs = 0;

  note(nowMs: number): void {
    this.#lastMs = [...this.#lastMs, nowMs].slice(-TAKEOVERS_MAX);
  }

  /** Whether one more would be too many. */
  isFull(nowMs: number): boolean {
    const [oldest = 0] = this.#lastMs;
    return this.#lastMs.length === TAKEOVERS_MAX && nowMs - oldest < WINDOW_MS;
  }

  /** When it is the turn of who waits from now on: each after those who came before. */
  takeTurnMs(nowMs: number): number {
    this.#turnMs = Math.max(nowMs + DELAY_MS, this.#turnMs + 1);
    return this.#turnMs;
  }
}

/**
 * CONNECTs that would take a client id over once too often: each waits, so that clients that throw
 * each other out do it once a second, not as fast as they can.
 */
export class TakeoverFlapping {
  readonly #waiting = new Map<Connection, Waiter>();
  readonly #core: BrokerCore;

  constructor(core: BrokerCore) {
    this.#core = core;
  }

  /** Goes on with a CONNECT now or in a while; never if its connection ends before. */
  inTurn(connection: Connection, clientId: string, goOn: (hasWaited: boolean) => void): void {
    const { deadlines, ports, sessions } = this.#core;
    const nowMs = ports.nowMs();
    const old = sessions.find(clientId);
    const times = old?.connection === undefined ? undefined : old.takeovers;
    if (old === undefined || times?.isFull(nowMs) !== true) {
      goOn(false);
      return;
    }
    this.#tell(old, connection);
    const onDeadline = (): void => {
      this.#waiting.delete(connection);
      connection.guard(() => goOn(true));
    };
    const waiter = { onDeadline };
    this.#waiting.set(connection, waiter);
    deadlines.set(waiter, times.takeTurnMs(nowMs));
    this.#core.rearm();
  }

  /** The connection does not wait any more. */
  leave(connection: Connection): void {
    const waiter = this.#waiting.get(connection);
    if (waiter === undefined) return;
    this.#waiting.delete(connection);
    this.#core.deadlines.set(waiter, undefined);
  }

  #tell(session: ClientSession, { channel }: Connection): void {
    const { ports } = this.#core;
    const count = session.takeovers?.told.add(ports.nowMs()) ?? 0;
    if (count === 0) return;
    const fields = {
      client: session.clientId,
      old: session.connection?.channel.peer,
      new: channel.peer,
      count,
      message: `this client id was taken over ${TAKEOVERS_MAX} times in ${WINDOW_MS / 1000} s`,
      next: 'two clients use one client id: give each its own',
    };
    ports.log({ level: 'warn', event: 'takeover_flapping', fields });
  }
}
