import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ProtocolLevel } from '../../src/codec/packet.ts';
import { PacketReader } from '../../src/codec/packet-reader.ts';
import type { PacketName } from '../../src/codec/packet-type.ts';
import {
  checkTopicName,
  isShare,
  readTopicFilter,
  readTopicName,
  requireTopicFilter,
  requireTopicName,
  shareFault,
  topicFilterFault,
  topicNameFault,
} from '../../src/codec/topic-grammar.ts';
import { UnsendableError } from '../../src/codec/unsendable-error.ts';

/** A reader before one string, as it lies in a packet. */
function readerOf(text: string, level: ProtocolLevel, packetName: PacketName): PacketReader {
  const bytes = Buffer.alloc(2 + Buffer.byteLength(text));
  bytes.writeUInt16BE(bytes.length - 2);
  bytes.write(text, 2);
  const r = new PacketReader();
  r.reset(bytes, 0, bytes.length);
  r.level = level;
  r.packetName = packetName;
  return r;
}

function readName(text: string, level: ProtocolLevel): string {
  return readTopicName(readerOf(text, level, 'publish'), 'topicName', 'notEmpty');
}

function readFilter(text: string, level: ProtocolLevel, packetName: PacketName = 'subscribe') {
  return readTopicFilter(readerOf(text, level, packetName));
}

/** One error with this rule, first clause and offset. */
function refusal(rule: string, clause: string, offset: number) {
  const clauses = expect.arrayContaining([clause]);
  return expect.objectContaining({ name: 'ProtocolError', rule, clauses, offset });
}

describe('topic names', () => {
  it.each(['a', '/', 'a//b', ' ', '$SYS/x', '$share/g/a', 'é', '😀'])('accepts %j', (text) => {
    expect(topicNameFault(text)).toBeUndefined();
    for (const level of [3, 4, 5] as const) expect(readName(text, level)).toBe(text);
    expect(() => requireTopicName('topicName', text)).not.toThrow();
  });

  it.each([
    ['', { rule: 'topic-empty', index: 0 }, '[MQTT-4.7.3-1] [311:4.7.3-1]'],
    ['a\0#', { rule: 'nul', index: 1 }, '[MQTT-4.7.3-2] [311:4.7.3-2]'],
    ['a/#', { rule: 'topic-wildcard', index: 2 }, '[MQTT-4.7.0-1] [311:4.7.1-1]'],
    ['a+b', { rule: 'topic-wildcard', index: 1 }, '[MQTT-4.7.0-1] [311:4.7.1-1]'],
  ])('finds the fault of %j and where it is %s', (text, fault) => {
    expect(topicNameFault(text)).toMatchObject(fault);
    expect(() => requireTopicName('topicName', text)).toThrow(UnsendableError);
  });

  it('refuses a wildcard at its byte [MQTT-3.3.2-2] [MQTT-4.7.0-1] [311:3.3.2-2]', () => {
    expect(() => readName('é/#', 5)).toThrow(refusal('topic-wildcard', 'MQTT-3.3.2-2', 5));
    expect(() => readName('é/#', 5)).toThrow(refusal('topic-wildcard', 'MQTT-4.7.0-1', 5));
    expect(() => readName('é/+', 4)).toThrow(refusal('topic-wildcard', '311:3.3.2-2', 5));
  });

  it('refuses a wildcard in a will topic [MQTT-4.7.0-1] [311:4.7.1-1]', () => {
    for (const [level, clause] of [
      [5, 'MQTT-4.7.0-1'],
      [4, '311:4.7.1-1'],
    ] as const) {
      const r = readerOf('a/+', level, 'connect');
      expect(() => readTopicName(r, 'willTopic', 'notEmpty')).toThrow(
        refusal('topic-wildcard', clause, 4),
      );
    }
  });

  it('refuses a wildcard in a response topic [MQTT-3.3.2-14]', () => {
    const r = readerOf('', 5, 'publish');
    expect(() => checkTopicName(r, 'responseTopic', 'a/+', 10)).toThrow(
      refusal('response-topic-wildcard', 'MQTT-3.3.2-14', 12),
    );
  });

  it('refuses an empty name, or leaves it to the caller [MQTT-4.7.3-1] [311:4.7.3-1]', () => {
    expect(() => readName('', 5)).toThrow(refusal('topic-empty', 'MQTT-4.7.3-1', 0));
    expect(() => readName('', 4)).toThrow(refusal('topic-empty', '311:4.7.3-1', 0));
    const r = readerOf('', 5, 'publish');
    expect(readTopicName(r, 'topicName', 'mayBeEmpty')).toBe('');
  });

  it('refuses U+0000 [MQTT-4.7.3-2] [311:4.7.3-2]', () => {
    expect(() => readName('a\0', 5)).toThrow(refusal('nul', 'MQTT-4.7.3-2', 3));
    expect(() => readName('a\0', 4)).toThrow(refusal('nul', '311:4.7.3-2', 3));
  });

  it('reads the longest there is [MQTT-4.7.3-3] [311:4.7.3-3]', () => {
    const longest = 'x'.repeat(65_535);
    expect(readName(longest, 5)).toBe(longest);
    expect(readName(longest, 4)).toBe(longest);
  });
});

