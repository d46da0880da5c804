import { Buffer } from 'node:buffer';
import type { QoS } from '../codec/packet.ts';
import { plainMessageBytes } from '../session/message.ts';
import type { TopicName } from '../topic/topic-name.ts';
import { EMPTY_SECTION } from './property-sections.ts';
import { Publication } from './publication.ts';
import type { Slab } from './slab.ts';

/** Frames that one run has at most: more than a chunk of 64 KiB has with 50 bytes of payload. */
export const RUN_FRAMES_MAX = 1_024;
const NO_BYTES = Buffer.alloc(0);

/**
 * Hot path: adjacent PUBLISH frames of one topic and QoS, as they came, without packets made of
 * them: to route and copy them as one takes half of what it takes one by one, and costs topics that
 * alternate nothing. They have neither DUP nor RETAIN, and all the same properties.
 */
export class PublishRun {
  bytes: Buffer = NO_BYTES;
  /** What holds the bytes, where they may be sent from there without a copy. */
  slab: Slab | undefined = undefined;
  /** How many frames there are. */
  count = 0;
  qos: QoS = 0;
  /** Whether they have the form of 5.0, with properties or a Property Length of 0. */
  isLevel5 = false;
  /** What each has of them: empty before 5.0. */
  section = EMPTY_SECTION;
  /** With their length: 0 before 5.0. */
  sectionBytes = 0;
  topicLength = 0;
  /** The largest frame, in bytes. */
  frameBytesMax = 0;
  /** Where each frame begins; one more says where the last one ends. */
  readonly frameAts: Int32Array;
  /** Where each frame's topic begins, with its two bytes of length. */
  readonly topicAts: Int32Array;
  /** Known once the run is routed. */
  topicName: TopicName | undefined = undefined;
  publisher = '';
  /** What a kept run holds, for an account of memory: once, however many sessions wait with it. */
  readonly weight = { bytes: 0, holders: 0 };
  /** What some subscribers need of it as messages; made when first asked for. */
  #publications: (Publication | undefined)[] = [];
  #copy: PublishRun | undefined = undefined;

  constructor(framesMax = RUN_FRAMES_MAX) {
    this.frameAts = new Int32Array(framesMax + 1);
    this.topicAts = new Int32Array(framesMax);
  }

  get start(): number {
    return this.frameAts[0] as number;
  }

  get end(): number {
    return this.frameAts[this.count] as number;
  }

  /** Where a frame's packet id lies; there is none at QoS 0. */
  idAt(index: number): number {
    return (this.topicAts[index] as number) + 2 + this.topicLength;
  }

  payloadAt(index: number): number {
    return this.idAt(index) + (this.qos > 0 ? 2 : 0) + this.sectionBytes;
  }

  /** Where a frame ends, and the next one begins. */
  frameEnd(index: number): number {
    return this.frameAts[index + 1] as number;
  }

  packetId(index: number): number {
    const at = this.idAt(index);
    return ((this.bytes[at] as number) << 8) | (this.bytes[at + 1] as number);
  }

  /** Forgets what was made of the frames before. @param isLevel5 the form of those to come. */
  begin(isLevel5: boolean): void {
    this.count = 0;
    this.isLevel5 = isLevel5;
    this.section = EMPTY_SECTION;
    this.sectionBytes = isLevel5 ? 1 : 0;
    this.frameBytesMax = 0;
    if (this.#publications.length > 0) this.#publications = [];
    this.#copy = undefined;
  }

  /**
   * How far frames from `from` on may be sent, `to` at most, until there is no room: up to the one
   * that uses the last of it up.
   */
  fitting(from: number, to: number, room: number): number {
    const { frameAts } = this;
    const start = frameAts[from] as number;
    if ((frameAts[to] as number) - start < room) return to;
    let next = from;
    while (next < to && (frameAts[next] as number) - start < room) next += 1;
    return next;
  }

  /** What a frame counts for in limits, as its message would. */
  messageBytes(index: number): number {
    const payloadBytes = this.frameEnd(index) - this.payloadAt(index);
    return plainMessageBytes(this.topicName ?? '', payloadBytes) + this.section.weightBytes;
  }

  /** A frame as a message: for subscribers that need more than its bytes. All share it. */
  publication(index: number): Publication {
    const known = this.#publications[index];
    if (known !== undefined) return known;
    const publication = new Publication({
      topicName: this.topicName ?? '',
      payload: this.bytes.subarray(this.payloadAt(index), this.frameEnd(index)),
      qos: this.qos,
      isRetained: false,
      properties: this.section.properties,
      expiresAtMs: Number.POSITIVE_INFINITY,
      publisher: this.publisher,
    });
    this.#publications[index] = publication;
    return publication;
  }

  /** The same run with bytes of its own: for all who have to keep frames of it. */
  keep(): PublishRun {
    this.#copy ??= this.#makeCopy();
    return this.#copy;
  }

  #makeCopy(): PublishRun {
    const { count, start } = this;
    const copy = new PublishRun(count);
    copy.bytes = Buffer.from(this.bytes.subarray(start, this.end));
    copy.count = count;
    copy.qos = this.qos;
    copy.isLevel5 = this.isLevel5;
    copy.section = this.section;
    copy.sectionBytes = this.sectionBytes;
    copy.topicLength = this.topicLength;
    copy.frameBytesMax = this.frameBytesMax;
    copy.topicName = this.topicName;
    copy.publisher = this.publisher;
    for (let index = 0; index < count; index += 1) {
      copy.frameAts[index] = (this.frameAts[index] as number) - start;
      copy.topicAts[index] = (this.topicAts[index] as number) - start;
    }
    copy.frameAts[count] = copy.bytes.length;
    copy.weight.bytes = copy.bytes.length + copy.frameAts.byteLength + copy.topicAts.byteLength;
    copy.#copy = copy;
    return copy;
  }
}
