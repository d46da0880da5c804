import type { Buffer } from 'node:buffer';
import type { QoS } from '../codec/packet.ts';
import type { BrokerConfig } from './broker-config.ts';
import { hasSection, PropertySections } from './property-sections.ts';
import { PublishRun, RUN_FRAMES_MAX } from './publish-run.ts';

const PUBLISH_QOS_0 = 0x30;
const PUBLISH_QOS_1 = 0x32;
const PUBLISH_QOS_2 = 0x34;
/** A topic is compared byte by byte up to here, and beyond with a call that takes 60 ns. */
const LOOP_BYTES_MAX = 48;

/**
 * Hot path, step 1: finds runs of plain PUBLISH frames in received bytes, and makes no packets of
 * them: a frame takes some 20 ns here, where the codec takes 600.
 *
 * Plain is: no DUP, no RETAIN, a topic, no properties but those that go on as they came, within the
 * limits for packet, payload and QoS. All else is no run, or ends it: the codec path then reads
 * that frame, or refuses it with clause and offset. Rules of the codec path that are not kept here,
 * and who keeps them:
 * - what a topic may be, and whether it is taken here: `TopicRoutes`, once per topic;
 * - Receive Maximum [MQTT-3.3.4-7], ids that are in use, rates: `HotPath`, for each run or id.
 *
 * One object serves all connections: each scan overwrites the run of the one before.
 */
export class PublishScan {
  readonly run = new PublishRun();
  readonly #packetBytesMax: number;
  readonly #payloadBytesMax: number;
  readonly #maximumQos: number;
  readonly #sections: PropertySections;
  /** The first byte of the run's frames. */
  #firstByte = 0;
  /** Where the frame ends whose header was read last. */
  #frameEnd = 0;

  constructor(config: BrokerConfig) {
    const { maximumQos, packetBytesMax, payloadBytesMax } = config;
    this.#sections = new PropertySections(config);
    this.#packetBytesMax = packetBytesMax;
    this.#payloadBytesMax = payloadBytesMax > 0 ? payloadBytesMax : packetBytesMax;
    this.#maximumQos = maximumQos;
  }

  /**
   * Begins a run with the frame at `start`, if that is plain, and complete before `end`. The run is
   * this one frame until `extend` is called.
   */
  begin(bytes: Buffer, start: number, end: number, isLevel5: boolean): boolean {
    const first = bytes[start] as number;
    if (first !== PUBLISH_QOS_0 && first !== PUBLISH_QOS_1 && first !== PUBLISH_QOS_2) return false;
    const qos = ((first >> 1) & 3) as QoS;
    if (qos > this.#maximumQos) return false;
    const { run } = this;
    run.begin(isLevel5);
    run.bytes = bytes;
    run.qos = qos;
    run.frameAts[0] = start;
    this.#firstByte = first;
    const topicAt = this.#readHeader(bytes, start, end);
    if (topicAt < 0) return false;
    run.topicLength = ((bytes[topicAt] as number) << 8) | (bytes[topicAt + 1] as number);
    // An empty one is an alias', if anything.
    if (run.topicLength === 0) return false;
    run.topicAts[0] = topicAt;
    return (!isLevel5 || this.#findSection()) && this.#take(topicAt);
  }

  /** Adds the frames behind the first that are like it, and complete before `end`. */
  extend(end: number): void {
    const { run } = this;
    const { bytes } = run;
    let at = run.end;
    while (run.count < RUN_FRAMES_MAX && at < end && bytes[at] === this.#firstByte) {
      const topicAt = this.#readHeader(bytes, at, end);
      if (topicAt < 0 || !this.#isSameTopic(topicAt) || !this.#take(topicAt)) return;
      at = this.#frameEnd;
    }
  }

  /** Whether this is the run's topic. */
  hasTopic(topicBytes: Buffer): boolean {
    const { topicAts, topicLength } = this.run;
    return topicLength === topicBytes.length && this.#isAt(topicBytes, 0, topicAts[0] as number);
  }

  /**
   * Reads the length of the frame at `start`, and returns where what follows it begins. -1 is for a
   * frame that is not complete before `end`, one that is too large, and a length in a longer form
   * than need be, of which the codec knows by the level whether it may be [MQTT-1.5.5-1].
   */
  #readHeader(bytes: Buffer, start: number, end: number): number {
    let at = start + 1;
    let length = 0;
    for (let shift = 0; ; shift += 7) {
      if (at >= end || shift > 21) return -1;
      const byte = bytes[at] as number;
      at += 1;
      length |= (byte & 0x7f) << shift;
      if (byte >= 0x80) continue;
      if (byte === 0 && shift > 0) return -1;
      break;
    }
    this.#frameEnd = at + length;
    return this.#frameEnd > end || this.#frameEnd - start > this.#packetBytesMax ? -1 : at;
  }

  /** Whether what stands behind the first frame's topic and id are properties that may be here. */
  #findSection(): boolean {
    const { run } = this;
    const at = run.idAt(0) + (run.qos > 0 ? 2 : 0);
    if (at >= this.#frameEnd) return false;
    if (run.bytes[at] === 0) return true;
    const section = this.#sections.find(run.bytes, at, this.#frameEnd);
    if (section === undefined) return false;
    run.section = section;
    run.sectionBytes = section.bytes.length;
    return true;
  }

  #isSameTopic(topicAt: number): boolean {
    const { bytes, topicAts, topicLength } = this.run;
    if (topicAt + 2 + topicLength > this.#frameEnd) return false;
    const length = ((bytes[topicAt] as number) << 8) | (bytes[topicAt + 1] as number);
    return length === topicLength && this.#isAt(bytes, topicAt + 2, topicAts[0] as number);
  }

  /** Whether `other` has at `otherAt` what the run has behind the length at `topicAt`. */
  #isAt(other: Buffer, otherAt: number, topicAt: number): boolean {
    const { bytes, topicLength: length } = this.run;
    const at = topicAt + 2;
    if (length > LOOP_BYTES_MAX) {
      return bytes.compare(other, otherAt, otherAt + length, at, at + length) === 0;
    }
    // From the end: there topics differ, if they do.
    let index = length - 1;
    while (index >= 0 && other[otherAt + index] === bytes[at + index]) index -= 1;
    return index < 0;
  }

  /** Whether a frame has the run's properties before its payload. */
  #hasSection(payloadAt: number): boolean {
    const { bytes, section, sectionBytes } = this.run;
    if (sectionBytes === 1) return bytes[payloadAt - 1] === 0;
    return hasSection(bytes, payloadAt - sectionBytes, sectionBytes, section);
  }

  /** Adds the frame whose header was read last, if what follows its topic is plain. */
  #take(topicAt: number): boolean {
    const { run } = this;
    const { bytes, count } = run;
    run.topicAts[count] = topicAt;
    const idAt = run.idAt(count);
    const payloadAt = run.payloadAt(count);
    const end = this.#frameEnd;
    if (payloadAt > end || end - payloadAt > this.#payloadBytesMax) return false;
    if (run.qos > 0 && bytes[idAt] === 0 && bytes[idAt + 1] === 0) return false; // [MQTT-2.2.1-3]
    if (run.isLevel5 && !this.#hasSection(payloadAt)) return false;
    const frameBytes = end - (run.frameAts[count] as number);
    if (frameBytes > run.frameBytesMax) run.frameBytesMax = frameBytes;
    run.frameAts[count + 1] = end;
    run.count = count + 1;
    return true;
  }
}
