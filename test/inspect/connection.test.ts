import { expect, it } from 'vitest';
import {
  CONNACK4,
  CONNACK5,
  CONNECT4,
  CONNECT5,
  OPEN4,
  OPEN5,
  track,
} from '../support/track-text.ts';

it('refuses what a server sends before its CONNACK [MQTT-3.2.0-1] [311:3.2.0-1]', () => {
  expect(track([CONNECT5, '< d000']).findings).toEqual(['#2 before-connack [MQTT-3.2.0-1]']);
  expect(track([CONNECT4, '< d000']).findings).toEqual(['#2 before-connack [311:3.2.0-1]']);
});

it('refuses a second CONNACK [MQTT-3.2.0-2]', () => {
  expect(track([...OPEN5, CONNACK5]).findings).toEqual(['#3 connack-twice [MQTT-3.2.0-2]']);
  expect(track([...OPEN4, CONNACK4]).findings).toEqual(['#3 connack-twice']);
});

it('refuses packets after DISCONNECT [MQTT-3.14.4-1] [311:3.14.4-2]', () => {
  const after = ['> e000', '> c000', '< d000'];
  expect(track([...OPEN5, ...after]).findings).toEqual(['#4 after-disconnect [MQTT-3.14.4-1]']);
  expect(track([...OPEN4, ...after]).findings).toEqual(['#4 after-disconnect [311:3.14.4-2]']);
});

it('refuses what a server sends after it refused [MQTT-3.2.2-7] [311:3.2.2-5]', () => {
  expect(track([CONNECT5, '< 2003008700', '< d000']).findings).toEqual([
    '#3 after-refusal [MQTT-3.2.2-7]',
  ]);
  expect(track([CONNECT4, '< 20020005', '< d000']).findings).toEqual([
    '#3 after-refusal [311:3.2.2-5]',
  ]);
});

it('takes a second CONNECT for the next, or for a fault [MQTT-3.1.0-2] [311:3.1.0-2]', () => {
  const { findings, report } = track([...OPEN4, CONNECT4]);
  expect([findings, report.connections.count]).toEqual([[], 2]);
  const one = { isOneConnection: true };
  expect(track([...OPEN4, CONNECT4], one).findings).toEqual(['#3 connect-twice [311:3.1.0-2]']);
  expect(track([...OPEN5, CONNECT5], one).findings).toEqual(['#3 connect-twice [MQTT-3.1.0-2]']);
});

it('wants CONNECT first where it knows the start [MQTT-3.1.0-1] [311:3.1.0-1]', () => {
  expect(track(['> c000']).findings).toEqual([]);
  expect(track(['> c000'], { isOneConnection: true }).findings).toEqual([
    '#1 connect-first [MQTT-3.1.0-1]',
  ]);
});
