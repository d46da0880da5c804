import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { PacketWriter } from '../../src/codec/packet-writer.ts';
import { UnsendableError } from '../../src/codec/unsendable-error.ts';
import { hex } from '../support/hex.ts';

function begun(): PacketWriter {
  const w = new PacketWriter();
  w.begin();
  return w;
}

it.each([
  [0, '3000'],
  [127, '307f'],
  [128, '308001'],
  [16_383, '30ff7f'],
  [16_384, '30808001'],
  [2_097_151, '30ffff7f'],
  [2_097_152, '3080808001'],
])('puts the length of %i bytes in its shortest form [MQTT-1.5.5-1]', (length, start) => {
  const w = begun();
  w.raw(Buffer.alloc(length, 0xaa));
  const bytes = w.end(0x30);
  expect(bytes.toString('hex', 0, start.length / 2)).toBe(start);
  expect(bytes).toHaveLength(start.length / 2 + length);
});

it.each([
  [0, '00'],
  [127, '7f'],
  [200, 'c801'],
  [70_000, 'f0a204'],
])('puts an inner length of %i in front of what it counts', (length, varint) => {
  const w = begun();
  w.u8('before', 0xbb);
  const start = w.position;
  const content = Buffer.alloc(length, 0xaa);
  w.raw(content);
  w.closeLength(start);
  w.u8('after', 0xcc);
  const body = Buffer.concat([hex`bb`, Buffer.from(varint, 'hex'), content, hex`cc`]);
  expect(w.end(0x10).subarray(-body.length).equals(body)).toBe(true);
});

it('keeps what it has written when it grows', () => {
  const w = begun();
  for (let at = 0; at < 3000; at += 1) w.u16('x', at);
  const bytes = w.end(0x30);
  for (let at = 0; at < 3000; at += 1) expect(bytes.readUInt16BE(3 + 2 * at)).toBe(at);
});

it('writes the next packet over the one before, after a large one too', () => {
  const w = begun();
  w.raw(Buffer.alloc(100_000));
  w.end(0x30);
  w.begin();
  w.u8('x', 1);
  expect(w.end(0x40)).toEqual(hex`40 01 01`);
});

it('writes numbers with the highest byte first', () => {
  const w = begun();
  w.u8('a', 0x01);
  w.u16('b', 0x0203);
  w.u32('c', 0xfffe_fdfc);
  w.varint('d', 268_435_455);
  expect(w.end(0x30)).toEqual(hex`30 0b 01 02 03 ff fe fd fc ff ff ff 7f`);
});

describe('what does not fit', () => {
  it.each([
    ['u8', 256],
    ['u16', 65_536],
    ['u32', 2 ** 32],
    ['varint', 268_435_456],
    ['packetId', 65_536],
  ] as const)('is not written as %s: %d', (kind, value) => {
    const w = begun();
    const write = (number: number) =>
      kind === 'packetId' ? w[kind](number) : w[kind]('x', number);
    for (const wrong of [value, -1, 0.5, Number.NaN]) {
      expect(() => write(wrong)).toThrow(UnsendableError);
    }
  });

  it('is not written as packet id 0 [MQTT-2.2.1-3]', () => {
    expect(() => begun().packetId(0)).toThrow(UnsendableError);
  });

  it('is not written as text or bytes of 65,536 bytes', () => {
    expect(() => begun().utf8('x', 'ä'.repeat(32_768))).toThrow(UnsendableError);
    expect(() => begun().binary('x', Buffer.alloc(65_536))).toThrow(UnsendableError);
  });

  it('leaves the writer fit for the next packet', () => {
    const w = begun();
    expect(() => w.u8('x', 256)).toThrow(UnsendableError);
    w.begin();
    expect(w.end(0xc0)).toEqual(hex`c0 00`);
  });
});

describe('text', () => {
  it('is written as UTF-8 behind its length', () => {
    const w = begun();
    w.utf8('x', '\uFEFFä😀');
    expect(w.end(0x30)).toEqual(hex`30 0b 00 09 ef bb bf c3 a4 f0 9f 98 80`);
  });

  it.each(['\0', 'a\0b'])('holds no U+0000 [MQTT-1.5.4-2]: %j', (text) => {
    expect(() => begun().utf8('x', text)).toThrow(UnsendableError);
  });

  it.each(['\ud83d', '\ude00\ud83d', 'a\udc00'])(
    'holds no half pair [MQTT-1.5.4-1]: %j',
    (text) => {
      expect(() => begun().utf8('x', text)).toThrow(UnsendableError);
    },
  );
});
