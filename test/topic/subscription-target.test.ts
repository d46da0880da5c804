import { expect, it } from 'vitest';
import {
  findSubscriptionTarget,
  parseSubscriptionTarget,
} from '../../src/topic/subscription-target.ts';

it.each([
  ['$share/consumer1/sport/tennis/+', 'consumer1', 'sport/tennis/+'],
  ['$share/consumer2//finance', 'consumer2', '/finance'],
  ['$share/g/#', 'g', '#'],
  ['$share/g/$share/h/a', 'g', '$share/h/a'],
  ['$share/ /a', ' ', 'a'],
  ['$share/__proto__/a', '__proto__', 'a'],
])('splits %j into group and filter [MQTT-4.8.2-1] [MQTT-4.8.2-2]', (text, shareName, filter) => {
  expect(parseSubscriptionTarget(text)).toEqual({ filter, shareName });
  expect(findSubscriptionTarget(text, 'shares')).toEqual({ filter, shareName });
});

it.each(['a/#', '$SYS/#', '$shared/g/a', '$Share/g/a', '/$share/g/a'])(
  'shares nothing by %j',
  (text) => {
    expect(parseSubscriptionTarget(text)).toEqual({ filter: text, shareName: undefined });
    expect(findSubscriptionTarget(text, 'shares')).toEqual({ filter: text, shareName: undefined });
  },
);

it.each([
  ['$share/', 'has an empty share name', '[MQTT-4.8.2-1]'],
  ['$share//a', 'has an empty share name', '[MQTT-4.8.2-1]'],
  ['$share/g', 'has no filter', '[MQTT-4.8.2-2]'],
  ['$share/g/', 'has no filter', '[MQTT-4.8.2-2]'],
  ['$share/g+/a', 'has a wildcard in its share name', '[MQTT-4.8.2-2]'],
  ['$share/#', 'has a wildcard in its share name', '[MQTT-4.8.2-2]'],
  ['$share/g/a#', 'not the whole last level', '[MQTT-4.7.1-1]'],
])('refuses %j, which %s %s', (text, what) => {
  expect(() => parseSubscriptionTarget(text)).toThrow(what);
  expect(findSubscriptionTarget(text, 'shares')).toBeUndefined();
});

it('refuses from a person what cannot go on the wire [MQTT-4.7.3-3] [MQTT-1.5.4-1]', () => {
  expect(() => parseSubscriptionTarget(`$share/g/${'x'.repeat(65_527)}`)).toThrow('65536 bytes');
  expect(() => parseSubscriptionTarget('$share/\uD800/a')).toThrow('half a surrogate pair');
  expect(() => parseSubscriptionTarget('$share/g\0/a')).toThrow('holds U+0000');
  expect(() => parseSubscriptionTarget('a+')).toThrow('filter "a+" has a + that');
});

it.each(['$share/g/a', '$share/g', '$share//a'])(
  'takes %j as a filter where 3.x means that',
  (text) => {
    expect(findSubscriptionTarget(text, 'plain')).toEqual({ filter: text, shareName: undefined });
  },
);

it('counts on the codec to have refused what is no filter', () => {
  expect(() => findSubscriptionTarget('a#', 'shares')).toThrow('Bug in mqttk');
  expect(() => findSubscriptionTarget('$share/a#', 'plain')).toThrow('Bug in mqttk');
});
