import { Buffer } from 'node:buffer';
import type {
  Break,
  CaptureTarget,
  Direction,
  Piece,
  StreamEnd,
  StreamOpening,
} from '../../src/inspect/capture-target.ts';

/** What a reader told, in lists; and that it kept the order that it has to. */
export class RecordedCapture implements CaptureTarget {
  readonly openings: StreamOpening[] = [];
  readonly pieces: Piece[] = [];
  readonly breaks: Break[] = [];
  readonly ends: [stream: number, how: StreamEnd][] = [];
  readonly notes: string[] = [];
  readonly #open = new Set<number>();

  /** All that one side of a stream sent, as hex. */
  hex(stream: number, direction: Direction): string {
    const parts = this.pieces.filter((p) => p.stream === stream && p.direction === direction);
    return Buffer.concat(parts.map(({ bytes }) => bytes)).toString('hex');
  }

  onStream(opening: StreamOpening): void {
    this.openings.push(opening);
    this.#open.add(opening.stream);
  }

  onPiece(piece: Piece): void {
    this.#check(piece.stream);
    this.pieces.push({ ...piece, bytes: Buffer.from(piece.bytes) });
  }

  onBreak(gap: Break): void {
    this.#check(gap.stream);
    this.breaks.push(gap);
  }

  onStreamEnd(stream: number, how: StreamEnd): void {
    this.#check(stream);
    this.#open.delete(stream);
    this.ends.push([stream, how]);
  }

  onNote(text: string, stream?: number): void {
    this.notes.push(stream === undefined ? text : `${stream}: ${text}`);
  }

  #check(stream: number): void {
    if (!this.#open.has(stream)) throw new Error(`stream ${stream} is not open`);
  }
}
