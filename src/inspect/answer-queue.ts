import type { Link } from './packet-links.ts';
import type { DecodedPacket, Gap, StreamTarget } from './stream-decoder.ts';

/** So many packets and bytes wait at most: an answer that comes later is not waited for. */
const HELD_MAX = 1000;
const HELD_BYTES_MAX = 4 * 1024 * 1024;

interface Held {
  packet: DecodedPacket | undefined;
  readonly isWaiting: boolean;
  answeredBy: Link | undefined;
  readonly show: (answeredBy: Link | undefined) => void;
}

/** Holds packets back, in their order, until it is known what answers them. */
export class AnswerQueue implements StreamTarget {
  readonly #next: StreamTarget;
  #queue: Held[] = [];
  #heldBytes = 0;
  readonly #byNumber = new Map<number, Held>();

  constructor(next: StreamTarget) {
    this.#next = next;
  }

  onPacket(packet: DecodedPacket): void {
    const { links, number } = packet;
    const asked = this.#byNumber.get(links?.answers?.number ?? 0);
    if (asked !== undefined) asked.answeredBy = { number, ms: links?.answers?.ms };
    const held: Held = {
      packet,
      isWaiting: isRequest(packet),
      answeredBy: undefined,
      show: (answeredBy) =>
        this.#next.onPacket(
          answeredBy === undefined ? packet : { ...packet, links: { ...links, answeredBy } },
        ),
    };
    this.#byNumber.set(number, held);
    this.#heldBytes += packet.inspection.bytes.length;
    this.#push(held);
  }

  onGap(gap: Gap): void {
    this.#push(shownAsIs(() => this.#next.onGap(gap)));
  }

  onNote(text: string): void {
    this.#push(shownAsIs(() => this.#next.onNote(text)));
  }

  onStreamEnd(stream: number): void {
    this.#push(shownAsIs(() => this.#next.onStreamEnd(stream)));
  }

  /** Nothing is waited for any longer. */
  release(): void {
    const queue = this.#queue;
    this.#queue = [];
    for (const held of queue) this.#show(held);
  }

  #push(held: Held): void {
    this.#queue.push(held);
    let shown = 0;
    while (shown < this.#queue.length && this.#isDue(shown)) {
      const first = this.#queue[shown];
      if (first !== undefined) this.#show(first);
      shown += 1;
    }
    if (shown > 0) this.#queue.splice(0, shown);
  }

  #isDue(index: number): boolean {
    const held = this.#queue[index];
    const isFull = this.#queue.length - index > HELD_MAX || this.#heldBytes > HELD_BYTES_MAX;
    return isFull || held?.isWaiting !== true || held.answeredBy !== undefined;
  }

  #show({ answeredBy, packet, show }: Held): void {
    if (packet !== undefined) {
      this.#byNumber.delete(packet.number);
      this.#heldBytes -= packet.inspection.bytes.length;
    }
    show(answeredBy);
  }
}

function shownAsIs(show: () => void): Held {
  return { packet: undefined, isWaiting: false, answeredBy: undefined, show };
}

/** Whether something answers such a packet, if all goes well. */
function isRequest({ inspection }: DecodedPacket): boolean {
  const { packet } = inspection;
  if (packet?.type === 'publish') return packet.qos > 0;
  return packet !== undefined && REQUESTS.has(packet.type);
}

const REQUESTS: ReadonlySet<string> = new Set([
  'connect',
  'pubrec',
  'pubrel',
  'subscribe',
  'unsubscribe',
  'pingreq',
]);
