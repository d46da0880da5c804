import { expect, it } from 'vitest';
import {
  findTopicName,
  hasMoreBytes,
  parseTopicName,
  slashCount,
  toTopicName,
} from '../../src/topic/topic-name.ts';

it.each([
  ['a', '[MQTT-4.7.3-1]'],
  ['/', '[311:4.7.3-1]'],
  ['a//b', ''],
  [' ', ''],
  ['$SYS/x', ''],
  ['$share/g/a', ''],
  ['ä/😀', ''],
  ['x'.repeat(65_535), '[MQTT-4.7.3-3] [311:4.7.3-3]'],
])('takes the topic %.20j as it is %s', (text) => {
  expect(parseTopicName(text)).toBe(text);
  expect(toTopicName(text)).toBe(text);
});

it.each([
  ['', 'is empty', '[MQTT-4.7.3-1] [311:4.7.3-1]'],
  ['a\0', 'holds U+0000', '[MQTT-4.7.3-2] [311:4.7.3-2]'],
  ['a/#', 'has a wildcard (#)', '[MQTT-4.7.0-1] [311:4.7.1-1]'],
  ['+/a', 'has a wildcard (+)', '[MQTT-4.7.0-1] [311:4.7.1-1]'],
  ['ä'.repeat(32_768), 'is 65536 bytes long', '[MQTT-4.7.3-3] [311:4.7.3-3]'],
  ['a\uD83D', 'holds half a surrogate pair', '[MQTT-1.5.4-1]'],
])('refuses %.20j, which %s %s', (text, what) => {
  expect(() => parseTopicName(text)).toThrow(what);
  expect(() => toTopicName(text)).toThrow('Bug in mqttk');
});

it('tells a person what is wrong, why, and what to write', () => {
  expect(() => parseTopicName('a/#')).toThrow(
    expect.objectContaining({
      kind: 'usage',
      message: 'topic "a/#" has a wildcard (#)',
      why: '# and + are for subscribing',
      remedy: 'name one topic',
    }),
  );
  expect(() => parseTopicName('', 'will topic')).toThrow('will topic "" is empty');
});

it.each([
  ['a', 0],
  ['/', 1],
  ['a/b//c', 3],
])('counts the slashes of %j', (text, count) => {
  expect(slashCount(text)).toBe(count);
});

it.each([
  ['abc', 3, false],
  ['abcd', 3, true],
  ['ü', 1, true],
  ['ü', 2, false],
  ['日本', 5, true],
  ['日本', 6, false],
  ['😀', 3, true],
])('knows whether %j has more than %i bytes', (text, bytesMax, hasMore) => {
  expect(hasMoreBytes(text, bytesMax)).toBe(hasMore);
});

it('takes a text for a topic only if it is one', () => {
  expect(findTopicName('a/b')).toBe('a/b');
  expect([findTopicName(''), findTopicName('a/#'), findTopicName('\ud800')]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});
