import { Buffer } from 'node:buffer';
import type { Random } from '../../src/base/random.ts';
import { PropertyMaker } from './property-maker.ts';
import { type Bytes, frame, text, u8, u16, varint } from './wire.ts';

const TOPICS = [
  ...['a', 'a', 'a', 'a', 'a/b', 'a/b', 'a/b', 'b', 'b', '/', 'a//b', 'ä/€', 'a b', '$x/a', '$x/a'],
  ...['$SYS/a', '$share/g/a'],
];
const FILTERS = [
  ...['a', 'a/b', '#', '+', 'a/+', '+/b', 'a/#', '/', '+/+', '$x/#', '$SYS/#', '$x/+', 'b', 'ä/#'],
  '$queue/a',
];
const SHARED_FILTERS = ['a', '#', 'a/+', '/', '$x/#'];
const WRONG_FILTERS = [
  ...['a#', 'a/#/b', '+a', 'a+/b', '##', '', '#/', '$share', '$share/', '$share/g', '$share/g/'],
  ...['$share//a', '$share/g+/a', '$share/#/a', '$share/g/a#', '$share/g/+a'],
];
const WRONG_TOPICS = ['', 'a/#', '+', 'a/+/b', '#', 'a#'];

/** What may be wrong with text: ill-formed UTF-8, and characters that need not be taken. */
const SPOILS =
  '00 01 1f 7f c3 80 ff c080 eda080 f4908080 efbfbe efb790 c280 efbbbf f09f9880 f8888080'
    .split(' ')
    .map((digits) => Buffer.from(digits, 'hex'));

export type Level = 3 | 4 | 5;

/** Packets made of parts, each right or, in as many of 100 as `spoil` says, wrong. */
export class PacketMaker {
  /** The version of the packets from now on. */
  level: Level;
  readonly #random: Random;
  readonly #properties: PropertyMaker;
  /** Of this case alone: a broker may not forget the members of a group in time. */
  readonly #shareName: string;
  /** In how many of 100 parts of the present packet something is wrong. */
  #wrongPercent = 0;
  #payloadCount = 0;

  constructor(level: Level, random: Random) {
    this.level = level;
    this.#random = random;
    this.#properties = new PropertyMaker(this);
    this.#shareName = `g${random.below(2 ** 31).toString(36)}`;
  }

  /** @param wrongPercent of the parts of the packets from now on. */
  spoil(wrongPercent: number): void {
    this.#wrongPercent = wrongPercent;
  }

  get isWrong(): boolean {
    return this.#random.chance(this.#wrongPercent);
  }

  chance(percent: number): boolean {
    return this.#random.chance(percent);
  }

  below(bound: number): number {
    return this.#random.below(bound);
  }

