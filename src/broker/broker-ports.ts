/** What a log line says: plain values, which the cli renders as text or JSON. */
export interface BrokerEvent {
  readonly level: 'error' | 'warn' | 'info' | 'debug';
  /** One word of a fixed list: connect, disconnect, takeover, ... */
  readonly event: string;
  /** In the order in which they are shown; what is undefined is left out. */
  readonly fields: { readonly [field: string]: string | number | undefined };
}

/** All that the broker asks of the world: it holds no clock, timer or source of chance. */
export interface BrokerPorts {
  /** Whole milliseconds on a clock that never goes back. */
  nowMs(): number;
  /** Has `Broker.onAlarm` called at that moment or later; replaces the alarm set before. */
  setAlarm(atMs: number | undefined): void;
  /**
   * Calls back once all that happens in this turn of the event loop has happened. What is asked for
   * from such a callback belongs to the next turn: the network has its say before it.
   */
  atTurnEnd(callback: () => void): void;
  /** So many random characters of [0-9a-z], hard to guess: they become client identifiers. */
  randomText(length: number): string;
  log(event: BrokerEvent): void;
  /** Whether events of level debug are wanted: there is one for each message. */
  readonly logsDebug: boolean;
}
