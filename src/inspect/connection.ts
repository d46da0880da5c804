import type { ConnackPacket, ConnectPacket } from '../codec/packet.ts';
import { AliasWatch } from './alias-watch.ts';
import {
  type ConnectionTerms,
  clientIdOf,
  isAccepted,
  isLasting,
  UNKNOWN_TERMS,
} from './connection-terms.ts';
import { ExchangeWatch } from './exchange-watch.ts';
import type { Latencies } from './latencies.ts';
import { msBetween } from './packet-links.ts';
import type { Outcome, SeenPacket } from './seen-packet.ts';
import type { SeenSession, SessionBook } from './session-book.ts';
import { type Silence, SilenceWatch } from './silence-watch.ts';
import type { StateBudget } from './state-budget.ts';
import { watchSubscriptions } from './subscription-watch.ts';
import { checkConnack, checkTerms } from './terms-watch.ts';

/** As many pings are kept that wait for an answer. */
const PINGS_MAX = 100;
/** What a peer may send at once if it was not told otherwise (section 3.1.2.11.3). */
const RECEIVE_MAXIMUM_DEFAULT = 65_535;

/** What all connections of a capture share. */
export interface Shared {
  readonly budget: StateBudget;
  readonly sessions: SessionBook;
  latencyOf(title: string): Latencies;
}

/** A packet that waits for an answer which has no id. */
interface Waiting {
  readonly number: number;
  readonly timeMs: number | undefined;
}

/** A request that nothing answered. */
export interface Unanswered {
  readonly number: number;
  readonly packet: string;
  readonly packetId?: number;
}

/** One connection as it is seen from its packets: what holds for it, and what is open. */
export class Connection {
  readonly stream: number;
  readonly silences: Silence[] = [];
  terms: ConnectionTerms = UNKNOWN_TERMS;
  connectNumber: number | undefined = undefined;
  lastMs: number | undefined = undefined;
  session: SeenSession;
  readonly #shared: Shared;
  readonly #aliases: AliasWatch;
  readonly #silence = new SilenceWatch();
  #exchanges: ExchangeWatch;
  #connect: Waiting | undefined = undefined;
  #pings: Waiting[] = [];
  #answered: 'no' | 'accepted' | 'refused' = 'no';
  readonly #hasLeft = { client: false, server: false, either: false };

  constructor(stream: number, shared: Shared) {
    this.stream = stream;
    this.#shared = shared;
    this.#aliases = new AliasWatch(shared.budget);
    this.session = shared.sessions.open(0);
    this.#exchanges = this.#watch();
  }

  get clientId(): string | undefined {
    return clientIdOf(this.terms);
  }

  /** Looks at the next packet of either side. */
  onPacket(seen: SeenPacket, out: Outcome): void {
    this.lastMs = seen.timeMs ?? this.lastMs;
    this.#checkOrder(seen, out);
    const silence = this.#silence.onPacket(seen, this.terms, out);
    if (silence !== undefined && this.silences.length < PINGS_MAX) this.silences.push(silence);
    checkTerms(seen, this.terms, out);
    this.#take(seen, out);
  }

  /** What is unanswered, at the end of the connection. */
  get unanswered(): Unanswered[] {
    const open = Object.values(this.session.requests).flatMap((requests) => [...requests]);
    return [
      ...this.#pings.map(({ number }) => ({ number, packet: 'PINGREQ' })),
      ...open.map(({ kind, numbers, packetId, step }) => ({
        number: numbers.at(-1) ?? 0,
        packet: openTitle(kind, step),
        packetId,
      })),
    ].sort((a, b) => a.number - b.number);
  }

  /** Nothing more comes. */
  end(): void {
    const silence = this.#hasLeft.client ? undefined : this.#silence.atEnd(this.lastMs, this.terms);
    if (silence !== undefined) this.silences.push(silence);
    this.#aliases.clear();
    this.releaseSession();
  }

  /** Its session goes on with another connection, if it outlives this one; all else is void. */
  releaseSession(): void {
    const { clientId, session } = this;
    const { sessions } = this.#shared;
    this.session = sessions.open(0);
    this.#exchanges = this.#watch();
    this.#connect = undefined;
    this.#pings = [];
    if (clientId !== undefined && isLasting(this.terms)) sessions.put(clientId, session);
    else sessions.drop(session);
  }

