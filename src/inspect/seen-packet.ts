import type { Packet, ProtocolLevel } from '../codec/packet.ts';
import type { PacketName } from '../codec/packet-type.ts';
import type { SenderSide } from '../codec/reason-code.ts';
import type { PacketLinks } from './packet-links.ts';
import type { Remark } from './remark.ts';

/** What the state of a connection is told of a packet. */
export interface SeenPacket {
  readonly number: number;
  readonly timeMs: number | undefined;
  /** `either` where nobody knows: then only what holds for both sides is concluded. */
  readonly sender: SenderSide;
  readonly level: ProtocolLevel;
  readonly name: PacketName | undefined;
  /** Undefined where its reading ended early. */
  readonly packet: Packet | undefined;
  /** In bytes, with the fixed header. */
  readonly size: number;
  /** Of its bytes but for DUP: the same for the same packet sent again. */
  readonly digest: number;
}

/** What comes of a packet: those who look at it put it there. */
export interface Outcome {
  readonly remarks: Remark[];
  links: PacketLinks;
}

/** Who hears a side. */
export function otherSide(side: SenderSide): SenderSide {
  if (side === 'either') return 'either';
  return side === 'client' ? 'server' : 'client';
}
