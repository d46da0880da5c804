import { Buffer } from 'node:buffer';
import { TextDecoder } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hex } from '../support/hex.ts';
import { readerOf } from '../support/read-frame.ts';
import { refusalOf } from '../support/test-vectors.ts';

describe('numbers', () => {
  it('are read with the highest byte first', () => {
    const r = readerOf(hex`01 0203 04050607`);
    expect([r.u8('a'), r.u16('b'), r.u32('c')]).toEqual([0x01, 0x0203, 0x0405_0607]);
    expect(r.remaining).toBe(0);
  });

  it.each([
    ['u8', 0],
    ['u16', 1],
    ['u32', 3],
  ] as const)('of kind %s are refused where they run past the end', (kind, length) => {
    const r = readerOf(Buffer.alloc(length));
    expect(refusalOf(() => r[kind]('keepAlive'))).toMatchObject({
      rule: 'field-overrun',
      offset: 0,
    });
    expect(r.position).toBe(0);
  });

  it('are not read from behind the packet, even if there are bytes', () => {
    const r = readerOf(hex`00 00 00 00`);
    r.reset(hex`00 00 00 00`, 1, 2);
    expect(refusalOf(() => r.u16('packetId')).offset).toBe(1);
    expect(r.rest('payload')).toHaveLength(1);
  });
});

describe('bits', () => {
  it('are those of the byte that was read last', () => {
    const r = readerOf(hex`ff b4`);
    r.u8('first');
    r.u8('second');
    const bits = [r.bits('a', 7, 4), r.bits('b', 3, 2), r.bits('c', 2, 2), r.bits('d', 7, 0)];
    expect(bits).toEqual([0xb, 1, 1, 0xb4]);
  });
});

describe('varint', () => {
  it.each([
    [hex`00`, 0],
    [hex`7f`, 127],
    [hex`80 01`, 128],
    [hex`ff 7f`, 16_383],
    [hex`80 80 01`, 16_384],
    [hex`ff ff 7f`, 2_097_151],
    [hex`80 80 80 01`, 2_097_152],
    [hex`ff ff ff 7f`, 268_435_455],
  ])('reads %o as %i', (bytes, value) => {
    expect(readerOf(bytes).varint('propertyLength')).toBe(value);
  });

  it.each([hex`80 00`, hex`ff 00`, hex`80 80 00`, hex`ff ff ff 00`])(
    'refuses %o, which is longer than it need be [MQTT-1.5.5-1]',
    (bytes) => {
      expect(refusalOf(() => readerOf(bytes).varint('propertyLength'))).toMatchObject({
        rule: 'length-not-minimal',
        clauses: ['MQTT-1.5.5-1'],
        offset: 0,
      });
    },
  );

  it('takes any form where the caller says so', () => {
    expect(readerOf(hex`80 80 80 00`).varint('remainingLength', 'any')).toBe(0);
  });

  it('refuses a fourth byte that wants a fifth, in any form [MQTT-1.5.5-1] [trap 41]', () => {
    const read = () => readerOf(hex`80 80 80 80 00`).varint('remainingLength', 'any');
    expect(refusalOf(read)).toMatchObject({ rule: 'length-too-long', offset: 0 });
  });

  it('refuses the end of the packet within it', () => {
    const error = refusalOf(() => readerOf(hex`80`).varint('propertyLength'));
    expect(error).toMatchObject({ rule: 'field-overrun', offset: 1 });
  });
});

