import type { StateBudget } from './state-budget.ts';

/** What waits for an ack by its packet id. */
export type RequestKind = 'publish1' | 'publish2' | 'subscribe' | 'unsubscribe';

/** How far a QoS 2 exchange is; all others stay at `sent`. */
type Step = 'sent' | 'received' | 'released';

/** A request without its last ack. */
export interface OpenRequest {
  readonly kind: RequestKind;
  readonly packetId: number;
  /** Its packets so far: the request, and of QoS 2 what followed. */
  readonly numbers: number[];
  readonly startMs: number | undefined;
  lastMs: number | undefined;
  readonly digest: number;
  /** How many filters it has: as many codes are due. */
  readonly filters: readonly string[];
  step: Step;
  /** It was sent on an earlier connection of its session: it may be sent again. */
  isEarlier: boolean;
}

/** The order in which acks are due: of PUBACK, PUBREC and PUBREL. */
export type DueAck = 'puback' | 'pubrec' | 'pubrel';

/** What one side of a connection, or of a session, has open. Memory is bounded by the budget. */
export class OpenRequests {
  readonly #budget: StateBudget;
  readonly #byId = new Map<number, OpenRequest>();
  readonly #due: Readonly<Record<DueAck, Set<number>>> = {
    puback: new Set(),
    pubrec: new Set(),
    pubrel: new Set(),
  };
  /** How many of these are PUBLISH with QoS 1 or 2, sent on this connection. */
  publishes = 0;

  constructor(budget: StateBudget) {
    this.#budget = budget;
  }

  [Symbol.iterator](): IterableIterator<OpenRequest> {
    return this.#byId.values();
  }

  find(packetId: number): OpenRequest | undefined {
    return this.#byId.get(packetId);
  }

  add(request: OpenRequest): void {
    const textLength = textLengthOf(request);
    this.remove(request.packetId);
    if (!this.#budget.take(textLength)) return;
    this.#byId.set(request.packetId, request);
    if (isPublish(request)) this.publishes += 1;
    if (request.kind === 'publish1') this.#due.puback.add(request.packetId);
    if (request.kind === 'publish2') this.#due.pubrec.add(request.packetId);
  }

  remove(packetId: number): void {
    const request = this.#byId.get(packetId);
    if (request === undefined) return;
    this.#byId.delete(packetId);
    this.#budget.give(textLengthOf(request));
    if (isPublish(request) && !request.isEarlier) this.publishes -= 1;
    for (const due of Object.values(this.#due)) due.delete(packetId);
  }

  clear(): void {
    for (const packetId of [...this.#byId.keys()]) this.remove(packetId);
  }

  /** PUBREC has come: PUBREL is due. */
  expectRelease(packetId: number): void {
    this.#due.pubrec.delete(packetId);
    this.#due.pubrel.add(packetId);
  }

  /** Takes a due ack off its list; false if another one was due before it. */
  takeDue(ack: DueAck, packetId: number): boolean {
    const due = this.#due[ack];
    if (!due.has(packetId)) return true;
    const [first] = due;
    due.delete(packetId);
    return first === packetId;
  }

  /** Its connection has ended: what a session keeps of it is PUBLISH, to be sent again. */
  keepForSession(): void {
    for (const request of [...this.#byId.values()]) {
      if (isPublish(request)) request.isEarlier = true;
      else this.remove(request.packetId);
    }
    this.publishes = 0;
    for (const due of Object.values(this.#due)) due.clear();
  }
}

function isPublish({ kind }: OpenRequest): boolean {
  return kind === 'publish1' || kind === 'publish2';
}

function textLengthOf({ filters }: OpenRequest): number {
  return filters.reduce((sum, filter) => sum + filter.length, 0);
}
