import type { Buffer } from 'node:buffer';
import type { QoS } from '../codec/packet.ts';
import type { ConnectionOutput } from './connection-output.ts';
import { lengthBytes, putHeader } from './frame-header.ts';

const PUBLISH_RETAINED = 0x31;

/** How a new subscriber gets retained messages. */
export interface RetainedForm {
  readonly qos: QoS;
  /** The properties, with their length; empty before 5.0. */
  readonly section: Buffer;
  /** 0 at QoS 0. */
  readonly packetId: number;
}

/** Bytes of the PUBLISH with which a retained message goes out. */
export function retainedFrameBytes(wireBytes: Buffer, qos: QoS, section: Buffer): number {
  const length = wireBytes.length + (qos > 0 ? 2 : 0) + section.length;
  return 1 + lengthBytes(length) + length;
}

/**
 * Writes that PUBLISH. `wireBytes` are topic and payload one behind the other, as the message was
 * kept; they are copied in one piece where nothing stands between.
 */
export function writeRetainedFrame(
  output: ConnectionOutput,
  wireBytes: Buffer,
  form: RetainedForm,
): void {
  const { packetId, qos, section } = form;
  const idBytes = qos > 0 ? 2 : 0;
  const length = wireBytes.length + idBytes + section.length;
  const start = output.reserve(1 + lengthBytes(length) + length);
  const { bytes } = output;
  let at = putHeader(bytes, start, PUBLISH_RETAINED | (qos << 1), length);
  if (idBytes + section.length === 0) {
    wireBytes.copy(bytes, at);
    return;
  }
  const topicEnd = 2 + (((wireBytes[0] as number) << 8) | (wireBytes[1] as number));
  at += wireBytes.copy(bytes, at, 0, topicEnd);
  if (qos > 0) {
    bytes[at] = packetId >> 8;
    bytes[at + 1] = packetId & 0xff;
    at += 2;
  }
  at += section.copy(bytes, at);
  wireBytes.copy(bytes, at, topicEnd);
}
