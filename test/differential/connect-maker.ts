import { Buffer } from 'node:buffer';
import type { PacketMaker } from './packet-maker.ts';
import { type Bytes, text, u8, u16 } from './wire.ts';

/** CONNECT of every shape: each part is drawn on its own, and is mostly right. */
export function makeConnect(maker: PacketMaker, clientId: string): Bytes {
  const { level } = maker;
  const hasWill = maker.chance(30);
  const hasUser = maker.chance(20);
  // Before 5.0 a password needs a user name.
  const hasPassword = level === 5 ? maker.chance(15) : hasUser && maker.chance(60);
  const isClean = maker.chance(50) || clientId === '';
  const willQos = hasWill ? maker.part(maker.below(3), 3) : maker.part(0, 1, 2, 3);
  const isWillRetained = hasWill ? maker.chance(30) : maker.part(false, true);
  const flags =
    (hasUser ? 0x80 : 0) |
    (hasPassword ? 0x40 : 0) |
    (isWillRetained ? 0x20 : 0) |
    (willQos << 3) |
    (hasWill ? 0x04 : 0) |
    (isClean ? 0x02 : 0) |
    maker.part(0, 1);
  const names = ['MQTT', 'MQIsdp', 'mqtt', 'MQTTx', ''];
  const levels = [0, 2, 3, 4, 5, 6, 0x7f, 0x83, 0x84, 0x85, 0xff];
  return maker.packet(
    0x10,
    text(maker.part(level === 3 ? 'MQIsdp' : 'MQTT', ...names)),
    u8(maker.part(level as number, ...levels)),
    u8(maker.part(flags, flags ^ (1 << maker.below(8)))),
    u16(maker.chance(5) ? 0 : maker.pick([10, 60, 0xffff])),
    maker.properties('connect'),
    maker.string(maker.part(clientId, '', 'x'.repeat(24), 'x'.repeat(23), 'a b', 'ä')),
    ...(hasWill ? [maker.properties('will'), maker.topic(), text(maker.payload())] : []),
    ...(hasUser ? [maker.string('user')] : []),
    ...(hasPassword ? [text(maker.part(Buffer.from('secret'), Buffer.from('00ff', 'hex')))] : []),
  );
}
