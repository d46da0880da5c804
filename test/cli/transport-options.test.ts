import { describe, expect, it } from 'vitest';
import { parseOptions } from '../../src/cli/options.ts';
import { TRANSPORT_OPTIONS, transportFrom } from '../../src/cli/transport-options.ts';

function transport(...words: readonly string[]) {
  return transportFrom(parseOptions(TRANSPORT_OPTIONS, words).options);
}

it('goes to this machine, with half a minute for it', () => {
  expect(transport()).toEqual({
    server: 'localhost:1883',
    dial: {
      address: { host: 'localhost', port: 1883 },
      timeoutMs: 30_000,
      localAddress: undefined,
      isDelayed: false,
    },
  });
});

it('takes what it is told', () => {
  const words = '-h ::1 -p 1884 -A ::2 --no-nodelay --connect-timeout 1.5'.split(' ');
  expect(transport(...words)).toEqual({
    server: '[::1]:1884',
    dial: {
      address: { host: '::1', port: 1884 },
      timeoutMs: 1500,
      localAddress: '::2',
      isDelayed: true,
    },
  });
});

it('goes to a unix socket', () => {
  expect(transport('--unix', '/run/mqtt.sock')).toMatchObject({
    server: '/run/mqtt.sock',
    dial: { address: { path: '/run/mqtt.sock' } },
  });
});

describe('refuses', () => {
  it.each([
    ['--unix', ''],
    ['--connect-timeout', '0'],
    ['--port', '0'],
  ])('%s %j', (option, value) => {
    expect(() => transport(option, value)).toThrow(
      expect.objectContaining({ kind: 'usage', message: expect.stringContaining(option) }),
    );
  });
});
