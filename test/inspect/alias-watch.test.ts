import { expect, it } from 'vitest';
import { CONNACK5, CONNECT5, OPEN5, track } from '../support/track-text.ts';

const CONNACK_ALIASES = '< 2006000003220005';

it('resolves them', () => {
  const { findings, packets } = track([
    CONNECT5,
    CONNACK_ALIASES,
    '> 300a0003612f620323000331',
    '> 300700000323000332',
  ]);
  expect(findings).toEqual([]);
  expect(packets[3]?.links?.aliasTopic).toBe('a/b');
});

it('refuses those above what is taken [MQTT-3.3.2-9] [MQTT-3.2.2-17] [MQTT-3.2.2-18]', () => {
  expect(track([...OPEN5, '> 30080001740323000178']).findings).toEqual([
    '#3 alias-too-high [MQTT-3.2.2-18]',
  ]);
  expect(track([CONNECT5, CONNACK_ALIASES, '> 30080001740323000678']).findings).toEqual([
    '#3 alias-too-high [MQTT-3.3.2-9] [MQTT-3.2.2-17]',
  ]);
});

it('holds servers to the same [MQTT-3.3.2-11] [MQTT-3.1.2-26] [MQTT-3.1.2-27]', () => {
  const publish = '< 30080001740323000678';
  expect(track([...OPEN5, publish]).findings).toEqual(['#3 alias-too-high [MQTT-3.1.2-27]']);
  const some = '> 101100044d5154540502003c03220005000174';
  expect(track([some, CONNACK5, publish]).findings).toEqual([
    '#3 alias-too-high [MQTT-3.3.2-11] [MQTT-3.1.2-26]',
  ]);
});

it('refuses one that was not set, and is silent where it may have been', () => {
  const publish = '> 300700000323000332';
  expect(track([CONNECT5, CONNACK_ALIASES, publish]).findings).toEqual([
    '#3 alias-unknown (5.0 section 3.3.4)',
  ]);
  expect(track([publish]).findings).toEqual([]);
});
