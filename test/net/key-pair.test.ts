import { Buffer } from 'node:buffer';
import type { X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { checkKeyPair, nameOf, readCertificates } from '../../src/net/key-pair.ts';
import { makeCertificate } from '../support/certificates.ts';

const OWN = makeCertificate('press-7');
const OTHER = makeCertificate('other');
const file = (path: string, text: string) => ({ path, bytes: Buffer.from(text) });

function check(certificate: string, key: string, passphrase?: string) {
  return checkKeyPair({
    certificate: file('c.pem', certificate),
    key: file('k.pem', key),
    passphrase,
  });
}

const fault = (message: RegExp) =>
  expect.objectContaining({ kind: 'tls', message: expect.stringMatching(message) });

it('takes a certificate and its key', () => {
  expect(nameOf(check(OWN.pem, OWN.keyPem))).toBe('"press-7"');
});

it('takes a chain, of which the first is the own', () => {
  expect(nameOf(check(OWN.pem + OTHER.pem, OWN.keyPem))).toBe('"press-7"');
  expect(readCertificates(file('c.pem', `text\n${OWN.pem}${OTHER.pem}`))).toHaveLength(2);
});

it('calls a certificate by its whole subject if it has no common name', () => {
  const certificate = { subject: 'O=Plant\nOU=Hall 3' } as X509Certificate;
  expect(nameOf(certificate)).toBe('"O=Plant, OU=Hall 3"');
});

describe('refuses', () => {
  it('a key of another certificate', () => {
    expect(() => check(OWN.pem, OTHER.keyPem)).toThrow(fault(/^the key in k.pem is not that of c/));
    expect(() => check(OTHER.pem + OWN.pem, OWN.keyPem)).toThrow(fault(/is not that of c\.pem$/));
  });

  it.each([
    ['no PEM', 'DER, say', /^c\.pem holds no certificate$/],
    ['a key', OWN.keyPem, /^c\.pem holds no certificate$/],
    ['a certificate that is cut', OWN.pem.replace(/\n.{10}/, '\n'), /^c\.pem .* cannot be read$/],
  ])('%s for a certificate', (_, pem, message) => {
    expect(() => check(pem, OWN.keyPem)).toThrow(fault(message));
  });

  it.each([
    ['nothing', ''],
    ['a certificate', OWN.pem],
  ])('%s for a key', (_, pem) => {
    expect(() => check(OWN.pem, pem)).toThrow(fault(/^k\.pem holds no private key$/));
  });

  it('an encrypted key without its passphrase, and with another', () => {
    const locked = OWN.encryptedKey('secret');
    expect(nameOf(check(OWN.pem, locked, 'secret'))).toBe('"press-7"');
    expect(() => check(OWN.pem, locked)).toThrow(fault(/^the key in k\.pem needs a passphrase$/));
    expect(() => check(OWN.pem, locked, 'guess')).toThrow(fault(/^wrong passphrase for k\.pem$/));
  });
});
