import type { Buffer } from 'node:buffer';
import { appendFileSync } from 'node:fs';
import { isIP, type Socket } from 'node:net';
import {
  connect,
  createSecureContext,
  type PeerCertificate,
  type SecureContext,
  type TLSSocket,
} from 'node:tls';
import type { CallerError } from '../base/caller-error.ts';
import { checkKeyPair, type KeyPair, type NamedFile, readCertificates } from './key-pair.ts';
import { certificateError, ciphersError, handshakeError, pkcs12Error } from './tls-errors.ts';
import { trustedRoots } from './trusted-roots.ts';

export type TlsVersion = 'TLSv1.2' | 'TLSv1.3';

/** How a client asks for TLS, and whom it believes. */
export interface TlsTerms {
  /** Made once by `clientContext`, for any number of connections. */
  readonly context: SecureContext;
  /** The name that is asked for, and that the certificate has to bear; undefined: the host. */
  readonly serverName?: string | undefined;
  /** The certificate is not looked at. */
  readonly isInsecure: boolean;
  readonly alpnProtocols: readonly string[];
  readonly preSharedKey?: { readonly identity: string; readonly key: Buffer } | undefined;
  /** Where the secrets of each connection are appended, for Wireshark. */
  readonly keyLogPath?: string | undefined;
}

/** What a context is made of. */
export interface ContextTerms {
  /** Whom to trust; undefined: whom this machine trusts. */
  readonly authorities?: readonly NamedFile[] | undefined;
  /** Whether to trust those, too, whom this machine trusts. */
  readonly trustsSystem?: boolean;
  readonly keyPair?: KeyPair | undefined;
  /** Certificate, key and chain in one file; instead of `keyPair`. */
  readonly pkcs12?:
    | { readonly file: NamedFile; readonly passphrase: string | undefined }
    | undefined;
  readonly ciphers?: string | undefined;
  readonly minVersion: TlsVersion;
}

/** @throws CallerError tls for what cannot be read, or does not belong together. */
export function clientContext(terms: ContextTerms): SecureContext {
  const { authorities, ciphers, keyPair, minVersion, pkcs12, trustsSystem } = terms;
  for (const file of authorities ?? []) readCertificates(file);
  if (keyPair !== undefined) checkKeyPair(keyPair);
  if (pkcs12 !== undefined) checkPkcs12(pkcs12.file, pkcs12.passphrase);
  const roots = authorities === undefined || trustsSystem === true ? trustedRoots() : [];
  const ca = [...(authorities?.map(({ bytes }) => bytes) ?? []), ...roots];
  const own = keyPair && {
    cert: keyPair.certificate.bytes,
    key: keyPair.key.bytes,
    passphrase: keyPair.passphrase,
  };
  const packed = pkcs12 && { pfx: pkcs12.file.bytes, passphrase: pkcs12.passphrase };
  try {
    return createSecureContext({ ca, minVersion, ciphers, ...own, ...packed });
  } catch (error) {
    // All that was in files has been looked at before.
    if (ciphers !== undefined) throw ciphersError(ciphers, error);
    throw error;
  }
}

function checkPkcs12(file: NamedFile, passphrase: string | undefined): void {
  try {
    createSecureContext({ pfx: file.bytes, passphrase });
  } catch (error) {
    throw pkcs12Error(file.path, passphrase !== undefined, error);
  }
}

/**
 * Turns a connection to `host` into one by TLS, once it is certain who answers. Rejects with a
 * `CallerError` of kind tls, or with the reason of `signal`; the socket is destroyed then.
 *
 * @param server how a person calls it: `localhost:8883`.
 */
export function openTls(
  socket: Socket,
  to: { readonly host: string; readonly server: string },
  terms: TlsTerms,
  signal: AbortSignal,
): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const wanted = terms.serverName ?? to.host;
    const tls = connect({ socket, host: wanted, ...connectionOptions(wanted, terms) });
    const { keyLogPath } = terms;
    if (keyLogPath !== undefined)
      tls.on('keylog', (line: Buffer) => appendSecret(keyLogPath, line));
    const fail = (reason: unknown) => {
      signal.removeEventListener('abort', onAbort);
      tls.destroy();
      socket.destroy();
      reject(reason);
    };
    const onAbort = () => fail(signal.reason);
    const onError = (error: Error) => fail(handshakeError(error, to.server, socket.bytesRead > 0));
    signal.addEventListener('abort', onAbort);
    tls.on('error', onError);
    tls.once('secureConnect', () => {
      const fault = terms.isInsecure ? undefined : findFault(tls, to.server, wanted);
      if (fault !== undefined) {
        fail(fault);
        return;
      }
      signal.removeEventListener('abort', onAbort);
      resolve(tls);
      queueMicrotask(() => tls.off('error', onError));
    });
  });
}

function connectionOptions(wanted: string, terms: TlsTerms) {
  const { alpnProtocols, context, preSharedKey } = terms;
  return {
    secureContext: context,
    // Looked at below, where the certificate is still at hand to be told about.
    rejectUnauthorized: false,
    // An address is no name that could be asked for (RFC 6066).
    ...(isIP(wanted) === 0 ? { servername: wanted } : {}),
    ...(alpnProtocols.length > 0 ? { ALPNProtocols: [...alpnProtocols] } : {}),
    ...(preSharedKey === undefined ? {} : pskOptions(preSharedKey)),
  };
}

/** Who has the key is who is asked for: there is no certificate. */
function pskOptions({ identity, key }: NonNullable<TlsTerms['preSharedKey']>) {
  return {
    pskCallback: () => ({ identity, psk: key }),
    checkServerIdentity: () => undefined,
  };
}

/** What is wrong with the certificate of the other side; undefined for nothing. */
function findFault(tls: TLSSocket, server: string, wanted: string): CallerError | undefined {
  if (tls.authorized) return undefined;
  // By its type an error, in fact its code.
  const code = String(tls.authorizationError);
  return certificateError({ code, server, wanted, chain: chainOf(tls.getPeerCertificate(true)) });
}

/** From the server's own certificate to the last one that it has shown. */
function chainOf(certificate: PeerCertificate & { issuerCertificate?: PeerCertificate }) {
  const chain: PeerCertificate[] = [];
  let next: typeof certificate | undefined = certificate;
  while (next?.raw !== undefined && !chain.includes(next)) {
    chain.push(next);
    next = next.issuerCertificate;
  }
  return chain;
}

/** Nobody else may read it: who has it reads all that was said. */
function appendSecret(path: string, line: Buffer): void {
  appendFileSync(path, line, { mode: 0o600 });
}
