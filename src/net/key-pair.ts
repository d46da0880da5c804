import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { CallerError } from '../base/caller-error.ts';
import { systemErrorCode } from './system-error.ts';

/** A file as the person named it, and what is in it. */
export interface NamedFile {
  readonly path: string;
  readonly bytes: Buffer;
}

/** Who one end of a connection is: its certificate, with those that vouch for it, and the key. */
export interface KeyPair {
  readonly certificate: NamedFile;
  readonly key: NamedFile;
  readonly passphrase?: string | undefined;
}

const PEM_BLOCK = /-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----[^-]*-----END [^-]*-----/g;

/**
 * The certificates of a PEM file, in their order.
 *
 * @throws CallerError tls if there are none, or one cannot be read.
 */
export function readCertificates({ bytes, path }: NamedFile): readonly X509Certificate[] {
  const blocks = bytes.toString('latin1').match(PEM_BLOCK) ?? [];
  if (blocks.length === 0) {
    throw new CallerError('tls', `${path} holds no certificate`, {
      why: 'there is no "-----BEGIN CERTIFICATE-----" in it',
      remedy: 'give a file in PEM form; "openssl x509 -inform der" makes one of a .der file',
    });
  }
  return blocks.map((block) => {
    try {
      return new X509Certificate(block);
    } catch (cause) {
      const remedy = 'make the file anew: it is damaged, or was cut';
      throw new CallerError('tls', `${path} holds a certificate that cannot be read`, {
        remedy,
        cause,
      });
    }
  });
}

/**
 * Sees to it that both belong together, and returns the certificate itself.
 *
 * @throws CallerError tls for what cannot be read, and for a key of another certificate.
 */
export function checkKeyPair({ certificate, key, passphrase }: KeyPair): X509Certificate {
  const [own] = readCertificates(certificate);
  const keyObject = readPrivateKey(key, passphrase);
  if (own?.checkPrivateKey(keyObject) === true) return own;
  throw new CallerError('tls', `the key in ${key.path} is not that of ${certificate.path}`, {
    why: `the certificate of ${nameOf(own)} was made for another key`,
    remedy: 'give the two files that were made together, the certificate first in its file',
  });
}

/** What OpenSSL says where an encrypted key meets no passphrase. */
const NO_PASSPHRASE = ['ERR_MISSING_PASSPHRASE', 'ERR_OSSL_CRYPTO_INTERRUPTED_OR_CANCELLED'];

function readPrivateKey({ bytes, path }: NamedFile, passphrase: string | undefined): KeyObject {
  try {
    return createPrivateKey({ key: bytes, format: 'pem', passphrase });
  } catch (cause) {
    const isEncrypted = /ENCRYPTED/.test(bytes.toString('latin1'));
    const explain = (what: string, why: string, remedy: string) =>
      new CallerError('tls', what, { why, remedy, cause });
    if (isEncrypted && NO_PASSPHRASE.includes(systemErrorCode(cause) ?? '')) {
      const remedy = 'name a file that holds the passphrase, or decrypt the key ("openssl pkey")';
      throw explain(`the key in ${path} needs a passphrase`, 'it is encrypted', remedy);
    }
    if (isEncrypted) {
      const why = 'it does not decrypt the key';
      throw explain(`wrong passphrase for ${path}`, why, 'check the file with the passphrase');
    }
    const why = 'there is no private key in PEM form in it';
    throw explain(
      `${path} holds no private key`,
      why,
      'give the file that begins -----BEGIN … KEY',
    );
  }
}

/** What a person calls a certificate: the common name, or else the whole subject. */
export function nameOf(certificate: X509Certificate | undefined): string {
  const subject = certificate?.subject ?? '';
  const name = /^CN=(.*)$/m.exec(subject)?.[1] ?? subject.replaceAll('\n', ', ');
  return JSON.stringify(name);
}
