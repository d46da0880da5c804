import type { Buffer } from 'node:buffer';
import { assert } from '../base/assert.ts';
import type { QoS } from '../codec/packet.ts';
import type { Queued } from '../session/message-queue.ts';
import type { ConnectionOutput } from './connection-output.ts';
import { lengthBytes, putHeader } from './frame-header.ts';
import type { Delivery, DeliveryTerms } from './publication.ts';
import type { PublishRun } from './publish-run.ts';
import { NO_PROPERTY_BYTES, type RouteTarget } from './route-target.ts';
import type { SharedSlab } from './shared-slab.ts';
import type { Slab } from './slab.ts';

const PUBLISH = 0x30;
/** The most that a fixed header and a packet id add to a frame in another form. */
const GROWTH_BYTES_MAX = 8;
const LOOP_BYTES_MAX = 16;

/** What a run became in the form that several subscribers get, for as long as the turn lasts. */
interface Shared {
  readonly section: Buffer;
  readonly slab: Slab;
  readonly start: number;
  readonly end: number;
}

/** Where the ids of QoS 1 and 2 come from. */
interface IdSource {
  /** @returns the packet id under which a frame goes out. */
  openFrame(parcel: RunParcel, index: number): number;
}

/**
 * Hot path: the frames of a run as one subscriber gets them. The form depends on its QoS, its
 * version and its subscription identifiers; where it is that of the publisher, bytes are copied as
 * they came and only packet ids are put in place.
 */
export class RunParcel implements Queued {
  readonly run: PublishRun;
  /** How many of its frames a session keeps. */
  keptCount = 0;
  qos: QoS = 0;
  #target: RouteTarget | undefined;
  /** QoS 0 in the forms that were asked for: written once, and sent to all who get it so. */
  #shared: Shared[] = [];

  /** @param target whom it is for; `aim` says so otherwise. */
  constructor(run: PublishRun, target?: RouteTarget) {
    this.run = run;
    this.#target = undefined;
    if (target !== undefined) this.aim(target);
  }

