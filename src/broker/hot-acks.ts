import type { Buffer } from 'node:buffer';
import type { Connection } from './connection.ts';
import type { PublishRun } from './publish-run.ts';

const PUBACK = 0x40;
const PUBREC = 0x50;
const PUBREL = 0x62;
const PUBCOMP = 0x70;
/** An ack that says nothing but that it is one: its first byte, a length of 2, the packet id. */
const SHORT_BYTES = 4;
/** One with a reason code and no properties. */
const LONG_BYTES = 5;
const NO_MATCHING_SUBSCRIBERS = 0x10;

/**
 * Hot path: answers all frames of a run, each by its packet id. A client that had room for CONNACK
 * has room for any of these.
 */
export function acknowledgeRun(run: PublishRun, connection: Connection, isMatched: boolean): void {
  const { output } = connection;
  const { count, isLevel5 } = run;
  const type = run.qos === 1 ? PUBACK : PUBREC;
  const size = isMatched || !isLevel5 ? SHORT_BYTES : LONG_BYTES;
  let at = output.reserve(size * count);
  const { bytes } = output;
  for (let index = 0; index < count; index += 1, at += size) {
    const packetId = run.packetId(index);
    bytes[at] = type;
    bytes[at + 1] = size - 2;
    bytes[at + 2] = packetId >> 8;
    bytes[at + 3] = packetId & 0xff;
    if (size === LONG_BYTES) bytes[at + 4] = NO_MATCHING_SUBSCRIBERS;
  }
}

/**
 * Hot path: takes the acks of one kind from `start` on that are short, and due; returns where the
 * first other frame begins. All that is wrong with an ack, or says more than that it is one, is for
 * the codec path.
 */
export function takeAcks(
  connection: Connection,
  bytes: Buffer,
  start: number,
  end: number,
): number {
  const first = bytes[start] as number;
  if (first !== PUBACK && first !== PUBREC && first !== PUBREL && first !== PUBCOMP) return start;
  let at = start;
  while (at + SHORT_BYTES <= end && bytes[at] === first && bytes[at + 1] === 2) {
    const packetId = ((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number);
    if (!takeAck(connection, first, packetId)) break;
    at += SHORT_BYTES;
  }
  if (at > start) answerAcks(connection, bytes, start, at);
  return at;
}

/** Whether the ack was due; if not, nothing has changed. */
function takeAck({ session }: Connection, type: number, packetId: number): boolean {
  if (session === undefined) return false;
  const { window } = session.outbound;
  if (type === PUBACK) return window.takePuback(packetId);
  if (type === PUBREC) return window.takePubrec(packetId);
  return type === PUBCOMP ? window.takePubcomp(packetId) : session.inbound.onPubrel(packetId);
}

/** What comes of acks that were due: their answers, or what had to wait for them. */
function answerAcks(connection: Connection, bytes: Buffer, start: number, end: number): void {
  connection.core.counters.packetsReceived += (end - start) / SHORT_BYTES;
  const type = bytes[start];
  if (type === PUBREC) reply(connection, bytes, start, end, PUBREL);
  else if (type === PUBREL) reply(connection, bytes, start, end, PUBCOMP);
  else {
    const { session } = connection;
    if (session?.outbound.hasWaiting === true) session.outbound.pump();
  }
}

/** The answers differ from what they answer in the first byte alone. */
// biome-ignore lint/complexity/useMaxParams: an options object would be one allocation a chunk.
function reply(
  { output }: Connection,
  acks: Buffer,
  start: number,
  end: number,
  type: number,
): void {
  let at = output.append(acks, start, end);
  const { bytes } = output;
  for (const last = at + end - start; at < last; at += SHORT_BYTES) bytes[at] = type;
}
