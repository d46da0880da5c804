import { Buffer } from 'node:buffer';
import type { ProtocolLevel } from '../../src/codec/packet.ts';
import type { StreamEnd } from '../../src/inspect/capture-target.ts';
import {
  type DecodedPacket,
  type Gap,
  StreamDecoder,
  type StreamTarget,
} from '../../src/inspect/stream-decoder.ts';
import { VersionTracker } from '../../src/inspect/version-tracker.ts';

/** What a decoder tells of, in lists. */
export class RecordedStream implements StreamTarget {
  readonly packets: DecodedPacket[] = [];
  readonly gaps: Gap[] = [];
  readonly notes: string[] = [];
  /** Streams that have ended. */
  readonly ended: number[] = [];

  onPacket(packet: DecodedPacket): void {
    this.packets.push(packet);
  }
  onGap(gap: Gap): void {
    this.gaps.push(gap);
  }
  onNote(text: string): void {
    this.notes.push(text);
  }
  onStreamEnd(stream: number): void {
    this.ended.push(stream);
  }
}

/** A decoder of a stream of its own; `level` stands for `-V`. */
export function streamDecoder(target: StreamTarget, level?: ProtocolLevel): StreamDecoder {
  const versions = new VersionTracker(level);
  const numbers = { last: 0 };
  return new StreamDecoder(target, { stream: 1, direction: 'unknown', versions, numbers });
}

/** Decodes chunks of hex, as if they came one after the other. */
export function decodeChunks(
  chunks: readonly string[],
  { end, level }: { readonly end?: StreamEnd; readonly level?: ProtocolLevel | undefined } = {},
) {
  const stream = new RecordedStream();
  const decoder = streamDecoder(stream, level);
  for (const chunk of chunks) decoder.push(Buffer.from(chunk.replaceAll(' ', ''), 'hex'));
  decoder.end(end);
  return stream;
}

/** Decodes one packet of hex; `level` stands for `-V`. */
export function decodeOne(hex: string, level?: ProtocolLevel): DecodedPacket {
  const [packet] = decodeChunks([hex], { level }).packets;
  if (packet === undefined) throw new Error(`no packet in ${hex}`);
  return packet;
}
