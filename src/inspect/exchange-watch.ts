import type { AckPacket, Packet, PublishPacket } from '../codec/packet.ts';
import type { SenderSide } from '../codec/reason-code.ts';
import type { Latencies } from './latencies.ts';
import type { DueAck, OpenRequest, OpenRequests, RequestKind } from './open-requests.ts';
import { msBetween } from './packet-links.ts';
import type { Remark } from './remark.ts';
import type { RemarkName } from './remark-rules.ts';
import { type Outcome, otherSide, type SeenPacket } from './seen-packet.ts';

/** What each side has open. */
export type RequestsBySide = Readonly<Record<SenderSide, OpenRequests>>;

type Named<T extends Packet['type']> = Extract<Packet, { type: T }>;

/** Reason codes from here on end an exchange (section 2.4). */
const FAILURE = 0x80;

const ORDER_RULES = {
  puback: 'pubackOrder',
  pubrec: 'pubrecOrder',
  pubrel: 'pubrelOrder',
} as const satisfies Record<DueAck, RemarkName>;

/** Pairs the requests of one connection with their acks, by packet id. */
export class ExchangeWatch {
  readonly #requests: RequestsBySide;
  readonly #latencyOf: (title: string) => Latencies;
  /** Whether all of the connection was seen: what is not open then was never sent. */
  isWhole = false;

  constructor(requests: RequestsBySide, latencyOf: (title: string) => Latencies) {
    this.#requests = requests;
    this.#latencyOf = latencyOf;
  }

  onPacket(seen: SeenPacket, out: Outcome): void {
    const { packet } = seen;
    if (packet === undefined) return;
    switch (packet.type) {
      case 'publish':
        this.#onPublish(packet, seen, out);
        break;
      case 'puback':
      case 'pubrec':
      case 'pubcomp':
        this.#onAck(packet, seen, out);
        break;
      case 'pubrel':
        this.#onRelease(packet, seen, out);
        break;
      case 'subscribe': {
        const filters = packet.subscriptions.map(({ topicFilter }) => topicFilter);
        this.#open('subscribe', packet.packetId, filters, { seen, out });
        break;
      }
      case 'unsubscribe':
        this.#open('unsubscribe', packet.packetId, packet.topicFilters, { seen, out });
        break;
      case 'suback':
      case 'unsuback':
        this.#onListAck(packet, seen, out);
        break;
      default:
    }
  }

