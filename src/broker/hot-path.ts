import type { Buffer } from 'node:buffer';
import { ProtocolError } from '../codec/protocol-error.ts';
import { readTopicName } from '../codec/topic-grammar.ts';
import type { InboundWindow } from '../session/inbound-window.ts';
import { toTopicName } from '../topic/topic-name.ts';
import type { BrokerCore } from './broker-core.ts';
import { ClientPacketReader } from './client-packet-reader.ts';
import type { ClientSession } from './client-session.ts';
import type { Connection } from './connection.ts';
import { acknowledgeRun, takeAcks } from './hot-acks.ts';
import type { PublishRun } from './publish-run.ts';
import { PublishScan } from './publish-scan.ts';
import { CACHED_TOPIC_BYTES_MAX } from './route-cache.ts';
import { RunParcel } from './run-parcel.ts';
import type { TopicRoute } from './topic-route.ts';

/**
 * PUBLISH and its acks as bytes, without packets made of them: what is plain is taken here, and any
 * other frame is left to the codec path, which reads or refuses it. Nothing is refused here. What
 * comes of a frame is the same on both paths: `hot-path.test.ts` compares them.
 *
 *     chunk -> PublishScan (runs) -> Router (cached topics) -> RunParcel -> output of each
 *                                                           -> acks into the publisher's output
 */
export class HotPath {
  readonly #core: BrokerCore;
  readonly #scan: PublishScan;
  readonly #run: PublishRun;
  readonly #parcel: RunParcel;
  readonly #reader: ClientPacketReader;
  /** The first byte of the run just taken, if it was one: what is like it has another topic. */
  #before = 0;

  constructor(core: BrokerCore) {
    this.#core = core;
    this.#scan = new PublishScan(core.config);
    this.#run = this.#scan.run;
    this.#parcel = new RunParcel(this.#run);
    this.#reader = new ClientPacketReader(core.config);
  }

  /**
   * Takes frames of a connected client from `bytes[start..end)`, as long as they are plain; returns
   * where the first one begins that is not, or is not complete.
   */
  take(connection: Connection, bytes: Buffer, start: number, end: number): number {
    let at = start;
    this.#before = 0;
    while (at < end && connection.isOpen) {
      const isPublish = (bytes[at] as number) >> 4 === 3;
      const next = isPublish
        ? this.#takeRun(connection, bytes, at, end)
        : takeAcks(connection, bytes, at, end);
      if (next === at) break;
      if (!isPublish) this.#before = 0;
      at = next;
    }
    return at;
  }

  #takeRun(connection: Connection, bytes: Buffer, start: number, end: number): number {
    const { session } = connection;
    if (session === undefined || session.publishRate !== undefined) return start;
    if (this.#core.memory.isShort) return start; // Each message is weighed then.
    if (!this.#scan.begin(bytes, start, end, connection.level === 5)) return start;
    const topic = this.#findTopic(connection);
    if (topic?.isPlain !== true) return start;
    const run = this.#run;
    const isWhole = !topic.isMixed && !isOwn(topic, session);
    if (isWhole) this.#scan.extend(end);
    this.#before = isWhole ? (bytes[start] as number) : 0;
    if (run.qos > 0) run.count = takeIds(run, session.inbound);
    if (run.count === 0) return start;
    run.topicName = topic.topicName;
    run.publisher = session.clientId;
    run.slab = connection.input.slab;
    const { counters } = this.#core;
    counters.packetsReceived += run.count;
    counters.messagesReceived += run.count;
    connection.publishedLately += run.end - run.start;
    this.#deliver(connection, topic);
    if (run.qos > 0 && connection.isOpen) acknowledgeRun(run, connection, topic.isMatched);
    return run.end;
  }

  /** What is known of the run's topic; undefined for one that the codec path has to see. */
  #findTopic(connection: Connection): TopicRoute | undefined {
    const { bytes, start: frameAt, topicAts, topicLength } = this.#run;
    const { lastTopic } = connection;
    const isNew = bytes[frameAt] !== this.#before;
    if (isNew && lastTopic?.isCurrent === true && this.#scan.hasTopic(lastTopic.topicBytes)) {
      return lastTopic;
    }
    if (topicLength > CACHED_TOPIC_BYTES_MAX) return undefined;
    const start = (topicAts[0] as number) + 2;
    const topic = this.#core.router.findTopic(bytes, start, start + topicLength) ?? this.#learn();
    connection.lastTopic = topic;
    return topic;
  }

  /** A topic that is seen for the first time is read as the codec path reads it. */
  #learn(): TopicRoute | undefined {
    const { bytes, end, topicAts } = this.#run;
    const reader = this.#reader;
    reader.reset(bytes, topicAts[0] as number, end);
    try {
      const topicName = readTopicName(reader, 'topicName', 'notEmpty');
      return this.#core.router.learnTopic(toTopicName(topicName));
    } catch (error) {
      if (error instanceof ProtocolError) return undefined; // The codec path says what is wrong.
      throw error;
    }
  }

  #deliver(publisher: Connection, { targets, turns }: TopicRoute): void {
    const core = this.#core;
    const parcel = this.#parcel;
    const outer = core.publisher;
    core.publisher = publisher;
    parcel.begin();
    try {
      const shared = targets.length > 1 ? core.outputMemory.shared : undefined;
      for (const target of targets) {
        parcel.aim(target);
        target.outbound.deliverRun(parcel, shared);
      }
      for (const turn of turns) {
        for (let index = 0; index < this.#run.count; index += 1) {
          const target = turn.next();
          parcel.aim(target);
          target.outbound.deliverFrame(parcel, index);
        }
      }
    } finally {
      core.publisher = outer;
    }
  }
}

/** Whether a publisher gets its own messages: each comes before its own ack then. */
function isOwn({ targets, turns }: TopicRoute, session: ClientSession): boolean {
  if (session.subscriptions.size === 0) return false;
  for (const target of targets) if (target.outbound === session.outbound) return true;
  for (const { group } of turns) if (group.members.has(session)) return true;
  return false;
}

/**
 * Takes the packet ids of a run: how many frames come before one that the codec path has to see,
 * because it comes again, has the id of another message, or is one too many.
 */
function takeIds(run: PublishRun, inbound: InboundWindow): number {
  const { isLevel5, qos } = run;
  const room = Math.max(0, inbound.room);
  // Each QoS 1 message is acknowledged before the next one is looked at.
  const most = qos === 1 && room > 0 ? run.count : Math.min(run.count, room);
  if (qos === 1 && (!isLevel5 || inbound.currentCount === 0)) return most;
  for (let index = 0; index < most; index += 1) {
    const packetId = run.packetId(index);
    const isTaken = qos === 1 ? inbound.isInUse(packetId) : inbound.isHeld(packetId);
    if (isTaken) return index;
    if (qos === 2) inbound.hold(packetId);
  }
  return most;
}