  get target(): RouteTarget {
    assert(this.#target !== undefined, 'frames are sent to somebody');
    return this.#target;
  }

  /** The run has other frames from now on. */
  begin(): void {
    if (this.#shared.length > 0) this.#shared = [];
  }

  /** Turns to another subscriber. */
  aim(target: RouteTarget): void {
    this.#target = target;
    this.qos = Math.min(this.run.qos, target.qos) as QoS;
  }

  /** The same frames with bytes of their own, for a subscriber that has to wait for them. */
  keep(): RunParcel {
    return new RunParcel(this.run.keep(), this.target);
  }

  /** As what it counts in a queue. */
  bytesOf(index: number): number {
    return this.run.messageBytes(index);
  }

  /** How its messages are delivered where they are messages. */
  terms(): DeliveryTerms {
    const { qos, target } = this;
    return { qos, isRetained: false, subscriptionIdentifiers: target.identifiers };
  }

  /** A frame as a message that can be kept. */
  delivery(index: number): Delivery {
    return { message: this.run.publication(index).keep(), ...this.terms() };
  }

  /** The properties of each frame that is plain, with their length. */
  section(isLevel5: boolean): Buffer {
    if (!isLevel5) return NO_PROPERTY_BYTES;
    return this.run.sectionBytes > 1 ? this.run.section.sent : this.target.section;
  }

  /** Whether frames go to this subscriber as such, rather than each as a message. */
  isPlain(isLevel5: boolean): boolean {
    return this.run.sectionBytes <= 1 || !isLevel5 || this.target.identifiers === undefined;
  }

  /** No frame has more bytes than this in any form. */
  frameBytesMax(section: Buffer): number {
    return this.run.frameBytesMax + section.length + GROWTH_BYTES_MAX;
  }

  /** Whether others are likely to get the frames with these properties, too. */
  isCommon(section: Buffer): boolean {
    return section.length <= 1 || section === this.run.section.sent;
  }

  /** Whether the frames go out as they came, but for packet ids and the QoS bits. */
  isVerbatim(section: Buffer): boolean {
    const { run } = this;
    if (run.qos > 0 !== this.qos > 0) return false;
    if (run.sectionBytes > 1) return section === run.section.bytes;
    return section.length === run.sectionBytes;
  }

  /** Adds all frames to the output of one of several subscribers at QoS 0. */
  share(output: ConnectionOutput, section: Buffer, memory: SharedSlab): void {
    const known = this.#shared.find((shared) => shared.section === section);
    const { slab, start, end } = known ?? this.#encode(section, memory);
    output.share(slab, start, end);
  }

  /** Adds frames as they came; with QoS 1 and 2 under ids from `ids`. */
  copy(output: ConnectionOutput, from: number, to: number, ids: IdSource): void {
    const { qos, run } = this;
    const start = run.frameAts[from] as number;
    const end = run.frameAts[to] as number;
    if (qos === 0 && run.slab !== undefined) {
      output.share(run.slab, start, end);
      return;
    }
    const at = output.append(run.bytes, start, end);
    if (qos === 0) return;
    const { bytes } = output;
    const shift = at - start;
    for (let index = from; index < to; index += 1) {
      const packetId = ids.openFrame(this, index);
      const idAt = run.idAt(index) + shift;
      bytes[idAt] = packetId >> 8;
      bytes[idAt + 1] = packetId & 0xff;
      bytes[(run.frameAts[index] as number) + shift] = PUBLISH | (qos << 1);
    }
  }

  /** Adds one frame in another form than it came. */
  write(output: ConnectionOutput, section: Buffer, index: number, ids: IdSource): void {
    const packetId = this.qos === 0 ? 0 : ids.openFrame(this, index);
    const length = this.#bodyBytes(index, section);
    const at = output.reserve(1 + lengthBytes(length) + length);
    this.#put(output.bytes, at, index, section);
    if (this.qos === 0) return;
    const idAt = at + 1 + lengthBytes(length) + 2 + this.run.topicLength;
    output.bytes[idAt] = packetId >> 8;
    output.bytes[idAt + 1] = packetId & 0xff;
  }

  #encode(section: Buffer, memory: SharedSlab): Shared {
    const { run } = this;
    const shared = this.isVerbatim(section)
      ? this.#encodeVerbatim(section, memory)
      : this.#encodeAnew(section, memory);
    if (run.count > 0) this.#shared.push(shared);
    return shared;
  }

  #encodeVerbatim(section: Buffer, memory: SharedSlab): Shared {
    const { bytes, end, slab, start } = this.run;
    if (slab !== undefined) return { section, slab, start, end };
    const at = memory.put(bytes, start, end);
    return { section, slab: memory.slab, start: at, end: at + end - start };
  }

  #encodeAnew(section: Buffer, memory: SharedSlab): Shared {
    const { run } = this;
    let total = 0;
    for (let index = 0; index < run.count; index += 1) {
      const length = this.#bodyBytes(index, section);
      total += 1 + lengthBytes(length) + length;
    }
    const start = memory.reserve(total);
    const { slab } = memory;
    let at = start;
    for (let index = 0; index < run.count; index += 1) {
      at = this.#put(slab.bytes, at, index, section);
    }
    return { section, slab, start, end: at };
  }

  /** What follows the fixed header. */
  #bodyBytes(index: number, section: Buffer): number {
    const { run } = this;
    const payloadBytes = run.frameEnd(index) - run.payloadAt(index);
    return 2 + run.topicLength + (this.qos > 0 ? 2 : 0) + section.length + payloadBytes;
  }

  /** Writes one frame, but for its packet id, and returns where it ends. */
  #put(target: Buffer, start: number, index: number, section: Buffer): number {
    const { run } = this;
    const { bytes } = run;
    const firstByte = PUBLISH | (this.qos << 1);
    let at = putHeader(target, start, firstByte, this.#bodyBytes(index, section));
    const topicAt = run.topicAts[index] as number;
    bytes.copy(target, at, topicAt, run.idAt(index));
    at += 2 + run.topicLength + (this.qos > 0 ? 2 : 0);
    at = putSection(target, at, section);
    const payloadAt = run.payloadAt(index);
    const end = run.frameEnd(index);
    bytes.copy(target, at, payloadAt, end);
    return at + end - payloadAt;
  }
}

/** Most are so short that a call takes longer than they do. */
function putSection(target: Buffer, start: number, section: Buffer): number {
  const { length } = section;
  if (length > LOOP_BYTES_MAX) section.copy(target, start);
  else for (let i = 0; i < length; i += 1) target[start + i] = section[i] as number;
  return start + length;
}
