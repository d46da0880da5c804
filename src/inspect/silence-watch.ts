import { type ConnectionTerms, keepAliveSeconds } from './connection-terms.ts';
import type { Outcome, SeenPacket } from './seen-packet.ts';

/** A server waits one and a half times the Keep Alive (section 3.1.2.10). */
const PATIENCE = 1.5;

/** A stretch without a packet of the client. */
export interface Silence {
  /** The client's last packet before it. */
  readonly after: number;
  readonly seconds: number;
  readonly keepAliveSeconds: number;
}

/** Sees whether a client is heard of as often as its Keep Alive says. */
export class SilenceWatch {
  #lastMs: number | undefined = undefined;
  #lastNumber = 0;

  /** Returns the silence that a packet ends, if it was too long for the server. */
  onPacket(
    { level, number, sender, timeMs }: SeenPacket,
    terms: ConnectionTerms,
    out: Outcome,
  ): Silence | undefined {
    if (sender !== 'client' || timeMs === undefined) return undefined;
    const silence = this.#until(timeMs, terms);
    this.#lastMs = timeMs;
    this.#lastNumber = number;
    if (silence === undefined) return undefined;
    const { after, keepAliveSeconds: limit, seconds } = silence;
    const what = `${seconds.toFixed(1)} s after #${after}, with a keep alive of ${limit} s`;
    if (seconds > limit * PATIENCE) {
      out.remarks.push({ rule: 'keepAliveIgnored', what });
      return silence;
    }
    const isServers = level === 5 && terms.server?.serverKeepAlive !== undefined;
    out.remarks.push({ rule: isServers ? 'keepAliveLateV5Server' : 'keepAliveLate', what });
    return undefined;
  }

  /** The silence that lasts until the end, if it is too long for the server. */
  atEnd(lastMs: number | undefined, terms: ConnectionTerms): Silence | undefined {
    const silence = lastMs === undefined ? undefined : this.#until(lastMs, terms);
    const isTooLong =
      silence !== undefined && silence.seconds > silence.keepAliveSeconds * PATIENCE;
    return isTooLong ? silence : undefined;
  }

  #until(timeMs: number, terms: ConnectionTerms): Silence | undefined {
    const limit = keepAliveSeconds(terms);
    if (limit === undefined || this.#lastMs === undefined) return undefined;
    const seconds = (timeMs - this.#lastMs) / 1000;
    if (seconds <= limit) return undefined;
    return { after: this.#lastNumber, seconds, keepAliveSeconds: limit };
  }
}
