import { expect, it } from 'vitest';
import { isReservedTopic } from '../../src/broker/reserved-topic.ts';

it.each([
  '$SYS',
  '$SYS/broker/uptime',
  '$CONTROL/x',
  '$share/g/t',
  '$SYS/broker/connection//state',
  '$SYS/broker/connection/a/b/state',
  '$SYS/broker/connection/state',
])('keeps %s for the broker', (topic) => {
  expect(isReservedTopic(topic)).toBe(true);
});

it.each(['a', 'SYS/a', '$foo/bar', '$SYSx', '$shared/a', '$SYS/broker/connection/b1/state'])(
  'leaves %s to clients',
  (topic) => {
    expect(isReservedTopic(topic)).toBe(false);
  },
);
