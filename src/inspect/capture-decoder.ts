import type { ProtocolLevel } from '../codec/packet.ts';
import type {
  Break,
  CaptureTarget,
  Direction,
  Piece,
  StreamEnd,
  StreamOpening,
} from './capture-target.ts';
import { StreamDecoder, type StreamTarget } from './stream-decoder.ts';
import { VersionTracker } from './version-tracker.ts';

/** The sides of one stream that have sent something, and what they know in common. */
interface Conversation {
  readonly versions: VersionTracker;
  readonly sides: Map<Direction, StreamDecoder>;
}

/** Explains what a reader finds: both sides of each stream, all packets numbered in one row. */
export class CaptureDecoder implements CaptureTarget {
  readonly #target: StreamTarget;
  readonly #level: ProtocolLevel | undefined;
  readonly #numbers = { last: 0 };
  /** The streams that have not ended. */
  readonly #conversations = new Map<number, Conversation>();

  /** `level` stands for `-V`. */
  constructor(target: StreamTarget, level: ProtocolLevel | undefined) {
    this.#target = target;
    this.#level = level;
  }

  onStream({ stream, title }: StreamOpening): void {
    const versions = new VersionTracker(this.#level);
    this.#conversations.set(stream, { versions, sides: new Map() });
    if (title !== undefined) this.#target.onNote(`stream ${stream} is ${title}`);
  }

  onPiece({ bytes, direction, stream, timeMs }: Piece): void {
    this.#side(stream, direction)?.push(bytes, timeMs);
  }

  onBreak({ direction, kind, length, stream }: Break): void {
    this.#side(stream, direction)?.breakOff(kind, length);
  }

  onStreamEnd(stream: number, how: StreamEnd): void {
    const sides = this.#conversations.get(stream)?.sides.values() ?? [];
    for (const side of sides) side.end(how);
    this.#conversations.delete(stream);
    this.#target.onStreamEnd(stream);
  }

  onNote(text: string, stream?: number): void {
    this.#target.onNote(stream === undefined ? text : `stream ${stream}: ${text}`);
  }

  #side(stream: number, direction: Direction): StreamDecoder | undefined {
    const conversation = this.#conversations.get(stream);
    if (conversation === undefined) return undefined;
    const { sides, versions } = conversation;
    const known = sides.get(direction);
    if (known !== undefined) return known;
    const numbers = this.#numbers;
    const side = new StreamDecoder(this.#target, { direction, numbers, stream, versions });
    sides.set(direction, side);
    return side;
  }
}
