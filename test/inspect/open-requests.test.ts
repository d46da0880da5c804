import { expect, it } from 'vitest';
import { type OpenRequest, OpenRequests } from '../../src/inspect/open-requests.ts';
import { StateBudget } from '../../src/inspect/state-budget.ts';

function request(packetId: number, kind: OpenRequest['kind'] = 'publish1'): OpenRequest {
  const times = { startMs: undefined, lastMs: undefined, digest: 0, filters: [] };
  return { kind, packetId, numbers: [packetId], ...times, step: 'sent', isEarlier: false };
}

it('knows which ack is due first', () => {
  const requests = new OpenRequests(new StateBudget(10_000));
  for (const id of [1, 2, 3]) requests.add(request(id));
  expect(requests.takeDue('puback', 2)).toBe(false);
  expect(requests.takeDue('puback', 1)).toBe(true);
  expect(requests.takeDue('puback', 3)).toBe(true);
  expect(requests.takeDue('puback', 9)).toBe(true);
});

it('counts what was published on this connection', () => {
  const requests = new OpenRequests(new StateBudget(10_000));
  requests.add(request(1));
  requests.add(request(2, 'subscribe'));
  expect(requests.publishes).toBe(1);
  requests.keepForSession();
  expect(requests.publishes).toBe(0);
  expect([...requests].map(({ isEarlier, packetId }) => [packetId, isEarlier])).toEqual([
    [1, true],
  ]);
  requests.remove(1);
  expect(requests.publishes).toBe(0);
});

it('holds no more than there is room for', () => {
  const budget = new StateBudget(500);
  const requests = new OpenRequests(budget);
  for (const id of [1, 2, 3]) requests.add(request(id));
  expect([...requests]).toHaveLength(2);
  requests.clear();
  requests.add(request(4));
  expect(requests.find(4)).toBeDefined();
});
