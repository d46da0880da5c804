import type { Connection, Unanswered } from './connection.ts';
import { Latencies } from './latencies.ts';
import type { Silence } from './silence-watch.ts';

/** So much of each kind is kept for the end; the rest is counted. */
const LISTED_MAX = 100;
/** So many subscriptions of a connection are listed. */
const FILTERS_MAX = 20;

/** One connection, for the end report. */
export interface ConnectionLine {
  readonly stream: number;
  /** The number of its CONNECT; undefined if that was not seen. */
  readonly connect: number | undefined;
  readonly clientId: string | undefined;
  /** Granted QoS by filter: the first 20. */
  readonly subscriptions: readonly (readonly [filter: string, qos: number])[];
}

/** A list of which only the first are kept. */
export class ShortList<T> {
  readonly items: T[] = [];
  count = 0;

  add(item: T): void {
    this.count += 1;
    if (this.items.length < LISTED_MAX) this.items.push(item);
  }
}

/** What packets had to do with one another, for the end. */
export class ConversationReport {
  readonly connections = new ShortList<ConnectionLine>();
  readonly unanswered = new ShortList<Unanswered>();
  readonly silences = new ShortList<Silence>();
  /** By the title of the request. */
  readonly latencies = new Map<string, Latencies>();

  latencyOf(title: string): Latencies {
    const known = this.latencies.get(title);
    if (known !== undefined) return known;
    const latencies = new Latencies();
    this.latencies.set(title, latencies);
    return latencies;
  }

  /** Takes what there is to say of a connection that ends now: before its session moves on. */
  onConnectionEnd(connection: Connection): void {
    const { clientId, connectNumber, session, stream } = connection;
    const subscriptions = [...session.subscriptions].slice(0, FILTERS_MAX);
    this.connections.add({ stream, connect: connectNumber, clientId, subscriptions });
    this.onRelease(connection);
  }

  /** What is open will not be answered: its session goes on elsewhere, or ends. */
  onRelease({ unanswered }: Connection): void {
    for (const one of unanswered) this.unanswered.add(one);
  }
}
