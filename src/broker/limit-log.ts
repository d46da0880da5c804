import { hexByte } from '../base/hex-byte.ts';
import { REASONS, type ReasonName, reasonCode } from '../codec/reason-code.ts';
import type { BrokerPorts } from './broker-ports.ts';
import { type LoggedConnection, peerFields } from './connection-end.ts';
import { raiseLimit } from './next-step.ts';
import { Tally } from './tally.ts';

/** A client asked for what it does not get, and goes on. */
export interface LimitNote {
  readonly event: 'limit_reached' | 'publish_denied' | 'subscribe_denied' | 'qos2_id_reuse';
  /** What the client is told; undefined where it is told nothing. */
  readonly reason?: ReasonName;
  /** The option that sets the limit, if one does. */
  readonly limit?: string | undefined;
  /** What was too much, and of what. */
  readonly message: string;
  /** What to do about it, where that is not to raise the limit. */
  readonly next?: string;
}

/**
 * What one client is refused again and again, as lines of log: for each limit one in ten seconds,
 * with how often it was.
 */
export class LimitLog {
  /** By limit: no more than there are options. */
  readonly #tallies = new Map<string, Tally>();
  readonly #ports: BrokerPorts;
  readonly #connection: LoggedConnection;

  constructor(ports: BrokerPorts, connection: LoggedConnection) {
    this.#ports = ports;
    this.#connection = connection;
  }

  note({ event, limit, message, next, reason }: LimitNote): void {
    const count = this.#tallyOf(limit ?? event).add(this.#ports.nowMs());
    if (count === 0) return;
    const fields = {
      ...peerFields(this.#connection),
      reason: reason && REASONS[reason].title,
      code: reason && hexByte(reasonCode(reason)),
      limit,
      count,
      message,
      next: next ?? raiseLimit(limit),
    };
    this.#ports.log({ level: 'warn', event, fields });
  }

  #tallyOf(name: string): Tally {
    const known = this.#tallies.get(name);
    if (known !== undefined) return known;
    const tally = new Tally();
    this.#tallies.set(name, tally);
    return tally;
  }
}
