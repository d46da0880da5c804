import { Buffer } from 'node:buffer';
import type { ProtocolLevel } from '../../src/codec/packet.ts';
import {
  type DecodedPacket,
  type Gap,
  StreamDecoder,
  type StreamOptions,
  type StreamTarget,
} from '../../src/inspect/stream-decoder.ts';

/** What a decoder tells of, in lists. */
export class RecordedStream implements StreamTarget {
  readonly packets: DecodedPacket[] = [];
  readonly gaps: Gap[] = [];
  readonly notes: string[] = [];

  onPacket(packet: DecodedPacket): void {
    this.packets.push(packet);
  }
  onGap(gap: Gap): void {
    this.gaps.push(gap);
  }
  onNote(text: string): void {
    this.notes.push(text);
  }
}

/** Decodes chunks of hex, as if they came one after the other. */
export function decodeChunks(chunks: readonly string[], options: StreamOptions = {}) {
  const stream = new RecordedStream();
  const decoder = new StreamDecoder(stream, options);
  for (const chunk of chunks) decoder.push(Buffer.from(chunk.replaceAll(' ', ''), 'hex'));
  decoder.end();
  return stream;
}

/** Decodes one packet of hex; `level` stands for `-V`. */
export function decodeOne(hex: string, level?: ProtocolLevel): DecodedPacket {
  const [packet] = decodeChunks([hex], { level }).packets;
  if (packet === undefined) throw new Error(`no packet in ${hex}`);
  return packet;
}