  #watch(): ExchangeWatch {
    const { latencyOf } = this.#shared;
    const watch = new ExchangeWatch(this.session.requests, latencyOf);
    watch.isWhole = this.terms.isWhole && !this.#shared.budget.hasOverflowed;
    return watch;
  }

  #checkOrder({ name, sender }: SeenPacket, { remarks }: Outcome): void {
    const title = name?.toUpperCase() ?? 'a packet';
    const { isWhole } = this.terms;
    if (name === 'connect' && isWhole) {
      const what = `CONNECT after CONNECT #${this.connectNumber}`;
      remarks.push({ rule: 'connectTwice', what });
    }
    if (sender !== 'either' && this.#hasLeft[sender]) {
      remarks.push({ rule: 'afterDisconnect', what: `${title} after DISCONNECT` });
    }
    if (sender !== 'server' || !isWhole) return;
    if (name === 'connack') {
      const isAgain = this.#answered !== 'no';
      if (isAgain) remarks.push({ rule: 'connackTwice', what: 'a second CONNACK' });
    } else if (this.#answered === 'refused') {
      remarks.push({ rule: 'afterRefusal', what: `${title} after a refusing CONNACK` });
    } else if (this.#answered === 'no' && name !== 'auth') {
      remarks.push({ rule: 'beforeConnack', what: `${title} before CONNACK` });
    }
  }

  #take(seen: SeenPacket, out: Outcome): void {
    const { packet, sender } = seen;
    if (packet === undefined) return;
    switch (packet.type) {
      case 'connect':
        this.#onConnect(packet, seen, out);
        break;
      case 'connack':
        this.#onConnack(packet, seen, out);
        break;
      case 'publish':
        this.#aliases.onPublish(packet, sender, this.terms, out);
        this.#exchanges.onPacket(seen, out);
        this.#checkReceiveMaximum(packet.qos, seen, out);
        break;
      case 'pingreq':
        if (this.#pings.length < PINGS_MAX) this.#pings.push(seen);
        break;
      case 'pingresp':
        this.#answer(this.#pings.shift(), 'PINGREQ', { seen, out });
        break;
      case 'disconnect':
        this.#hasLeft[sender] = true;
        break;
      case 'suback':
      case 'unsuback': {
        const { requests, subscriptions } = this.session;
        const request = requests.client.find(packet.packetId);
        watchSubscriptions(packet, request, subscriptions, this.#shared.budget);
        this.#exchanges.onPacket(seen, out);
        break;
      }
      default:
        this.#exchanges.onPacket(seen, out);
    }
  }

  #onConnect(packet: ConnectPacket, seen: SeenPacket, out: Outcome): void {
    if (this.terms.isWhole) return; // A second one changes nothing.
    const { number } = seen;
    const { sessions } = this.#shared;
    const earlier = packet.clientId === '' ? undefined : sessions.take(packet.clientId);
    const isResumed = earlier !== undefined && !packet.isCleanStart;
    if (earlier !== undefined && !isResumed) sessions.drop(earlier);
    if (isResumed) {
      out.links = { ...out.links, resumes: earlier.connectNumber };
      sessions.drop(this.session);
      this.session = earlier;
    }
    this.session.connectNumber = number;
    this.connectNumber = number;
    this.#connect = { number, timeMs: seen.timeMs };
    this.terms = {
      ...UNKNOWN_TERMS,
      isWhole: true,
      isResumed,
      connect: packet,
      client: packet.properties,
    };
    this.#exchanges = this.#watch();
  }

  #onConnack(packet: ConnackPacket, seen: SeenPacket, out: Outcome): void {
    checkConnack(packet, this.terms, out);
    this.#answer(this.#connect, 'CONNECT', { seen, out });
    this.#connect = undefined;
    const isIn = isAccepted(packet);
    if (this.#answered === 'no') this.#answered = isIn ? 'accepted' : 'refused';
    if (!isIn) return;
    this.terms = { ...this.terms, server: packet.properties };
    // The server has no session: what was open in it is void, and the client starts anew.
    if (this.terms.isResumed && !packet.isSessionPresent) {
      this.#shared.sessions.drop(this.session);
    }
  }

  #answer(
    waiting: Waiting | undefined,
    title: string,
    { out, seen }: { readonly seen: SeenPacket; readonly out: Outcome },
  ): void {
    if (waiting === undefined) return;
    const ms = msBetween(waiting.timeMs, seen.timeMs);
    if (ms !== undefined) this.#shared.latencyOf(title).add(ms);
    out.links = { ...out.links, answers: { number: waiting.number, ms } };
  }

  #checkReceiveMaximum(qos: number, { level, sender }: SeenPacket, out: Outcome): void {
    if (qos === 0 || level !== 5 || sender === 'either') return;
    const receiver = sender === 'client' ? this.terms.server : this.terms.client;
    const max = receiver?.receiveMaximum ?? RECEIVE_MAXIMUM_DEFAULT;
    const open = this.session.requests[sender].publishes;
    if (receiver === undefined || open <= max) return;
    const rule = sender === 'client' ? 'clientReceiveMaximum' : 'serverReceiveMaximum';
    out.remarks.push({ rule, what: `${open} without their acks, and the maximum is ${max}` });
  }
}

function openTitle(kind: string, step: string): string {
  if (step === 'received') return 'PUBREC';
  if (step === 'released') return 'PUBREL';
  return kind.replace(/\d/, '').toUpperCase();
}
