import type { Waiter } from '../base/deadlines.ts';
import type { ReasonName } from '../codec/reason-code.ts';
import type { BrokerCore } from './broker-core.ts';
import type { Connection } from './connection.ts';

/** How a broker takes leave of its clients. */
export interface Farewell {
  /** Over how long their ends are spread, so that they do not all come back at once. */
  readonly spreadMs?: number;
  /** Where clients of 5.0 are to go instead (section 4.11). */
  readonly serverReference?: string | undefined;
}

/** What clients are told while the broker stops: in DISCONNECT, and in CONNACK. */
export interface Goodbye {
  readonly disconnect: ReasonName;
  readonly connack: ReasonName;
  readonly message: string;
  readonly serverReference: string | undefined;
}

/** The shortest step of a spread: below it several clients go in one. */
const STEP_MS_MIN = 10;

/**
 * Sends all clients away, one after the other in the order in which they came. Who goes early may
 * still publish a will to those who go late. Connections without an accepted CONNECT have until the
 * end, and are told where to go if it comes.
 */
export class Drain implements Waiter {
  readonly goodbye: Goodbye;
  readonly #core: BrokerCore;
  readonly #spreadMs: number;
  readonly #startMs: number;
  readonly #line: readonly Connection[];
  #toldCount = 0;

  constructor(core: BrokerCore, { serverReference, spreadMs = 0 }: Farewell) {
    this.goodbye = goodbyeOf(serverReference);
    this.#core = core;
    this.#spreadMs = spreadMs;
    this.#startMs = core.ports.nowMs();
    this.#line = [...core.connections].filter(({ state }) => state.kind === 'connected');
  }

  /** Sends away who is due, and comes back for the others. */
  onDeadline(nowMs: number): void {
    const passedMs = nowMs - this.#startMs;
    if (passedMs >= this.#spreadMs) {
      for (const connection of [...this.#core.connections]) this.#sendAway(connection);
      return;
    }
    const { length } = this.#line;
    const due = Math.min(length, Math.floor((passedMs * length) / this.#spreadMs) + 1);
    for (const connection of this.#line.slice(this.#toldCount, due)) this.#sendAway(connection);
    this.#toldCount = due;
    const nextMs = due === length ? this.#spreadMs : Math.ceil((due * this.#spreadMs) / length);
    this.#core.deadlines.set(this, this.#startMs + Math.max(nextMs, passedMs + STEP_MS_MIN));
    this.#core.rearm();
  }

  #sendAway(connection: Connection): void {
    const { connack, disconnect, message, serverReference } = this.goodbye;
    const why = { by: 'server', message, serverReference, keepsWill: true } as const;
    connection.guard(() => {
      if (connection.state.kind === 'judging') connection.refuse({ ...why, reason: connack });
      else connection.end({ ...why, reason: disconnect });
    });
  }
}

function goodbyeOf(serverReference: string | undefined): Goodbye {
  const message = 'the broker is shutting down';
  if (serverReference === undefined) {
    const disconnect = 'serverShuttingDown';
    return { disconnect, connack: 'serverUnavailable', message, serverReference };
  }
  const reason = 'useAnotherServer';
  return { disconnect: reason, connack: reason, message, serverReference };
}
