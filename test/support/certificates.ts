import { Buffer } from 'node:buffer';
import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { isIPv4 } from 'node:net';

const DAY_MS = 86_400_000;
/** Object identifiers, as DER has them. */
const OID = {
  ecdsaWithSha256: '2a8648ce3d040302',
  commonName: '550403',
  basicConstraints: '551d13',
  subjectAltName: '551d11',
};

interface CertificateTerms {
  /** Names and addresses that it is for; the common name alone otherwise. */
  readonly names?: readonly string[];
  /** Days from now. */
  readonly from?: number;
  readonly until?: number;
  /** Who signs it; itself otherwise. */
  readonly issuer?: TestCertificate;
  readonly isAuthority?: boolean;
}

/** A certificate and its key, made for one test: none that could come due is kept in a file. */
export interface TestCertificate {
  readonly name: string;
  /** In PEM form, as `keyPem`. */
  readonly pem: string;
  readonly keyPem: string;
  readonly key: KeyObject;
  /** The key, encrypted with this passphrase. */
  encryptedKey(passphrase: string): string;
}

/** Makes a certificate for P-256, good for a day before and after now unless told otherwise. */
export function makeCertificate(name: string, terms: CertificateTerms = {}): TestCertificate {
  const { from = -1, isAuthority = false, issuer, names = [], until = 1 } = terms;
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const algorithm = sequence(oid(OID.ecdsaWithSha256));
  const extensions = [
    ...(isAuthority
      ? [extension(OID.basicConstraints, sequence(tagged(0x01, Buffer.of(0xff))))]
      : []),
    ...(names.length > 0 ? [extension(OID.subjectAltName, sequence(...names.map(altName)))] : []),
  ];
  const body = sequence(
    tagged(0xa0, tagged(0x02, Buffer.of(2))),
    tagged(0x02, Buffer.concat([Buffer.of(1), randomBytes(8)])),
    algorithm,
    nameOf(issuer?.name ?? name),
    sequence(time(from), time(until)),
    nameOf(name),
    publicKey.export({ type: 'spki', format: 'der' }),
    ...(extensions.length > 0 ? [tagged(0xa3, sequence(...extensions))] : []),
  );
  const signature = sign('sha256', body, issuer?.key ?? privateKey);
  const der = sequence(body, algorithm, tagged(0x03, Buffer.concat([Buffer.of(0), signature])));
  const base64 = der
    .toString('base64')
    .match(/.{1,64}/g)
    ?.join('\n');
  return {
    name,
    pem: `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`,
    keyPem: String(privateKey.export({ type: 'pkcs8', format: 'pem' })),
    key: privateKey,
    encryptedKey: (passphrase) =>
      String(
        privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase }),
      ),
  };
}

function tagged(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const bytes = length.toString(16);
  const long = Buffer.from(bytes.padStart(bytes.length + (bytes.length % 2), '0'), 'hex');
  const head = length < 0x80 ? Buffer.of(tag, length) : Buffer.of(tag, 0x80 + long.length, ...long);
  return Buffer.concat([head, content]);
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return tagged(0x30, Buffer.concat(parts));
}

function oid(hex: string): Buffer {
  return tagged(0x06, Buffer.from(hex, 'hex'));
}

function nameOf(text: string): Buffer {
  const name = sequence(oid(OID.commonName), tagged(0x0c, Buffer.from(text)));
  return sequence(tagged(0x31, name));
}

function time(days: number): Buffer {
  const text = new Date(Date.now() + days * DAY_MS).toISOString();
  return tagged(0x18, Buffer.from(`${text.replace(/[-:T]|\..*$/g, '')}Z`));
}

function extension(id: string, content: Buffer): Buffer {
  return sequence(oid(id), tagged(0x04, content));
}

function altName(text: string): Buffer {
  if (isIPv4(text)) return tagged(0x87, Buffer.from(text.split('.').map(Number)));
  return tagged(0x82, Buffer.from(text));
}
