import { expect, it } from 'vitest';
import { isLoopback, requireAnonymousAllowed } from '../../src/cli/broker-access.ts';

it.each(['localhost', '127.0.0.1', '127.8.9.10', '::1'])('lets anybody in on %s', (host) => {
  expect(isLoopback(host)).toBe(true);
  expect(() => requireAnonymousAllowed(host, false)).not.toThrow();
});

it.each(['*', '0.0.0.0', '::', '192.0.2.1', 'example.org', '127.0.0.1.example.org'])(
  'opens %s only where that is said',
  (host) => {
    expect(() => requireAnonymousAllowed(host, false)).toThrow(
      expect.objectContaining({ kind: 'usage' }),
    );
    expect(() => requireAnonymousAllowed(host, true)).not.toThrow();
  },
);
