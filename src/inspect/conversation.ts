import { Buffer } from 'node:buffer';
import type { CaptureTarget, StreamEnd } from './capture-target.ts';
import { type Carrier, type ConnectionFacts, MqttCarrier, type Side } from './carrier.ts';
import { guessProtocol, type ProtocolGuess } from './protocol-guess.ts';
import type { SegmentData } from './tcp-side.ts';
import { TlsCarrier } from './tls-carrier.ts';
import { isMqttUpgrade, WebSocketCarrier } from './websocket-carrier.ts';

/** So many bytes of one connection are held until it is known what they are. */
const HELD_BYTES_MAX = 64 * 1024;
/** TLS there is seldom MQTT, and much: it is counted. */
const HTTPS_PORT = 443;
const HTTP_END = '\r\n\r\n';

/** What there is to know of a capture. */
export interface CaptureContext {
  readonly target: CaptureTarget;
  /** Ports that are MQTT without further evidence. */
  readonly ports: ReadonlySet<number>;
  readonly streams: { last: number };
  /** Connections that are no MQTT, by what they are. */
  readonly strangers: Map<string, number>;
}

/** The two ends of a connection. */
export interface Ends {
  readonly ports: readonly [number, number];
  readonly texts: readonly [string, string];
}

type Held =
  | { readonly kind: 'data'; readonly side: Side; readonly data: SegmentData }
  | { readonly kind: 'hole'; readonly side: Side; readonly length: number };

/** Finds out what a connection carries, and passes it on to who reads that. */
export class Conversation {
  readonly #context: CaptureContext;
  readonly #ends: Ends;
  readonly #isFromStart: [boolean, boolean] = [false, false];
  #client: Side | undefined = undefined;
  #held: Held[] = [];
  #heldBytes = 0;
  #carrier: Carrier | undefined = undefined;
  #isStranger = false;

  constructor(context: CaptureContext, ends: Ends) {
    this.#context = context;
    this.#ends = ends;
  }

  /** Whether it is of no interest: nothing that it is told any more makes a difference. */
  get isStranger(): boolean {
    return this.#isStranger;
  }

  /** A side begins with its first byte; it is the client's if nothing was acknowledged with it. */
  onBegin(side: Side, isClient: boolean): void {
    this.#isFromStart[side] = true;
    this.#client = isClient ? side : other(side);
  }

  onData(side: Side, data: SegmentData): void {
    if (this.#isStranger) return;
    if (this.#carrier !== undefined) this.#carrier.onData(side, data);
    else this.#hold({ kind: 'data', side, data }, data.bytes.length);
  }

  onHole(side: Side, length: number): void {
    if (this.#isStranger) return;
    if (this.#carrier !== undefined) this.#carrier.onHole(side, length);
    else this.#hold({ kind: 'hole', side, length }, 0);
  }

  onNote(text: string): void {
    this.#carrier?.onNote(text);
  }

  /** Nothing more comes. */
  end(how: StreamEnd): void {
    if (this.#carrier === undefined && this.#held.length > 0) this.#identify(true);
    this.#carrier?.onEnd(how);
    this.#carrier = undefined;
    this.#isStranger = true;
  }

  #hold(held: Held, length: number): void {
    this.#held.push(held);
    this.#heldBytes += length;
    this.#identify(this.#heldBytes > HELD_BYTES_MAX || this.#held.length > HELD_BYTES_MAX / 64);
  }

  /** Decides if the bytes suffice, or have to. */
  #identify(isLast: boolean): void {
    const starts = [this.#startOf(0), this.#startOf(1)] as const;
    const guesses = [guessProtocol(starts[0]), guessProtocol(starts[1])] as const;
    const client = this.#clientBy(guesses);
    const found = this.#judge(starts, guesses, client) ?? (isLast ? 'other' : undefined);
    const isPortKnown = this.#isPortKnown;
    const isSecureWeb = found === 'tls' && this.#ends.ports.includes(HTTPS_PORT) && !isPortKnown;
    if (isSecureWeb) this.#leave('TLS on port 443');
    else if (found === 'websocket')
      this.#begin(client ?? 0, (facts) => new WebSocketCarrier(facts));
    else if (found === 'tls') this.#begin(client ?? 0, (facts) => new TlsCarrier(facts));
    else if (found === 'mqtt' || (found === 'other' && isPortKnown)) {
      this.#begin(client ?? 0, (facts) => new MqttCarrier(facts));
    } else if (found !== undefined) this.#leave(found === 'http' ? 'HTTP' : 'no MQTT');
  }

  /** Undefined while it is unclear. */
  #judge(
    starts: readonly [Buffer, Buffer],
    guesses: readonly [ProtocolGuess, ProtocolGuess],
    client: Side | undefined,
  ): 'mqtt' | 'websocket' | 'tls' | 'http' | 'other' | undefined {
    // Where nobody knows the client, either side may still turn out to be one.
    if (client === undefined) return guesses.includes('unclear') ? undefined : 'other';
    const guess = guesses[client];
    const start = starts[client];
    if (guess === 'connect') return 'mqtt';
    if (guess === 'http') {
      if (!start.includes(HTTP_END)) return undefined;
      return isMqttUpgrade(start, this.#isPortKnown) ? 'websocket' : 'http';
    }
    if (guess !== 'unclear') return guess;
    // A client that has not spoken, in the middle of a connection: its server tells as much.
    const isMiddle = start.length === 0 && !this.#isFromStart[client];
    const answer = guesses[other(client)];
    if (!isMiddle || answer === 'unclear') return undefined;
    if (answer === 'tls') return 'tls';
    return this.#isPortKnown ? 'mqtt' : undefined;
  }

  get #isPortKnown(): boolean {
    return this.#ends.ports.some((port) => this.#context.ports.has(port));
  }

  /** By SYN, else by a known port, else by what is said. */
  #clientBy(guesses: readonly [ProtocolGuess, ProtocolGuess]): Side | undefined {
    if (this.#client !== undefined) return this.#client;
    const [isFirst, isSecond] = this.#ends.ports.map((port) => this.#context.ports.has(port));
    if (isFirst !== isSecond) return isFirst ? 1 : 0;
    const isSpeech = (guess: ProtocolGuess) => guess !== 'other' && guess !== 'unclear';
    if (isSpeech(guesses[0])) return 0;
    return isSpeech(guesses[1]) ? 1 : undefined;
  }

  #startOf(side: Side): Buffer {
    const parts: Buffer[] = [];
    for (const held of this.#held) {
      if (held.side !== side) continue;
      if (held.kind === 'hole') break;
      parts.push(held.data.bytes);
    }
    return parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts);
  }

  #begin(client: Side, make: (facts: ConnectionFacts) => Carrier): void {
    const { streams, target } = this.#context;
    const isFromStart = this.#isFromStart;
    const { texts } = this.#ends;
    const title = `${texts[client]} to ${texts[other(client)]}`;
    const carrier = make({ target, client, isFromStart, title, streams });
    this.#carrier = carrier;
    const held = this.#held;
    this.#held = [];
    for (const item of held) {
      if (item.kind === 'data') carrier.onData(item.side, item.data);
      else carrier.onHole(item.side, item.length);
    }
  }

  #leave(what: string): void {
    this.#isStranger = true;
    this.#held = [];
    const { strangers } = this.#context;
    strangers.set(what, (strangers.get(what) ?? 0) + 1);
  }
}

function other(side: Side | undefined): Side {
  return side === 0 ? 1 : 0;
}
