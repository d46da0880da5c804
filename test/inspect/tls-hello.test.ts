import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { serverNameOf, tlsVersionOf } from '../../src/inspect/tls-hello.ts';
import { CLIENT_HELLO, SERVER_HELLO_12, SERVER_HELLO_13 } from '../support/tls-records.ts';

it('reads the name that a client asks for, and the version that the server chose', () => {
  expect(serverNameOf(CLIENT_HELLO)).toBe('broker.lan');
  expect(tlsVersionOf(SERVER_HELLO_12)).toBe('TLS 1.2');
  expect(tlsVersionOf(SERVER_HELLO_13)).toBe('TLS 1.3');
  expect(serverNameOf(SERVER_HELLO_12)).toBeUndefined();
  expect(tlsVersionOf(CLIENT_HELLO)).toBeUndefined();
});

it('reads no name that a terminal might act on', () => {
  const hello = Buffer.from(CLIENT_HELLO);
  hello.set([0x1b], hello.indexOf('broker.lan'));
  expect(serverNameOf(hello)).toBeUndefined();
});

it('throws at no bytes', () => {
  const records = [CLIENT_HELLO, SERVER_HELLO_12, SERVER_HELLO_13];
  fc.assert(
    fc.property(fc.nat(2), fc.nat(300), fc.nat(300), fc.nat(255), (which, end, at, byte) => {
      const record = Buffer.from((records[which] ?? CLIENT_HELLO).subarray(0, end));
      if (at < record.length) record[at] = byte;
      for (const read of [serverNameOf, tlsVersionOf]) {
        expect(['string', 'undefined']).toContain(typeof read(record));
      }
    }),
    { numRuns: 2000 },
  );
});