describe('topic filters', () => {
  it.each([
    ['#', '[MQTT-4.7.1-1] [311:4.7.1-2]'],
    ['sport/tennis/#', '[MQTT-4.7.1-1] [311:4.7.1-2]'],
    ['+', '[MQTT-4.7.1-2] [311:4.7.1-3]'],
    ['+/tennis/#', '[MQTT-4.7.1-2] [311:4.7.1-3]'],
    ['sport/+/player1', '[MQTT-4.7.1-2] [311:4.7.1-3]'],
    ['/+', '[MQTT-4.7.1-2] [311:4.7.1-3]'],
    ['/', '[MQTT-4.7.3-1] [311:4.7.3-1]'],
  ])('accepts %j %s', (text) => {
    expect(topicFilterFault(text)).toBeUndefined();
    for (const level of [3, 4, 5] as const) expect(readFilter(text, level)).toBe(text);
    expect(() => requireTopicFilter('topicFilter', text, 5)).not.toThrow();
  });

  it.each([
    ['sport/tennis#', 12, 'MQTT-4.7.1-1', '311:4.7.1-2'],
    ['sport/tennis/#/ranking', 13, 'MQTT-4.7.1-1', '311:4.7.1-2'],
    ['#/', 0, 'MQTT-4.7.1-1', '311:4.7.1-2'],
    ['##', 0, 'MQTT-4.7.1-1', '311:4.7.1-2'],
    ['sport+', 5, 'MQTT-4.7.1-2', '311:4.7.1-3'],
    ['+sport', 0, 'MQTT-4.7.1-2', '311:4.7.1-3'],
    ['a/++', 2, 'MQTT-4.7.1-2', '311:4.7.1-3'],
    ['+#', 0, 'MQTT-4.7.1-2', '311:4.7.1-3'],
  ])('refuses %j at character %d [%s] [%s]', (text, index, clause, clause311) => {
    expect(topicFilterFault(text)).toMatchObject({ rule: 'filter-wildcard', index });
    const at = index + 2;
    expect(() => readFilter(text, 5)).toThrow(refusal('filter-wildcard', clause, at));
    expect(() => readFilter(text, 4)).toThrow(refusal('filter-wildcard', clause311, at));
    expect(() => requireTopicFilter('topicFilter', text, 5)).toThrow(UnsendableError);
  });

  it('refuses an empty filter as malformed [MQTT-4.7.3-1] [311:4.7.3-1]', () => {
    for (const name of ['subscribe', 'unsubscribe'] as const) {
      expect(() => readFilter('', 5, name)).toThrow(refusal('topic-empty', 'MQTT-4.7.3-1', 0));
      expect(() => readFilter('', 5, name)).toThrow(
        expect.objectContaining({ reason: 'malformedPacket' }),
      );
      expect(() => readFilter('', 4, name)).toThrow(refusal('topic-empty', '311:4.7.3-1', 0));
    }
  });

  it('refuses U+0000 [MQTT-4.7.3-2] [311:4.7.3-2]', () => {
    expect(topicFilterFault('a/\0')).toMatchObject({ rule: 'nul', index: 2 });
    expect(() => readFilter('a/\0', 5)).toThrow(refusal('nul', 'MQTT-4.7.3-2', 4));
    expect(() => readFilter('a/\0', 4)).toThrow(refusal('nul', '311:4.7.3-2', 4));
  });

  it('takes every topic name for a filter, and agrees with a rule per level', () => {
    const levels = fc.constantFrom('', 'a', '+', '#', 'a+', '#a', '$');
    fc.assert(
      fc.property(fc.array(levels, { minLength: 1, maxLength: 4 }), (split) => {
        const text = split.join('/');
        const isSound = split.every(
          (level, i) =>
            !/[#+]/.test(level) || level === '+' || (level === '#' && i === split.length - 1),
        );
        expect(topicFilterFault(text) === undefined).toBe(isSound && text !== '');
        if (topicNameFault(text) === undefined) expect(topicFilterFault(text)).toBeUndefined();
      }),
    );
  });
});

describe('shares', () => {
  it.each(['$share/consumer1/sport/tennis/+', '$share/g//finance', '$share/g/#', '$share/ /a'])(
    'accepts %j [MQTT-4.8.2-1] [MQTT-4.8.2-2]',
    (text) => {
      expect(isShare(text)).toBe(true);
      expect(shareFault(text)).toBeUndefined();
      expect(readFilter(text, 5)).toBe(text);
    },
  );

  it.each([
    ['$share/', 'MQTT-4.8.2-1', 7],
    ['$share//a', 'MQTT-4.8.2-1', 7],
    ['$share/g', 'MQTT-4.8.2-2', 8],
    ['$share/g/', 'MQTT-4.8.2-2', 9],
    ['$share/g+/a', 'MQTT-4.8.2-2', 8],
    ['$share/#', 'MQTT-4.8.2-2', 7],
  ])('refuses %j [%s]', (text, clause, index) => {
    expect(shareFault(text)).toMatchObject({ rule: 'share-grammar', index });
    expect(() => readFilter(text, 5)).toThrow(refusal('share-grammar', clause, index + 2));
  });

  it('finds the fault of the filter behind the name [MQTT-4.7.1-1] [MQTT-4.7.3-2]', () => {
    const wildcard = refusal('filter-wildcard', 'MQTT-4.7.1-1', 13);
    expect(() => readFilter('$share/é/a#', 5)).toThrow(wildcard);
    expect(shareFault('$share/g/a\0')).toMatchObject({ rule: 'nul', index: 10 });
    expect(shareFault('$share/g\0/a')).toMatchObject({ rule: 'nul', index: 8 });
  });

  it.each(['$share/g', '$share//a', '$share'])('takes %j for a filter before 5.0', (text) => {
    expect(readFilter(text, 4)).toBe(text);
    expect(readFilter(text, 3)).toBe(text);
  });

  it.each(['$shared/a', '$Share/g/a', '/$share', 'a'])('shares nothing by %j', (text) => {
    expect(isShare(text)).toBe(false);
    expect(readFilter(text, 5)).toBe(text);
  });
});
