import { Buffer } from 'node:buffer';
import type { TextBlock } from './capture-form.ts';
import { CaptureFrames } from './capture-frames.ts';
import type { CaptureOptions } from './capture-options.ts';
import type { CaptureTarget, Direction } from './capture-target.ts';
import { isCleanChain, unfinishedAt } from './clean-chain.ts';
import type { LogSide } from './text-lines.ts';

/** Packets that only one side sends, by their number. */
const CLIENT_TYPES: ReadonlySet<number> = new Set([1, 8, 10, 12]);
const SERVER_TYPES: ReadonlySet<number> = new Set([2, 9, 11, 13]);
/** Of an unfinished packet so much is held, to see whether what follows completes it. */
const HELD_BYTES_MAX = 16 * 1024 * 1024;

/** Passes the blocks of a text on as streams. Lines of one side join; packets need not fit them. */
export class TextBlocks {
  readonly #target: CaptureTarget;
  readonly #options: CaptureOptions;
  readonly #frames: CaptureFrames;
  /** By the text's own numbers. */
  readonly #streams = new Map<number, number>();
  /** What is unfinished, by stream and direction. */
  readonly #unfinished = new Map<string, Buffer>();
  #last: TextBlock | undefined = undefined;
  #isSwapped: boolean | undefined = undefined;
  #byte = 0;

  constructor(target: CaptureTarget, options: CaptureOptions) {
    this.#target = target;
    this.#options = options;
    this.#frames = new CaptureFrames(target, options);
  }

  /** Passes the next blocks on. Whether marks are the wrong way round is seen by the first ones. */
  push(blocks: readonly TextBlock[]): void {
    if (this.#isSwapped === undefined && blocks.some(({ side }) => side !== undefined)) {
      this.#isSwapped = this.#areMarksWrong(blocks);
      if (this.#isSwapped) {
        this.#target.onNote('the marks of direction were swapped: they contradict the packets');
      }
    }
    for (const block of blocks) {
      if (block.linkType === undefined) this.#pass(block);
      else this.#passFrame(block, block.linkType);
    }
  }

  /** Nothing more comes. A text is written by someone: it does not just stop, as a capture does. */
  end(): void {
    for (const stream of this.#streams.values()) this.#target.onStreamEnd(stream, 'closed');
    this.#frames.end();
  }

  #passFrame({ bytes, timeMs }: TextBlock, linkType: number): void {
    this.#frames.onFrame({ linkType, timeMs, bytes, byte: this.#byte });
    this.#byte += bytes.length;
  }

  #pass(block: TextBlock): void {
    const stream = this.#streamOf(block);
    const direction = block.direction ?? this.#directionOf(block.side);
    const key = `${stream} ${direction}`;
    const before = this.#unfinished.get(key);
    const { bytes, missingBytes = 0 } = block;
    const isApart = block.isApart === true || this.#last?.side !== block.side;
    const isCut = before !== undefined && isApart && isCleanChain(bytes);
    if (isCut) this.#target.onBreak({ stream, direction, kind: 'boundary', length: 0 });
    const { label, line, timeMs } = block;
    this.#target.onPiece({ stream, direction, timeMs, bytes, place: { line }, label });
    if (missingBytes > 0) {
      this.#target.onBreak({ stream, direction, kind: 'missing', length: missingBytes });
      this.#unfinished.delete(key);
    } else this.#remember(key, before === undefined || isCut ? [bytes] : [before, bytes]);
    this.#last = block;
  }

  #remember(key: string, parts: readonly Buffer[]): void {
    const bytes = Buffer.concat(parts);
    const at = unfinishedAt(bytes);
    if (at === undefined || bytes.length - at > HELD_BYTES_MAX) this.#unfinished.delete(key);
    else this.#unfinished.set(key, bytes.subarray(at));
  }

  #streamOf({ stream = 1 }: TextBlock): number {
    const known = this.#streams.get(stream);
    if (known !== undefined) return known;
    const { streams, title } = this.#options;
    streams.last += 1;
    this.#streams.set(stream, streams.last);
    this.#target.onStream({ stream: streams.last, title });
    return streams.last;
  }

  #directionOf(side: LogSide | undefined): Direction {
    const { direction, writer = 'client' } = this.#options;
    if (direction !== undefined) return direction;
    if (side === undefined) return 'unknown';
    const isClient = (side === 'own') === (writer === 'client');
    return isClient === (this.#isSwapped !== true) ? 'c2s' : 's2c';
  }

  /** Whether some packets contradict the marks by their type, and none agrees with them. */
  #areMarksWrong(blocks: readonly TextBlock[]): boolean {
    let right = 0;
    let wrong = 0;
    for (const { bytes, side } of blocks) {
      if (side === undefined || !isCleanChain(bytes)) continue;
      const type = (bytes[0] ?? 0) >> 4;
      if (!CLIENT_TYPES.has(type) && !SERVER_TYPES.has(type)) continue;
      if (CLIENT_TYPES.has(type) === (this.#directionOf(side) === 'c2s')) right += 1;
      else wrong += 1;
    }
    return wrong > 0 && right === 0;
  }
}
