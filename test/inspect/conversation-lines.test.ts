import { expect, it } from 'vitest';
import { conversationLines } from '../../src/inspect/conversation-lines.ts';
import { track } from '../support/track-text.ts';

it('tells of connections, answers and what is missing', () => {
  const { report } = track([
    '> 100d00044d5154540402003c000174 @0',
    '< 20020000 @0.8',
    '> 3206 0001 74 0001 00 @10',
    '> 3206 0001 74 0002 00 @10',
    '< 40020001 @12',
    '< 40020002 @14',
    '> 8206 0003 0001 74 01 @20',
    '> c000 @100000',
  ]);
  expect(conversationLines(report)).toEqual([
    'connections: #1 "t"',
    'answered in ms: CONNECT 0.8; PUBLISH QoS 1 2 to 4, median 3 (2)',
    'unanswered: #7 SUBSCRIBE id 3, #8 PINGREQ',
    'too long silent: 100.0 s after #7 (keep alive 60 s)',
  ]);
});

it('is silent where there is nothing to tell', () => {
  expect(conversationLines(track(['< d000']).report)).toEqual([]);
});

it('shows the first of many', () => {
  const { report } = track(Array.from({ length: 15 }, () => '> c000'));
  expect(conversationLines(report)[0]).toMatch(
    /^unanswered: #1 PINGREQ, .* #10 PINGREQ and 5 more$/,
  );
});
