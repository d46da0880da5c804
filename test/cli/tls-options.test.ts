import { Buffer } from 'node:buffer';
import { describe, expect, it, vi } from 'vitest';
import { parseOptions } from '../../src/cli/options.ts';
import { TLS_OPTIONS, tlsTerms, wantsTls } from '../../src/cli/tls-options.ts';
import { makeCertificate } from '../support/certificates.ts';
import { RecordedPlatform } from '../support/recorded-platform.ts';

const CA = makeCertificate('Test CA', { isAuthority: true });
const OWN = makeCertificate('press-7', { issuer: CA });
const files = {
  'ca.pem': CA.pem,
  'c.pem': OWN.pem,
  'k.pem': OWN.keyPem,
  'locked.pem': OWN.encryptedKey('se cret'),
  secret: 'se cret\r\nand more',
  'ca/a.crt': CA.pem,
  'ca/notes.txt': 'none',
  'empty/notes.txt': 'none',
  'bad/a.pem': 'none',
};

const optionsOf = (words: readonly string[]) => parseOptions(TLS_OPTIONS, words).options;
const terms = (...words: readonly string[]) =>
  tlsTerms(optionsOf(words), new RecordedPlatform({ files }));
const fault = (kind: string, message: string) =>
  expect.objectContaining({ kind, message: expect.stringContaining(message) });

describe('TLS is meant', () => {
  it.each([
    ['--cafile', 'f'],
    ['--capath', 'd'],
    ['--tls-use-os-certs'],
    ['--cert', 'f'],
    ['--key', 'f'],
    ['--pkcs12', 'f'],
    ['--tls-version', 'tlsv1.3'],
    ['--tls-alpn', 'mqtt'],
    ['--psk', '00'],
    ['--psk-identity', 'me'],
    ['--tls-keylog', 'f'],
    ['--tls'],
  ])('by %s', (...words) => {
    expect(wantsTls(optionsOf(words), false)).toBe(true);
    expect(wantsTls(optionsOf([...words, '--no-tls']), true)).toBe(false);
  });

  it('by scheme and port', () => {
    expect(wantsTls(optionsOf([]), true)).toBe(true);
    expect(wantsTls(optionsOf([]), false)).toBe(false);
  });

  it.each([
    ['--ciphers', 'HIGH'],
    ['--ask-key-password'],
    ['--insecure'],
    ['--key-password-file', 'f'],
    ['--servername', 'h'],
  ])('where %s is to mean something', (...words) => {
    expect(() => wantsTls(optionsOf(words), false)).toThrow(fault('usage', words[0] ?? ''));
    expect(wantsTls(optionsOf(words), true)).toBe(true);
    expect(wantsTls(optionsOf([...words, '--no-tls']), false)).toBe(false);
  });
});

it('believes this machine, and asks for the host, unless told otherwise', async () => {
  expect(await terms()).toEqual({
    context: expect.anything(),
    serverName: undefined,
    isInsecure: false,
    alpnProtocols: [],
    preSharedKey: undefined,
    keyLogPath: undefined,
  });
});

it('takes what it is told', async () => {
  const words = '--servername h --insecure --tls-alpn a --tls-alpn b --tls-keylog f'.split(' ');
  expect(await terms(...words)).toMatchObject({
    serverName: 'h',
    isInsecure: true,
    alpnProtocols: ['a', 'b'],
    keyLogPath: 'f',
  });
  const key = Buffer.from('00ff', 'hex');
  expect(await terms('--psk', '00fF', '--psk-identity', 'me')).toMatchObject({
    preSharedKey: { key, identity: 'me' },
  });
});

it.each([
  ['--cafile ca.pem'],
  ['--capath ca'],
  ['--cafile ca.pem --capath ca --tls-use-os-certs'],
  ['--cert c.pem --key k.pem --keyform pem'],
  ['--cert c.pem --key locked.pem --key-password-file secret'],
])('reads files: %s', async (words) => {
  await expect(terms(...words.split(' '))).resolves.toBeDefined();
});

it.each([
  ['where it is asked for', false, ['--ask-key-password']],
  ['where it is needed, and somebody is there', true, []],
])('asks for the passphrase of a key %s', async (_, isTerminal, more) => {
  const platform = new RecordedPlatform({ files, isTerminal });
  const asked = vi.spyOn(platform, 'askSecret').mockResolvedValue('se cret');
  const words = ['--cert', 'c.pem', '--key', 'locked.pem', ...more];
  await expect(tlsTerms(optionsOf(words), platform)).resolves.toBeDefined();
  expect(asked).toHaveBeenCalledOnce();
});

describe('refuses', () => {
  it.each([
    ['--cafile none', 'file', 'cannot read none'],
    ['--capath none', 'file', 'cannot read none'],
    ['--capath empty', 'tls', 'no certificates in empty'],
    ['--capath bad', 'tls', 'bad/a.pem holds no certificate'],
    ['--cafile k.pem', 'tls', 'k.pem holds no certificate'],
    ['--cert c.pem --key locked.pem', 'tls', 'locked.pem needs a passphrase'],
    ['--cert ca.pem --key k.pem', 'tls', 'is not that of ca.pem'],
    ['--pkcs12 c.pem', 'tls', 'c.pem is no PKCS #12 file'],
    ['--cert c.pem', 'usage', '--cert needs --key'],
    ['--key k.pem', 'usage', '--key needs --cert'],
    ['--psk 00', 'usage', '--psk needs --psk-identity'],
    ['--psk-identity me', 'usage', '--psk-identity needs --psk'],
    ['--pkcs12 p --cert c --key k', 'usage', '--pkcs12 and --cert exclude'],
    ['--psk 00 --psk-identity me --cafile ca.pem', 'usage', '--psk and certificates exclude'],
  ])('%s', async (words, kind, message) => {
    await expect(terms(...words.split(' '))).rejects.toThrow(fault(kind, message));
  });

  it.each([
    ['--servername', ''],
    ['--ciphers', 'a b'],
    ['--tls-alpn', 'x'.repeat(256)],
    ['--tls-version', 'tlsv1.1'],
    ['--keyform', 'der'],
    ['--psk', '0x00'],
  ])('%s %j', (...words) => {
    expect(() => optionsOf(words)).toThrow(fault('usage', words[0]));
  });

  it.each([
    ['--tls-engine', 'pkcs11'],
    ['--tls-engine-kpass-sha1', '00'],
    ['--keyform', 'engine'],
  ])('keys in engines: %s', (...words) => {
    expect(() => optionsOf(words)).toThrow(
      expect.objectContaining({ remedy: expect.stringContaining('--pkcs12') }),
    );
  });

  it('a key in wrong hex without showing it', () => {
    expect(() => optionsOf(['--psk', 'secret'])).toThrow(fault('usage', '--psk is no key in hex'));
  });
});
