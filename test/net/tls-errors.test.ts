import type { PeerCertificate } from 'node:tls';
import { expect, it } from 'vitest';
import {
  certificateError,
  ciphersError,
  handshakeError,
  laterTlsError,
  pkcs12Error,
} from '../../src/net/tls-errors.ts';

// What OpenSSL does with real certificates is tested with `openTls`.

function sslError(name: string, message = name): Error {
  return Object.assign(new Error(message), { code: `ERR_SSL_${name}` });
}

function faultOf(code: string, certificate: Partial<PeerCertificate> = {}) {
  const chain = [certificate as PeerCertificate];
  return certificateError({ code, server: 'h:1', wanted: 'h', chain });
}

it('names all that a certificate is for, or the common name', () => {
  const code = 'ERR_TLS_CERT_ALTNAME_INVALID';
  const named = faultOf(code, { subjectaltname: 'DNS:a, IP Address:192.0.2.1' });
  expect(named.message).toBe('TLS: certificate is for "a", "192.0.2.1", not "h"');
  const subject = { CN: 'b' } as PeerCertificate['subject'];
  expect(faultOf(code, { subject }).message).toBe('TLS: certificate is for "b", not "h"');
  expect(faultOf(code).message).toBe('TLS: certificate is for "nobody", not "h"');
});

it('says what OpenSSL says where nothing better is known', () => {
  expect(faultOf('INVALID_PURPOSE').why).toBe('OpenSSL says INVALID_PURPOSE');
  expect(faultOf('CERT_REVOKED').message).toBe('TLS: certificate of h:1 is revoked');
});

it.each([
  ['TLSV13_ALERT_CERTIFICATE_REQUIRED', 'asks for a client certificate'],
  ['TLSV1_ALERT_UNKNOWN_CA', 'does not trust our certificate'],
  ['SSLV3_ALERT_CERTIFICATE_EXPIRED', 'does not accept our certificate'],
  ['TLSV1_UNRECOGNIZED_NAME', 'knows no server of that name'],
  ['UNSUPPORTED_PROTOCOL', 'speaks no version of TLS that is accepted here'],
])('explains %s', (name, what) => {
  expect(handshakeError(sslError(name), 'h:1', true)).toMatchObject({
    kind: 'tls',
    message: `TLS: h:1 ${what}`,
    remedy: expect.any(String),
  });
});

it('says what it does not know in the words of OpenSSL', () => {
  const error = handshakeError(sslError('BAD_ECPOINT'), 'h:1', true);
  expect(error).toMatchObject({ message: 'TLS: no handshake with h:1', why: 'bad ecpoint' });
  expect(handshakeError(new Error('Odd'), 'h:1', true).why).toBe('odd');
});

it("tells an alert that comes later from the network's doing", () => {
  expect(laterTlsError(sslError('TLSV1_ALERT_UNKNOWN_CA'), 'h:1')).toMatchObject({ kind: 'tls' });
  const reset = Object.assign(new Error('reset'), { code: 'ECONNRESET' });
  expect(laterTlsError(reset, 'h:1')).toBe(reset);
});

it('explains ciphers and PKCS #12 files', () => {
  expect(ciphersError('X', new Error('no match')).message).toBe('no cipher is known by "X"');
  const locked = new Error('mac verify failure');
  expect(pkcs12Error('f', false, locked).message).toBe('f needs a passphrase');
  expect(pkcs12Error('f', true, locked).message).toBe('wrong passphrase for f');
  expect(pkcs12Error('f', true, new Error('not enough data')).message).toBe(
    'f is no PKCS #12 file',
  );
});