describe('utf8', () => {
  it.each([
    ['an overlong form of "/"', hex`00 02 c0 af`, 2],
    ['an overlong form of three bytes', hex`00 04 61 e0 80 af`, 3],
    ['a high surrogate', hex`00 03 ed a0 80`, 2],
    ['a low surrogate', hex`00 03 ed bf bf`, 2],
    ['a code point above U+10FFFF', hex`00 04 f4 90 80 80`, 2],
    ['a byte that UTF-8 does not have', hex`00 03 c3 a4 ff`, 4],
    ['a continuation alone', hex`00 01 80`, 2],
    ['the end within a character', hex`00 06 f0 9f 98 80 e2 82`, 6],
    ['a fault behind a real U+FFFD', hex`00 08 ef bf bd ef bf bd 61 fe`, 9],
    ['a fault right behind a fault', hex`00 02 fe ff`, 2],
  ])('refuses %s, and names the byte [MQTT-1.5.4-1]', (_what, bytes, offset) => {
    expect(refusalOf(() => readerOf(bytes).utf8('reasonString'))).toMatchObject({
      rule: 'utf8',
      reason: 'malformedPacket',
      clauses: ['MQTT-1.5.4-1'],
      offset,
    });
  });

  it('refuses U+0000, and names the byte [MQTT-1.5.4-2]', () => {
    const read = () => readerOf(hex`00 04 e2 82 ac 00`).utf8('reasonString');
    expect(refusalOf(read)).toMatchObject({ rule: 'nul', offset: 5 });
  });

  it.each([
    ['U+FEFF', hex`00 04 ef bb bf 61`, '\uFEFFa'],
    ['U+FFFD', hex`00 03 ef bf bd`, '\uFFFD'],
    ['what should better not be sent', hex`00 06 01 7f ef bf bf 20`, '\u0001\u007f\uFFFF '],
    ['nothing', hex`00 00`, ''],
  ])('keeps %s as it is [MQTT-1.5.4-3]', (_what, bytes, text) => {
    expect(readerOf(bytes).utf8('reasonString')).toBe(text);
  });

  it('refuses what a strict decoder refuses, and nothing else', () => {
    const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
    const piece = fc.oneof(
      fc.constantFrom(hex`61`, hex`c3a4`, hex`efbfbd`, hex`eda080`, hex`c080`, hex`f09f9880`),
      fc.uint8Array({ maxLength: 3 }).map((bytes) => Buffer.from(bytes.map((byte) => byte | 0x80))),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 6 }), (pieces) => {
        const text = Buffer.concat(pieces);
        const bytes = Buffer.concat([Buffer.from([0, text.length]), text]);
        const expected = decodeOrUndefined(strict, text);
        const r = readerOf(bytes);
        if (expected !== undefined) return r.utf8('x') === expected;
        const at = (refusalOf(() => r.utf8('x')).offset ?? 0) - 2;
        return decodeOrUndefined(strict, text.subarray(0, at)) !== undefined && at < text.length;
      }),
      { numRuns: 500 },
    );
  });
});

function decodeOrUndefined(decoder: TextDecoder, bytes: Buffer): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

describe('binary', () => {
  it('is a view of the bytes', () => {
    const bytes = hex`00 02 00 ff`;
    const view = readerOf(bytes).binary('password');
    bytes[3] = 0x7f;
    expect(view).toEqual(hex`00 7f`);
  });

  it('is refused where its length promises more than there is', () => {
    const error = refusalOf(() => readerOf(hex`00 03 00 ff`).binary('password'));
    expect(error).toMatchObject({ rule: 'field-overrun', offset: 2 });
  });
});

describe('packetId', () => {
  it.each([
    [5, 'client', 'MQTT-2.2.1-3'],
    [5, 'either', 'MQTT-2.2.1-3'],
    [5, 'server', 'MQTT-2.2.1-4'],
    [4, 'server', '311:2.3.1-1'],
    [3, 'client', 'V31-21'],
  ] as const)('is not 0 at level %i from a %s [%s]', (level, sender, clause) => {
    const error = refusalOf(() => readerOf(hex`00 00`, level, sender).packetId());
    expect(error).toMatchObject({ reason: 'protocolError', clauses: [clause], offset: 0 });
  });
});

describe('a section', () => {
  it('hides what lies behind it until it is left', () => {
    const r = readerOf(hex`01 02 03`);
    const end = r.narrow(1);
    r.u8('inside');
    expect(refusalOf(() => r.u8('inside')).offset).toBe(1);
    r.widen(end);
    expect(r.rest('payload')).toEqual(hex`02 03`);
  });

  it('is not longer than its packet: who narrows has looked', () => {
    expect(() => readerOf(hex`01`).narrow(2)).toThrow('Bug in mqttk');
  });
});
