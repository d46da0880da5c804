import { expect, it } from 'vitest';
import { parseTopicFilter, toTopicFilter } from '../../src/topic/topic-filter.ts';

it.each([
  ['#', '[MQTT-4.7.1-1] [311:4.7.1-2]'],
  ['sport/tennis/#', '[MQTT-4.7.1-1] [311:4.7.1-2]'],
  ['+', '[MQTT-4.7.1-2] [311:4.7.1-3]'],
  ['+/tennis/#', '[MQTT-4.7.1-2] [311:4.7.1-3]'],
  ['sport/+/player1', '[MQTT-4.7.1-2] [311:4.7.1-3]'],
  ['/', '[MQTT-4.7.3-1] [311:4.7.3-1]'],
  ['$share/a', ''],
])('takes the filter %j as it is %s', (text) => {
  expect(parseTopicFilter(text)).toBe(text);
  expect(toTopicFilter(text)).toBe(text);
});

it.each([
  ['', 'is empty', '[MQTT-4.7.3-1] [311:4.7.3-1]'],
  ['sport/tennis#', 'not the whole last level', '[MQTT-4.7.1-1] [311:4.7.1-2]'],
  ['sport/tennis/#/ranking', 'not the whole last level', '[MQTT-4.7.1-1] [311:4.7.1-2]'],
  ['sport+', 'not a whole level', '[MQTT-4.7.1-2] [311:4.7.1-3]'],
  ['a/\0', 'holds U+0000', '[MQTT-4.7.3-2] [311:4.7.3-2]'],
  ['x'.repeat(65_536), 'is 65536 bytes long', '[MQTT-4.7.3-3] [311:4.7.3-3]'],
  ['\uDE00', 'holds half a surrogate pair', '[MQTT-1.5.4-1]'],
])('refuses %.24j: it %s %s', (text, what) => {
  expect(() => parseTopicFilter(text)).toThrow(what);
  expect(() => toTopicFilter(text)).toThrow('Bug in mqttk');
});

it('tells a person what is wrong, why, and what to write', () => {
  expect(() => parseTopicFilter('a#', '-T')).toThrow(
    expect.objectContaining({
      kind: 'usage',
      message: '-T "a#" has a # that is not the whole last level',
      why: '# stands for a level and all below it',
      remedy: 'put it last, in a level of its own, as in a/#',
    }),
  );
});
