import { expect, it } from 'vitest';
import { renderHostPort } from '../../src/net/host-port.ts';

it.each([
  ['localhost', 'localhost:1883'],
  ['192.0.2.7', '192.0.2.7:1883'],
  ['::1', '[::1]:1883'],
  ['::ffff:192.0.2.7', '192.0.2.7:1883'],
  ['::ffff:1', '[::ffff:1]:1883'],
])('writes %s with a port as %s', (host, text) => {
  expect(renderHostPort(host, 1883)).toBe(text);
});