  #onPublish(packet: PublishPacket, seen: SeenPacket, out: Outcome): void {
    const { packetId = 0, qos } = packet;
    if (qos === 0 || packetId === 0) return;
    const kind = qos === 1 ? 'publish1' : 'publish2';
    const open = this.#requests[seen.sender].find(packetId);
    const isSame = open?.kind === kind && (packet.isDuplicate || open.digest === seen.digest);
    if (open === undefined || !isSame) this.#open(kind, packetId, [], { seen, out });
    else this.#onRepeated(packet, open, { seen, out });
  }

  #onRepeated(
    { isDuplicate }: PublishPacket,
    open: OpenRequest,
    { out, seen }: { readonly seen: SeenPacket; readonly out: Outcome },
  ): void {
    const first = `of #${open.numbers[0]}`;
    if (seen.sender !== 'either') {
      if (open.step === 'released') {
        out.remarks.push({ rule: 'resentAfterRelease', what: `PUBLISH ${first} after its PUBREL` });
      } else if (!open.isEarlier) {
        out.remarks.push(resent(seen, `the PUBLISH ${first} again`));
      }
      if (!isDuplicate) {
        out.remarks.push({ rule: 'resentUnmarked', what: `the PUBLISH ${first} again, dup 0` });
      }
    }
    open.lastMs = seen.timeMs;
    if (!open.isEarlier) return;
    // From here on it counts as sent on this connection.
    const again = { startMs: seen.timeMs, step: 'sent', isEarlier: false } as const;
    this.#requests[seen.sender].add({ ...open, ...again, numbers: [seen.number] });
  }

  #open(
    kind: RequestKind,
    packetId: number,
    filters: readonly string[],
    { out, seen }: { readonly seen: SeenPacket; readonly out: Outcome },
  ): void {
    const { digest, number, sender, timeMs } = seen;
    if (packetId === 0) return;
    const taken = this.#requests[sender].find(packetId);
    if (taken !== undefined && sender !== 'either') {
      const rule = sender === 'client' ? 'clientIdInUse' : 'serverIdInUse';
      const what = `id ${packetId} is still in use by #${taken.numbers.at(-1)}`;
      out.remarks.push({ rule, what, likely: 'ids are not kept until the ack' });
    }
    this.#requests[sender].add({
      kind,
      packetId,
      numbers: [number],
      startMs: timeMs,
      lastMs: timeMs,
      digest,
      filters,
      step: 'sent',
      isEarlier: false,
    });
  }

  /** PUBACK, PUBREC or PUBCOMP: from the receiver of the message. */
  #onAck(packet: AckPacket, seen: SeenPacket, out: Outcome): void {
    const requests = this.#requestsFor(packet.packetId, otherSide(seen.sender));
    const open = requests.find(packet.packetId);
    if (open === undefined) {
      this.#onUnknown('ackUnknown', seen, out);
      return;
    }
    const wrong = wrongAck(packet.type, open);
    if (wrong !== undefined) {
      if (seen.sender !== 'either') out.remarks.push({ rule: 'wrongAck', what: wrong });
      return;
    }
    this.#link(open, seen, out);
    this.#checkOrder(packet.type, requests, { packetId: packet.packetId, seen, out });
    if (packet.type !== 'pubrec' || packet.reasonCode >= FAILURE) requests.remove(open.packetId);
    else if (open.step === 'sent') {
      open.step = 'received';
      requests.expectRelease(open.packetId);
    }
  }

  /** PUBREL: from the sender of the message. */
  #onRelease({ packetId }: AckPacket, seen: SeenPacket, out: Outcome): void {
    const requests = this.#requestsFor(packetId, seen.sender);
    const open = requests.find(packetId);
    if (open === undefined) {
      this.#onUnknown('ackUnknown', seen, out);
      return;
    }
    if (open.kind !== 'publish2') {
      const what = `PUBREL for #${open.numbers[0]}, which is no PUBLISH with QoS 2`;
      if (seen.sender !== 'either') out.remarks.push({ rule: 'wrongAck', what });
      return;
    }
    const isRepeated = open.step === 'released' && !open.isEarlier && seen.sender !== 'either';
    if (isRepeated) out.remarks.push(resent(seen, `the PUBREL #${open.numbers.at(-1)} again`));
    this.#checkOrder('pubrel', requests, { packetId, seen, out });
    this.#link(open, seen, out);
    open.step = 'released';
  }

  #onListAck(packet: Named<'suback' | 'unsuback'>, seen: SeenPacket, out: Outcome): void {
    const requests = this.#requestsFor(packet.packetId, otherSide(seen.sender));
    const open = requests.find(packet.packetId);
    const kind = packet.type === 'suback' ? 'subscribe' : 'unsubscribe';
    if (open?.kind !== kind) {
      if (open === undefined) this.#onUnknown('subackUnknown', seen, out);
      return;
    }
    this.#link(open, seen, out);
    requests.remove(open.packetId);
    const [is, due] = [packet.reasonCodes.length, open.filters.length];
    if (is === due || is === 0) return;
    const what = `${is} codes for the ${due} filters of #${open.numbers[0]}`;
    out.remarks.push({ rule: kind === 'subscribe' ? 'subackCount' : 'unsubackCount', what });
  }

  /** Who asked: its side if that is known, else the one of the two that has such a request. */
  #requestsFor(packetId: number, side: SenderSide): OpenRequests {
    const sides: readonly SenderSide[] =
      side === 'either' ? ['either', 'client', 'server'] : [side, 'either'];
    const having = sides.find((one) => this.#requests[one].find(packetId) !== undefined);
    return this.#requests[having ?? side];
  }

  #onUnknown(rule: 'ackUnknown' | 'subackUnknown', seen: SeenPacket, out: Outcome): void {
    if (!this.isWhole || seen.sender === 'either') return;
    const { packet } = seen;
    const packetId = packet !== undefined && 'packetId' in packet ? packet.packetId : undefined;
    if (packetId !== 0) out.remarks.push({ rule, what: `nothing is open with id ${packetId}` });
  }

  #link(open: OpenRequest, seen: SeenPacket, out: Outcome): void {
    const ms = msBetween(open.lastMs, seen.timeMs);
    out.links = { ...out.links, answers: { number: open.numbers.at(-1) ?? 0, ms } };
    if (ms !== undefined && seen.name !== 'pubrel') this.#latencyOf(titleOf(open)).add(ms);
    open.lastMs = seen.timeMs;
    if (open.kind !== 'publish2') return;
    // An exchange has four packets; a peer that repeats them without end adds no more.
    if (open.numbers.length < 8) open.numbers.push(seen.number);
    const walk = { numbers: [...open.numbers], ms: msBetween(open.startMs, seen.timeMs) };
    out.links = { ...out.links, walk };
  }

  /** Section 4.6: what a client acks, it acks in the order in which it came. */
  #checkOrder(
    name: AckPacket['type'],
    requests: OpenRequests,
    { out, packetId, seen }: { packetId: number; seen: SeenPacket; out: Outcome },
  ): void {
    if (name === 'pubcomp') return;
    const isFirst = requests.takeDue(name, packetId);
    if (isFirst || seen.sender !== 'client') return;
    const what = `id ${packetId} is not the first that waits for ${name.toUpperCase()}`;
    out.remarks.push({ rule: ORDER_RULES[name], what });
  }
}

/** What is repeated on one connection: 3.1.1 lets a client do so, and 5.0 does not. */
function resent({ level }: SeenPacket, what: string): Remark {
  return { rule: level === 5 ? 'resent' : 'resentBefore5', what, likely: 'a retry timer' };
}

/** What a request is called in figures about its answers. */
function titleOf({ kind, step }: OpenRequest): string {
  if (kind === 'subscribe' || kind === 'unsubscribe') return kind.toUpperCase();
  if (kind === 'publish1') return 'PUBLISH QoS 1';
  return step === 'released' ? 'PUBREL' : 'PUBLISH QoS 2';
}

function wrongAck(type: AckPacket['type'], open: OpenRequest): string | undefined {
  const name = type.toUpperCase();
  const request = `#${open.numbers[0]}`;
  if (open.kind === 'publish1') {
    return type === 'puback' ? undefined : `${name} for ${request}, a PUBLISH with QoS 1`;
  }
  if (open.kind !== 'publish2') {
    return `${name} for ${request}, which is ${open.kind.toUpperCase()}`;
  }
  if (type === 'puback') return `PUBACK for ${request}, a PUBLISH with QoS 2`;
  const isEarly = type === 'pubcomp' && open.step !== 'released' && !open.isEarlier;
  return isEarly ? `PUBCOMP for ${request}, whose PUBREL was not sent` : undefined;
}
