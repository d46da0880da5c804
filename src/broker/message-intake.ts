/** Hears whether a message is safe, and whether anybody subscribes to it. */
export type Verdict = (error: Error | undefined, isMatched: boolean) => void;

/**
 * QoS 2 messages that a client has sent and that are not safe yet, by packet id: whoever repeats
 * one before that waits for the same verdict, also on a later connection. An answer at once could
 * promise what is never kept.
 *
 *     unknown -> PUBLISH -> taking -> safe, or failed -> unknown
 */
export class MessageIntake {
  /** Made by the first of them: most clients send none that has to wait. */
  #taking: Map<number, Verdict[]> | undefined = undefined;

  /** How many are not safe yet. */
  get size(): number {
    return this.#taking?.size ?? 0;
  }

  /** A new message: returns what is to hear whether it is safe. `onFailed` comes before others. */
  begin(packetId: number, verdict: Verdict, onFailed: () => void): Verdict {
    const waiting = [verdict];
    this.#taking ??= new Map();
    const taking = this.#taking;
    taking.set(packetId, waiting);
    return (error, isMatched) => {
      // The id may have been freed meanwhile, and used anew.
      const isCurrent = taking.get(packetId) === waiting;
      if (isCurrent) taking.delete(packetId);
      if (isCurrent && error !== undefined) onFailed();
      for (const hear of waiting) hear(error, isMatched);
    };
  }

  /** The message came again: `verdict` hears at once if it is safe already. */
  join(packetId: number, verdict: Verdict): void {
    const waiting = this.#taking?.get(packetId);
    if (waiting === undefined) verdict(undefined, true);
    else waiting.push(verdict);
  }
}
