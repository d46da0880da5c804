import type { ConnectPacket, ProtocolLevel } from '../../src/codec/packet.ts';
import type { ModelSession } from './model-session.ts';

/** What the model sees of a connection's bytes. */
export interface ObservedLink {
  readonly peer: string;
  readonly unsentBytes: number;
  readonly isPaused: boolean;
  readonly takenAtMs: number;
}

/** An answer that the broker owes to a packet, in the order of those packets. */
export interface Answer {
  readonly type: 'puback' | 'pubrec' | 'pubrel' | 'pubcomp' | 'suback' | 'unsuback' | 'pingresp';
  readonly packetId?: number;
  readonly codes?: readonly number[];
}

/** Why the broker has to close a connection. */
interface OwedEnd {
  /** The reason code of its DISCONNECT, in 5.0; undefined if it comes without. */
  readonly code: number | 'garbage' | undefined;
}

/** One connection, as the model sees it. */
export class ModelConnection {
  readonly link: ObservedLink;
  readonly openedMs: number;
  /** `ending`: the broker has to close it, and has not yet. */
  state: 'new' | 'ready' | 'ending' | 'closed' = 'new';
  level: ProtocolLevel = 4;
  connect: ConnectPacket | undefined = undefined;
  /** The session that it has, or had. */
  session: ModelSession | undefined = undefined;
  /** What CONNACK has to say: whether a session goes on. */
  owedConnack: { readonly isSessionPresent: boolean } | undefined = undefined;
  owedEnd: OwedEnd | undefined = undefined;
  wasGoodbyeSent = false;
  /** The broker has closed it at once: what it writes in that turn goes nowhere, rightly. */
  wasCutOff = false;
  readonly answers: Answer[] = [];
  keepAliveMs = 0;
  lastReceivedMs: number;
  quotaMax = 1;
  packetBytesMax = Number.POSITIVE_INFINITY;
  aliasMax = 0;
  /** Topics that the broker has given numbers. */
  readonly aliases = new Map<number, string>();
  /** Topics that the client has given numbers. */
  readonly clientAliases = new Map<number, string>();
  /** All that this step has found or left unsent: what is held back meets no more than that. */
  stepBytes = 0;
  /** Since when it has had more unsent, or more waiting, than it should. */
  slowSinceMs: number | undefined = undefined;

  /** Since when the model has seen that it takes nothing. */
  stuckSinceMs: number | undefined = undefined;

  constructor(link: ObservedLink, nowMs: number) {
    this.link = link;
    this.openedMs = nowMs;
    this.lastReceivedMs = nowMs;
  }

  /** When the broker has to give a silent client up; Infinity if it need not. */
  get silentAtMs(): number {
    const isWatched = this.state === 'ready' && this.keepAliveMs > 0 && !this.link.isPaused;
    return isWatched ? this.lastReceivedMs + this.keepAliveMs * 1.5 : Number.POSITIVE_INFINITY;
  }

  get name(): string {
    return `${this.session?.clientId ?? '?'} (${this.link.peer})`;
  }
}
