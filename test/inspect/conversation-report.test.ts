import { expect, it } from 'vitest';
import { ConversationReport, ShortList } from '../../src/inspect/conversation-report.ts';

it('keeps the first of a list, and counts all', () => {
  const list = new ShortList<number>();
  for (let i = 0; i < 250; i += 1) list.add(i);
  expect([list.items.length, list.items[99], list.count]).toEqual([100, 99, 250]);
});

it('has one row of figures for each title', () => {
  const report = new ConversationReport();
  report.latencyOf('CONNECT').add(3);
  report.latencyOf('CONNECT').add(5);
  expect(report.latencies.get('CONNECT')?.count).toBe(2);
});
