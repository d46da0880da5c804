/** The server waits for one and a half times the Keep Alive [MQTT-3.1.2-22]. */
const SERVER_PATIENCE = 1.5;
/** PINGREQ goes out so long before it is due: a timer may be late, and its client may not. */
const PING_LEAD_MS = 500;
/** A client takes its server for dead if no PINGRESP has come for so long (section 3.1.2.10). */
const PINGRESP_SECONDS_MAX = 10;

/**
 * When the server gives a silent client up, in milliseconds; Infinity for Keep Alive 0.
 * 65,535 s become 98,302.5 s: more than 16 bits, and not a whole number of seconds.
 */
export function keepAliveDeadlineMs(lastReceivedMs: number, keepAliveSeconds: number): number {
  if (keepAliveSeconds === 0) return Number.POSITIVE_INFINITY;
  return lastReceivedMs + keepAliveSeconds * 1000 * SERVER_PATIENCE;
}

/**
 * The client's side: sends PINGREQ before it has sent nothing for the interval [MQTT-3.1.2-20]
 * [311:3.1.2-23], and gives up when the answer stays away. What is received does not count.
 */
export class ClientKeepAlive {
  readonly #intervalMs: number;
  #lastSentMs: number;
  /** Since when an answer to PINGREQ could have been seen that has not come. */
  #waitsSinceMs: number | undefined = undefined;
  #isReading = true;

  /** @param intervalSeconds 0..65_535, the server's where it gave one [MQTT-3.1.2-21]; 0 is off. */
  constructor(intervalSeconds: number, nowMs: number) {
    this.#intervalMs = intervalSeconds === 0 ? Number.POSITIVE_INFINITY : intervalSeconds * 1000;
    this.#lastSentMs = nowMs;
  }

  onSent(nowMs: number): void {
    this.#lastSentMs = nowMs;
  }

  onPingresp(): void {
    this.#waitsSinceMs = undefined;
  }

  /** Nothing is read from now on, so that no PINGRESP can be missed; PINGREQs still go out. */
  pause(): void {
    this.#isReading = false;
  }

  /** Reading goes on, and with it the wait for a PINGRESP, from the start. */
  resume(nowMs: number): void {
    this.#isReading = true;
    if (this.#waitsSinceMs !== undefined) this.#waitsSinceMs = nowMs;
  }

  /** When `onDeadline` wants to be called; Infinity if never. */
  nextDeadlineMs(): number {
    const nextPingMs = this.#lastSentMs + this.#intervalMs - PING_LEAD_MS;
    if (this.#waitsSinceMs === undefined || !this.#isReading) return nextPingMs;
    return this.#waitsSinceMs + Math.min(this.#intervalMs, PINGRESP_SECONDS_MAX * 1000);
  }

  /** What to do now: send PINGREQ, take the connection for lost, or nothing yet. */
  onDeadline(nowMs: number): 'ping' | 'lost' | 'wait' {
    if (nowMs < this.nextDeadlineMs()) return 'wait';
    if (this.#waitsSinceMs !== undefined && this.#isReading) return 'lost';
    this.#waitsSinceMs = nowMs;
    this.#lastSentMs = nowMs;
    return 'ping';
  }
}
