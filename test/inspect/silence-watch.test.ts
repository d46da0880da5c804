import { expect, it } from 'vitest';
import { CONNECT4, CONNECT5, track } from '../support/track-text.ts';

it('finds silences [MQTT-3.1.2-20] [MQTT-3.1.2-22] [311:3.1.2-23] [311:3.1.2-24]', () => {
  const late = (connect: string, ms: number) =>
    track([
      `${connect} @0`,
      `< ${connect === CONNECT5 ? '2003000000' : '20020000'} @1`,
      `> c000 @${ms}`,
    ]);
  expect(late(CONNECT5, 60_000).findings).toEqual([]);
  expect(late(CONNECT5, 60_001).findings).toEqual(['#3 keep-alive-late [MQTT-3.1.2-20] odd']);
  expect(late(CONNECT4, 60_001).findings).toEqual(['#3 keep-alive-late [311:3.1.2-23] odd']);
  const tooLate = late(CONNECT5, 90_001);
  expect(tooLate.findings).toEqual(['#3 keep-alive-late [MQTT-3.1.2-22]']);
  expect(tooLate.report.silences.items).toEqual([
    { after: 1, seconds: 90.001, keepAliveSeconds: 60 },
  ]);
  expect(late(CONNECT4, 90_001).findings).toEqual(['#3 keep-alive-late [311:3.1.2-24]']);
});

it("takes the server's value [MQTT-3.1.2-21]", () => {
  const connack = '< 2006 0000 03 13000a @1';
  expect(track([`${CONNECT5} @0`, connack, '> c000 @11000']).findings).toEqual([
    '#3 keep-alive-late [MQTT-3.1.2-21] odd',
  ]);
});

it('sees silence that lasts until the end, but not after DISCONNECT', () => {
  const open = [`${CONNECT4} @0`, '< 20020000 @1'];
  expect(track([...open, '< 300400017400 @91000']).report.silences.count).toBe(1);
  const left = track([...open, '> e000 @2', '< 300400017400 @91000']);
  expect(left.report.silences.count).toBe(0);
});
