import type { Buffer } from 'node:buffer';
import { assertNever } from '../base/assert.ts';
import { writeAck } from './ack.ts';
import { writeConnack } from './connack.ts';
import { writeConnect } from './connect.ts';
import { writeAuth, writeDisconnect } from './disconnect.ts';
import type { Packet, ProtocolLevel } from './packet.ts';
import { firstByteOf } from './packet-type.ts';
import type { PacketWriter } from './packet-writer.ts';
import { writePublish } from './publish.ts';
import { writeSuback } from './suback.ts';
import { writeSubscribe } from './subscribe.ts';
import { writeUnsuback, writeUnsubscribe } from './unsubscribe.ts';

/**
 * Writes any packet in the form of `level`: a view, good until `w` writes again.
 *
 * @throws UnsendableError for what the standard forbids to send, or this version cannot say.
 */
export function writePacket(w: PacketWriter, packet: Packet, level: ProtocolLevel): Buffer {
  switch (packet.type) {
    case 'connect':
      return writeConnect(w, packet);
    case 'connack':
      return writeConnack(w, packet, level);
    case 'publish':
      return writePublish(w, packet, level);
    case 'puback':
    case 'pubrec':
    case 'pubrel':
    case 'pubcomp':
      return writeAck(w, packet, level);
    case 'subscribe':
      return writeSubscribe(w, packet, level);
    case 'suback':
      return writeSuback(w, packet, level);
    case 'unsubscribe':
      return writeUnsubscribe(w, packet, level);
    case 'unsuback':
      return writeUnsuback(w, packet, level);
    case 'pingreq':
    case 'pingresp':
      w.begin();
      return w.end(firstByteOf(packet.type));
    case 'disconnect':
      return writeDisconnect(w, packet, level);
    case 'auth':
      return writeAuth(w, packet, level);
    default:
      return assertNever(packet);
  }
}
