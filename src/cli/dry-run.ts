import type { Goodbye } from '../client/client-host.ts';
import type { Packet, ProtocolLevel } from '../codec/packet.ts';
import { PacketWriter } from '../codec/packet-writer.ts';
import { NO_PROPERTIES } from '../codec/properties.ts';
import { writePacket } from '../codec/write-packet.ts';
import type { ClientTarget } from './client-options.ts';
import type { Platform } from './platform.ts';
import type { Messages } from './publish-task.ts';

const PACKET_ID_MAX = 65_535;

/** Prints the packets that a run would send, in hex, one to a line, and connects to nobody. */
export async function printPackets(
  target: ClientTarget,
  messages: Messages,
  platform: Platform,
): Promise<void> {
  const { connect, goodbye, levels } = target;
  const [level = 5] = levels;
  const properties = level === 5 ? connect.properties : NO_PROPERTIES;
  const print = (packet: Packet) => printPacket(packet, level, platform);
  print({ type: 'connect', ...connect, level, properties });
  let idsTaken = 0;
  for await (const batch of messages) {
    for (const publication of batch) {
      const isAcked = publication.qos > 0;
      const packetId = isAcked ? (idsTaken % PACKET_ID_MAX) + 1 : undefined;
      if (isAcked) idsTaken += 1;
      print({ type: 'publish', isDuplicate: false, packetId, ...publication });
    }
    await platform.whenPrinted();
  }
  printGoodbye(goodbye, level, print);
}

function printGoodbye(
  goodbye: Goodbye = { reasonCode: 0, properties: NO_PROPERTIES },
  level: ProtocolLevel,
  print: (packet: Packet) => void,
): void {
  const { properties, reasonCode } = goodbye;
  // Before 5.0 there is but one way to say it, and a close without it for every other.
  if (level === 5) print({ type: 'disconnect', reasonCode, properties });
  else if (reasonCode === 0) print({ type: 'disconnect', reasonCode, properties: NO_PROPERTIES });
}

function printPacket(packet: Packet, level: ProtocolLevel, platform: Platform): void {
  platform.print(`${writePacket(new PacketWriter(), packet, level).toString('hex')}\n`);
}
