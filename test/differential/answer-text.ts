import { hexByte } from '../../src/base/hex-byte.ts';
import type { ConnackPacket } from '../../src/codec/packet.ts';
import type { Received } from './raw-client.ts';

/** What CONNACK says that is no limit of the server's own. */
const TOLD = [
  'sessionExpiryInterval',
  'assignedClientIdentifier',
  'serverKeepAlive',
  'authenticationMethod',
  'responseInformation',
  'serverReference',
] as const;

/** An answer in words: codes, but no texts, and ids only where they are not the packet's own. */
export function renderAnswer(packet: Received, packetId: number | undefined): string {
  const name = packet.type.toUpperCase();
  switch (packet.type) {
    case 'connack':
      return `CONNACK ${hexByte(packet.reasonCode)}${connackNotes(packet)}`;
    case 'puback':
    case 'pubrec':
    case 'pubrel':
    case 'pubcomp':
      return `${name} ${hexByte(packet.reasonCode)}${idNote(packet.packetId, packetId)}`;
    case 'suback':
    case 'unsuback': {
      const codes = packet.reasonCodes.map((code) => ` ${hexByte(code)}`).join('');
      return `${name}${codes}${idNote(packet.packetId, packetId)}`;
    }
    case 'disconnect':
    case 'auth':
      return `${name} ${hexByte(packet.reasonCode)}`;
    case 'unreadable':
      return `unreadable (${packet.rule})`;
    default:
      return name;
  }
}

function connackNotes({ isSessionPresent, properties }: ConnackPacket): string {
  const told = TOLD.filter((name) => properties[name] !== undefined);
  return [...(isSessionPresent ? ['session'] : []), ...told].map((note) => ` ${note}`).join('');
}

function idNote(id: number, expected: number | undefined): string {
  return id === expected ? '' : ' other-id';
}
