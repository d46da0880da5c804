import { expect, it } from 'vitest';
import { CallerError } from '../../src/base/caller-error.ts';
import { OutageNotes } from '../../src/cli/outage-notes.ts';

function notes() {
  const lines: string[] = [];
  return { lines, outage: new OutageNotes({ note: (line) => lines.push(line) }) };
}

it('tells of an outage once when it begins, and once when it is over, with what it cost', () => {
  const { lines, outage } = notes();
  outage.onLost(new CallerError('lost', 'connection lost: h closed it'), true, 1000);
  outage.onLost(new CallerError('connect', 'cannot connect to h'), true, 2000);
  outage.onConnected(3340, false, 'messages are lost');
  outage.onConnected(9000, false, 'never told');
  expect(lines).toEqual([
    'connection lost (h closed it); retrying',
    'reconnected after 2.3 s',
    'messages are lost',
  ]);
});

it('tells of a first connection that was waited for', () => {
  const { lines, outage } = notes();
  outage.onLost(new CallerError('connect', 'cannot connect to h'), false, 0);
  outage.onConnected(500, true, undefined);
  expect(lines).toEqual(['cannot connect to h; retrying', 'connected after 0.5 s']);
});