  pick<T>(from: readonly T[]): T {
    return from[this.#random.below(from.length)] as T;
  }

  /** The right one, or now and then one of these. */
  part<T>(right: T, ...wrong: readonly T[]): T {
    return this.isWrong ? this.pick(wrong) : right;
  }

  /** A string behind its length. */
  string(right: string): Bytes {
    const bytes = Buffer.from(right);
    if (!this.isWrong) return text(bytes);
    if (this.chance(20)) {
      const length = this.pick([0, bytes.length + 1, 0xffff]);
      return Buffer.concat([u16(length), bytes]);
    }
    const at = this.below(bytes.length + 1);
    return text(Buffer.concat([bytes.subarray(0, at), this.pick(SPOILS), bytes.subarray(at)]));
  }

  topic(): Bytes {
    return this.string(this.part(this.pick(TOPICS), ...WRONG_TOPICS));
  }

  packetId(): Bytes {
    return u16(this.part(1 + this.below(3), 0, 0xffff));
  }

  properties(place: string): Bytes {
    return this.level === 5 ? this.#properties.make(place) : Buffer.alloc(0);
  }

  /** A packet around this body, whose header or end may be wrong. */
  packet(firstByte: number, ...body: readonly Bytes[]): Bytes {
    const first = this.part(firstByte, firstByte ^ (1 << this.below(4)));
    const bytes = Buffer.concat(body);
    if (!this.isWrong) return frame(first, bytes);
    switch (this.below(4)) {
      case 0:
        return frame(first, bytes, Buffer.alloc(1 + this.below(3)));
      case 1:
        return frame(first, bytes.subarray(0, this.below(bytes.length + 1)));
      case 2:
        return Buffer.concat([u8(first), varint(bytes.length, 1 + this.below(2)), bytes]);
      default: {
        const length = this.pick([bytes.length + 1, 0x7f, 0xffff, 268_435_455]);
        return Buffer.concat([u8(first), varint(length, this.pick([0, 0, 4])), bytes]);
      }
    }
  }

  /** @returns the packet, and its id where it has one. */
  publish(): { readonly bytes: Bytes; readonly id: number | undefined; readonly qos: number } {
    const qos = this.part(this.below(3), 3);
    const isDup = qos > 0 ? this.chance(20) : this.part(false, true);
    const flags = (isDup ? 8 : 0) | (qos << 1) | (this.chance(30) ? 1 : 0);
    const id = qos === 0 ? undefined : this.packetId();
    const properties = this.properties('publish');
    const isAliased = properties.includes(0x23) && this.chance(50);
    const topic = isAliased ? text('') : this.topic();
    const bytes = this.packet(
      0x30 | flags,
      topic,
      id ?? Buffer.alloc(0),
      properties,
      this.payload(),
    );
    return { bytes, id: id?.readUInt16BE(), qos };
  }

  /** Tells its message from all others of the case; sometimes none, or a long one. */
  payload(): Bytes {
    this.#payloadCount += 1;
    if (this.chance(6)) return Buffer.alloc(0);
    return Buffer.from(`#${this.#payloadCount}${this.chance(8) ? '.'.repeat(80) : ''}`);
  }

  subscribe(): Bytes {
    const count = this.part(1 + this.below(2), 0);
    const filters = Array.from({ length: count }, () =>
      Buffer.concat([this.filter(), u8(this.subscriptionOptions())]),
    );
    return this.packet(0x82, this.packetId(), this.properties('subscribe'), ...filters);
  }

  subscriptionOptions(): number {
    const qos = this.part(this.below(3), 3);
    if (this.level !== 5) return qos | this.part(0, 0x04, 0x08, 0x10, 0x80);
    const isNoLocal = this.chance(8) ? 4 : 0;
    const isAsPublished = this.chance(20) ? 8 : 0;
    const handling = this.part(this.below(3), 3) << 4;
    return qos | isNoLocal | isAsPublished | handling | this.part(0, 0x40, 0x80);
  }

  unsubscribe(): Bytes {
    const count = this.part(1 + this.below(2), 0);
    const filters = Array.from({ length: count }, () => this.filter());
    return this.packet(0xa2, this.packetId(), this.properties('unsubscribe'), ...filters);
  }

  filter(): Bytes {
    const isShared = this.chance(20);
    const right = isShared
      ? `$share/${this.#shareName}/${this.pick(SHARED_FILTERS)}`
      : this.pick(FILTERS);
    return this.string(this.part(right, ...WRONG_FILTERS));
  }

  /** PUBACK, PUBREC, PUBREL or PUBCOMP, in one of its forms. */
  ack(type: 4 | 5 | 6 | 7, id: Bytes = this.packetId()): Bytes {
    const firstByte = (type << 4) | (type === 6 ? 2 : 0);
    if (this.level !== 5 || this.chance(60)) return this.packet(firstByte, id);
    const right = type < 6 ? [0, 0, 0, 0x80, 0x87, 0x97, 0x99] : [0, 0, 0x92];
    const code = u8(this.part(this.pick(right), 0x01, 0x10, 0x81, 0x92, 0x9a, 0xff));
    if (this.chance(40)) return this.packet(firstByte, id, code);
    return this.packet(firstByte, id, code, this.properties('ack'));
  }

  pingreq(): Bytes {
    return this.packet(0xc0);
  }

  disconnect(): Bytes {
    if (this.level !== 5 || this.chance(40)) return this.packet(0xe0);
    const right = this.pick([0, 0, 0, 4, 0x80, 0x81, 0x82, 0x93, 0x95, 0x98]);
    const code = u8(this.part(right, 0x01, 0x87, 0x8b, 0x8e, 0x9c, 0xff));
    if (this.chance(40)) return this.packet(0xe0, code);
    return this.packet(0xe0, code, this.properties('disconnect'));
  }

  auth(): Bytes {
    if (this.level !== 5 || this.chance(20)) return this.packet(0xf0);
    const code = u8(this.part(this.pick([0x18, 0x19]), 0, 0x01, 0xff));
    return this.packet(0xf0, code, this.properties('auth'));
  }

  /** What only a server sends, or nobody. */
  foreign(): Bytes {
    return this.pick([
      frame(0x20, u8(0), u8(0), this.level === 5 ? u8(0) : Buffer.alloc(0)),
      frame(0x90, u16(1), this.level === 5 ? u8(0) : Buffer.alloc(0), u8(0)),
      frame(0xb0, u16(1), this.level === 5 ? Buffer.from([0, 0]) : Buffer.alloc(0)),
      frame(0xd0),
      frame(this.below(16)),
      frame(0xf0),
    ]);
  }

  noise(): Bytes {
    return Buffer.from(Array.from({ length: 2 + this.below(12) }, () => this.below(256)));
  }
}
