import type { CaptureTarget, Direction, StreamEnd } from './capture-target.ts';
import { isInStep } from './frame-finder.ts';
import type { SegmentData } from './tcp-side.ts';

/** One of the two ends of a connection. */
export type Side = 0 | 1;

/** What a connection is found to carry, from its first byte on. */
export interface Carrier {
  onData(side: Side, data: SegmentData): void;
  onHole(side: Side, length: number): void;
  onEnd(how: StreamEnd): void;
  /** What a person should know of this connection. */
  onNote(text: string): void;
}

/** The connection, for those who read what it carries. */
export interface ConnectionFacts {
  readonly target: CaptureTarget;
  readonly client: Side;
  /** Of the two ends: which begin with the first byte that was sent. */
  readonly isFromStart: readonly [boolean, boolean];
  /** Client first: `10.0.0.1:40000 to 10.0.0.2:1883`. */
  readonly title: string;
  /** The number of the last stream of all. */
  readonly streams: { last: number };
}

/** MQTT itself. */
export class MqttCarrier implements Carrier {
  readonly #facts: ConnectionFacts;
  readonly #stream: number;
  readonly #isBegun: [boolean, boolean] = [false, false];

  constructor(facts: ConnectionFacts) {
    this.#facts = facts;
    this.#stream = openStream(facts, facts.title);
  }

  onData(side: Side, { byte, bytes, timeMs }: SegmentData): void {
    const direction = this.#direction(side);
    const stream = this.#stream;
    if (!this.#isBegun[side] && !this.#facts.isFromStart[side] && !isInStep(bytes)) {
      this.#facts.target.onBreak({ stream, direction, kind: 'middle', length: 0 });
    }
    this.#isBegun[side] = true;
    const place = { byte };
    this.#facts.target.onPiece({ stream, direction, timeMs, bytes, place, label: undefined });
  }

  onHole(side: Side, length: number): void {
    const direction = this.#direction(side);
    this.#isBegun[side] = true;
    this.#facts.target.onBreak({ stream: this.#stream, direction, kind: 'missing', length });
  }

  onEnd(how: StreamEnd): void {
    this.#facts.target.onStreamEnd(this.#stream, how);
  }

  onNote(text: string): void {
    this.#facts.target.onNote(text, this.#stream);
  }

  #direction(side: Side): Direction {
    return side === this.#facts.client ? 'c2s' : 's2c';
  }
}

/** Gives a connection its number. */
export function openStream({ streams, target }: ConnectionFacts, title: string): number {
  streams.last += 1;
  target.onStream({ stream: streams.last, title });
  return streams.last;
}
