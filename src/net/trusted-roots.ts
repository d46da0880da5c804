import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { rootCertificates } from 'node:tls';

/** Where systems keep the roots that they trust, all in one file. */
const SYSTEM_FILES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
];

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The roots that this machine trusts, in PEM form: those that OpenSSL's own variables name, else
 * those of the system, else Node's; in any case those of NODE_EXTRA_CA_CERTS, too. Files that are
 * not there or cannot be read count as empty, as OpenSSL has it.
 */
export function trustedRoots(
  env: Environment = process.env,
  systemFiles: readonly string[] = SYSTEM_FILES,
): readonly string[] {
  const { NODE_EXTRA_CA_CERTS, SSL_CERT_DIR, SSL_CERT_FILE } = env;
  const extra = NODE_EXTRA_CA_CERTS === undefined ? [] : [NODE_EXTRA_CA_CERTS];
  const named = [
    ...(SSL_CERT_FILE === undefined ? [] : [SSL_CERT_FILE]),
    ...(SSL_CERT_DIR?.split(':').flatMap(filesIn) ?? []),
  ];
  const system = systemFiles.filter((path) => existsSync(path)).slice(0, 1);
  const roots = (named.length > 0 ? named : system).flatMap(readPem);
  return [...(roots.length > 0 ? roots : rootCertificates), ...extra.flatMap(readPem)];
}

function filesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).map((name) => join(folder, name));
  } catch {
    return [];
  }
}

function readPem(path: string): readonly string[] {
  try {
    const text = readFileSync(path, 'latin1');
    return text.includes('-----BEGIN') ? [text] : [];
  } catch {
    return [];
  }
}
