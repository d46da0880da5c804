import { expect, it } from 'vitest';
import { CONNACK5, LASTING5, RESUMING5, track } from '../support/track-text.ts';

const PUBLISH = '> 3206 0001 74 0001 00';
const AGAIN = '> 3a06 0001 74 0001 00';
const PRESENT = '< 2003010000';

it('go on with the next connection, where what is open may be sent again', () => {
  const { findings, packets } = track([
    LASTING5,
    CONNACK5,
    PUBLISH,
    `${RESUMING5} /2`,
    `${PRESENT} /2`,
    `${AGAIN} /2`,
    '< 40020001 /2',
  ]);
  expect(findings).toEqual([]);
  expect(packets[3]?.links?.resumes).toBe(1);
  expect(packets[6]?.links?.answers?.number).toBe(6);
});

it('go on in the same stream, too, and want DUP there [MQTT-3.3.1-1]', () => {
  const { findings } = track([LASTING5, CONNACK5, PUBLISH, RESUMING5, PRESENT, PUBLISH]);
  expect(findings).toEqual(['#6 resend [MQTT-3.3.1-1]']);
});

it('end with a clean start, and where the server has none', () => {
  expect(track([LASTING5, CONNACK5, PUBLISH, LASTING5, CONNACK5, PUBLISH]).findings).toEqual([]);
  const lost = track([LASTING5, CONNACK5, PUBLISH, RESUMING5, CONNACK5, PUBLISH]);
  expect(lost.findings).toEqual([]);
  expect(lost.report.unanswered.items.map(({ number }) => number)).toEqual([3, 6]);
});
