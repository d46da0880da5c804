import type { BenchLink, LinkRole } from './bench-link.ts';
import { InFlightIds } from './in-flight-ids.ts';
import type { PublishStrip } from './publish-strip.ts';

/** Who decides what a publisher sends, and when. */
export interface PublisherHost {
  /** It may send again: an ack has come, or its link is free. */
  onReady(publisher: Publisher): void;
  /** Of a message that was in flight. */
  onAcked(): void;
  /** An ack of an id that is not in use. */
  onStrayAck(): void;
}

/** One link that publishes: what it has sent, and what waits for an ack. */
export class Publisher implements LinkRole {
  /** 0.., as in the payloads. */
  readonly index: number;
  /** Whether it is in its host's queue. */
  isQueued = false;
  readonly #host: PublisherHost;
  readonly #link: BenchLink;
  readonly #strip: PublishStrip;
  readonly #ids: InFlightIds | undefined;
  readonly #windowMax: number;
  #isBlocked = false;
  #sequence = 0;

  /** @param windowMax messages that wait for an ack, at QoS 1 and 2; undefined at QoS 0. */
  constructor(host: PublisherHost, index: number, { link, strip, windowMax }: PublisherParts) {
    this.#host = host;
    this.index = index;
    this.#link = link;
    this.#strip = strip;
    this.#windowMax = windowMax ?? Number.POSITIVE_INFINITY;
    this.#ids = windowMax === undefined ? undefined : new InFlightIds();
  }

  /** Messages sent since the beginning. */
  get sentCount(): number {
    return this.#sequence;
  }

  /** Messages that wait for their ack. */
  get inFlightCount(): number {
    return this.#ids?.count ?? 0;
  }

  /** How many messages it could send at once. */
  get room(): number {
    if (this.#isBlocked) return 0;
    return Math.min(this.#strip.capacity, this.#windowMax - this.inFlightCount);
  }

  /**
   * Sends the next `count` messages, at most `room`: the first one was due at `stampMs`, and each
   * further one `stepMs` later.
   */
  send(count: number, stampMs: number, stepMs: number): void {
    for (let index = 0; index < count; index += 1) {
      const packetId = this.#ids?.take() ?? 0;
      const stampUs = (stampMs + index * stepMs) * 1000;
      this.#strip.patch(index, this.#sequence, stampUs, packetId);
      this.#sequence += 1;
    }
    if (!this.#link.write(this.#strip.frames(count))) this.#isBlocked = true;
  }

  onSettled(packetId: number): void {
    if (this.#ids?.free(packetId) !== true) {
      this.#host.onStrayAck();
      return;
    }
    this.#host.onAcked();
    if (!this.isQueued) this.#host.onReady(this);
  }

  onDrained(): void {
    this.#isBlocked = false;
    this.#host.onReady(this);
  }

  onChunk(): void {}
  onChunkEnd(): void {}
  /** Nobody sends anything to one who has not subscribed. */
  onMessage(): void {}
}

/** What a publisher is made of. */
export interface PublisherParts {
  readonly link: BenchLink;
  readonly strip: PublishStrip;
  readonly windowMax: number | undefined;
}
