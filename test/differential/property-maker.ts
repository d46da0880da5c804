import { Buffer } from 'node:buffer';
import type { PacketMaker } from './packet-maker.ts';
import { type Bytes, text, u8, u16, u32, varint } from './wire.ts';

/** Which properties each packet may carry, by table 2-4 of the standard. */
const PLACES: { readonly [place: string]: readonly number[] } = {
  connect: [0x11, 0x15, 0x17, 0x19, 0x21, 0x22, 0x26, 0x27],
  will: [0x01, 0x02, 0x03, 0x08, 0x09, 0x18, 0x26],
  publish: [0x01, 0x02, 0x03, 0x08, 0x09, 0x23, 0x26],
  ack: [0x1f, 0x26],
  subscribe: [0x0b, 0x26],
  unsubscribe: [0x26],
  disconnect: [0x11, 0x1f, 0x26],
  auth: [0x15, 0x16, 0x1f, 0x26],
};
const ALL = [
  ...[0x01, 0x02, 0x03, 0x08, 0x09, 0x0b, 0x11, 0x12, 0x13, 0x15, 0x16, 0x17, 0x18, 0x19, 0x1a],
  ...[0x1c, 0x1f, 0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x27, 0x28, 0x29, 0x2a],
];
const UNKNOWN = [0x00, 0x04, 0x2b, 0x7f];

/** Property sections, mostly right. */
export class PropertyMaker {
  readonly #maker: PacketMaker;

  constructor(maker: PacketMaker) {
    this.#maker = maker;
  }

  make(place: string): Bytes {
    const maker = this.#maker;
    const count = maker.chance(45) ? 0 : 1 + maker.below(3);
    const allowed = PLACES[place] ?? [];
    const ids = new Set(Array.from({ length: count }, () => maker.pick(allowed)));
    if (place === 'auth' && !maker.isWrong) ids.add(0x15);
    // Enhanced authentication is refused by both, and so would be most of what follows.
    if (place === 'connect' && maker.chance(80)) ids.delete(0x15);
    const list = [...ids];
    if (list.includes(0x26) && maker.chance(50)) list.push(0x26);
    if (maker.isWrong) list.push(maker.pick(maker.chance(15) ? UNKNOWN : ALL));
    if (maker.isWrong && list.length > 0) list.push(maker.pick(list));
    const content = Buffer.concat(list.flatMap((id) => [u8(id), this.#value(id)]));
    const cut = maker.isWrong ? content.subarray(0, maker.below(content.length + 1)) : content;
    const length = maker.part(cut.length, cut.length + 1, Math.max(0, cut.length - 1), 0x7f);
    return Buffer.concat([varint(length, maker.part(0, 1)), cut]);
  }

  #value(id: number): Bytes {
    const maker = this.#maker;
    switch (id) {
      case 0x01:
        return u8(maker.part(maker.below(2), 2, 0xff));
      case 0x17:
      case 0x19:
      case 0x24:
      case 0x25:
      case 0x28:
      case 0x29:
      case 0x2a:
        return u8(maker.part(maker.below(2), 2, 0xff));
      case 0x02:
        return u32(maker.pick([100, 1000, 0xffff_ffff]));
      case 0x11:
        return u32(maker.pick([0, 100, 100, 0xffff_ffff]));
      case 0x18:
        return u32(maker.pick([0, 100]));
      case 0x27:
        return u32(maker.part(maker.pick([64, 100, 1000, 0xffff_ffff]), 0));
      case 0x13:
        return u16(maker.below(3));
      case 0x21:
        return u16(maker.part(maker.pick([1, 2, 10, 0xffff]), 0));
      case 0x22:
        return u16(maker.pick([0, 1, 5, 0xffff]));
      case 0x23:
        return u16(maker.part(1 + maker.below(3), 0, 11, 0xffff));
      case 0x0b:
        return varint(maker.part(maker.pick([1, 7, 200, 268_435_455]), 0), maker.part(0, 1));
      case 0x09:
      case 0x16:
        return text(Buffer.from('0102ff', 'hex').subarray(0, maker.below(4)));
      case 0x08:
        return maker.topic();
      case 0x26:
        return Buffer.concat([maker.string('k'), maker.string(maker.pick(['', 'v', 'ä']))]);
      default:
        return maker.string(maker.pick(['', 'text', 'ä€']));
    }
  }
}
