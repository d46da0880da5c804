import type { PeerCertificate } from 'node:tls';
import { CallerError } from '../base/caller-error.ts';
import { systemErrorCode } from './system-error.ts';

/** What is known of a certificate that is not believed. */
interface CertificateFault {
  /** OpenSSL's name for it, or Node's. */
  readonly code: string;
  /** How a person calls the server: `localhost:8883`. */
  readonly server: string;
  /** The name or address that the certificate should have been for. */
  readonly wanted: string;
  /** From the server's own certificate on. */
  readonly chain: readonly PeerCertificate[];
}

/** Which certificate is not believed, why, and until when it was good. */
export function certificateError(fault: CertificateFault): CallerError {
  const { chain, code, server, wanted } = fault;
  const explain = (what: string, why: string, remedy: string) =>
    new CallerError('tls', `TLS: certificate ${what}`, { why, remedy });
  const [own] = chain;
  switch (code) {
    case 'ERR_TLS_CERT_ALTNAME_INVALID': {
      const names = `is for ${namesOf(own).map(quote).join(', ')}, not ${quote(wanted)}`;
      return explain(names, 'name check failed', 'connect to that name, or set --servername');
    }
    case 'CERT_HAS_EXPIRED': {
      const expired = chain.find((each) => Date.parse(each.valid_to) < Date.now()) ?? own;
      const why = `that of ${nameOf(expired)} was valid until ${renderDate(expired?.valid_to)}`;
      return explain(`of ${server} has expired`, why, 'have it renewed, or check this clock');
    }
    case 'CERT_NOT_YET_VALID': {
      const early = chain.find((each) => Date.parse(each.valid_from) > Date.now()) ?? own;
      const why = `that of ${nameOf(early)} is valid from ${renderDate(early?.valid_from)} on`;
      return explain(`of ${server} is not valid yet`, why, 'check the clock of this machine');
    }
    case 'CERT_REVOKED':
      return explain(`of ${server} is revoked`, 'its authority says so', 'have a new one made');
    case 'DEPTH_ZERO_SELF_SIGNED_CERT': {
      const why = `it is signed by itself (${nameOf(own)}), by nobody that is trusted here`;
      return explain(`of ${server} is not trusted`, why, 'give the certificate with --cafile');
    }
    default: {
      const last = chain.at(-1);
      const issuer = last?.issuer?.CN ?? last?.issuer?.O ?? 'without a name';
      const why = `issuer ${quote(issuer)} is unknown here`;
      const isKnown = UNTRUSTED.includes(code);
      return explain(
        `of ${server} is not trusted`,
        isKnown ? why : `OpenSSL says ${code}`,
        'give its CA with --cafile',
      );
    }
  }
}

const UNTRUSTED = [
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
];

interface Explanation {
  readonly what: string;
  readonly why: string;
  readonly remedy: string;
}

const OWN_CERTIFICATE = 'check --cert and --key: the broker has to know who signed it';
/** What the other side says when it ends a handshake, by OpenSSL's name for its alert. */
const ALERTS: Readonly<Record<string, Explanation>> = {
  TLSV13_ALERT_CERTIFICATE_REQUIRED: {
    what: 'asks for a client certificate',
    why: 'it lets nobody in without one',
    remedy: 'give one with --cert and --key',
  },
  SSLV3_ALERT_HANDSHAKE_FAILURE: {
    what: 'refuses the handshake',
    why: 'no cipher in common, or it asks for a client certificate',
    remedy: 'give --cert and --key; or look at --ciphers and its log',
  },
  TLSV1_ALERT_PROTOCOL_VERSION: {
    what: 'speaks no version of TLS that is accepted here',
    why: 'the versions that both know have none in common',
    remedy: 'look at --tls-version, and at the versions that the broker allows',
  },
  TLSV1_ALERT_UNKNOWN_CA: {
    what: 'does not trust our certificate',
    why: 'its issuer is unknown there',
    remedy: OWN_CERTIFICATE,
  },
  SSLV3_ALERT_CERTIFICATE_EXPIRED: {
    what: 'does not accept our certificate',
    why: 'it has expired',
    remedy: 'have it renewed: "openssl x509 -enddate -noout -in" shows until when it was valid',
  },
  SSLV3_ALERT_CERTIFICATE_REVOKED: {
    what: 'does not accept our certificate',
    why: 'it was revoked',
    remedy: 'have a new one made',
  },
  SSLV3_ALERT_BAD_CERTIFICATE: {
    what: 'does not accept our certificate',
    why: 'it finds something wrong with it',
    remedy: OWN_CERTIFICATE,
  },
  SSLV3_ALERT_CERTIFICATE_UNKNOWN: {
    what: 'does not accept our certificate',
    why: 'it does not say why',
    remedy: OWN_CERTIFICATE,
  },
  TLSV1_ALERT_ACCESS_DENIED: {
    what: 'denies access',
    why: 'by our certificate it knows who we are',
    remedy: 'use another certificate',
  },
  TLSV1_UNRECOGNIZED_NAME: {
    what: 'knows no server of that name',
    why: 'it chooses its certificate by the name that is asked for',
    remedy: 'set --servername to a name that it serves',
  },
  TLSV1_ALERT_NO_APPLICATION_PROTOCOL: {
    what: 'takes none of the ALPN protocols offered',
    why: 'it serves others on that port',
    remedy: 'look at --tls-alpn: often "mqtt"',
  },
  TLSV1_ALERT_UNKNOWN_PSK_IDENTITY: {
    what: 'does not know our pre-shared key',
    why: 'it has no such identity',
    remedy: 'check --psk-identity',
  },
  TLSV1_ALERT_DECRYPT_ERROR: {
    what: 'could not verify what we sent',
    why: 'most often keys that differ',
    remedy: 'check --psk, or --cert and --key',
  },
};

/** OpenSSL's other names for what the tables above explain. */
const ALIASES: Readonly<Record<string, string>> = {
  TLSV1_ALERT_CERTIFICATE_REQUIRED: 'TLSV13_ALERT_CERTIFICATE_REQUIRED',
  TLSV1_ALERT_CERTIFICATE_REVOKED: 'SSLV3_ALERT_CERTIFICATE_REVOKED',
  TLSV1_ALERT_UNRECOGNIZED_NAME: 'TLSV1_UNRECOGNIZED_NAME',
  UNSUPPORTED_PROTOCOL: 'TLSV1_ALERT_PROTOCOL_VERSION',
  UNKNOWN_PSK_IDENTITY: 'TLSV1_ALERT_UNKNOWN_PSK_IDENTITY',
};

/** OpenSSL's names for bytes that are no TLS. */
const NO_TLS = [
  'WRONG_VERSION_NUMBER',
  'HTTP_REQUEST',
  'UNKNOWN_PROTOCOL',
  'PACKET_LENGTH_TOO_LONG',
];

/**
 * Explains why a handshake, or what came after it, failed: an alert of the other side, mostly.
 *
 * @param hasAnswered whether a single byte has come.
 */
export function handshakeError(error: unknown, server: string, hasAnswered: boolean): CallerError {
  const code = systemErrorCode(error) ?? '';
  const name = code.replace(/^ERR_SSL_/, '');
  const alert = ALERTS[ALIASES[name] ?? name];
  if (alert !== undefined) {
    const { remedy, what, why } = alert;
    return new CallerError('tls', `TLS: ${server} ${what}`, { why, remedy, cause: error });
  }
  const isClosed = code === 'ECONNRESET' || code === 'EPIPE';
  if (isClosed || NO_TLS.includes(name)) {
    const did = hasAnswered
      ? 'answered a TLS hello with other bytes'
      : 'closed the connection at a TLS hello';
    return new CallerError('tls', `${server} does not speak TLS`, {
      why: `it ${did}`,
      remedy: 'use mqtt:// or leave TLS options out, or give the TLS port (8883)',
      cause: error,
    });
  }
  const said = name === code ? String(error instanceof Error ? error.message : error) : name;
  const why = said.toLowerCase().replaceAll('_', ' ');
  return new CallerError('tls', `TLS: no handshake with ${server}`, { why, cause: error });
}

/** What goes wrong on a connection after its handshake, where it is an alert of the other side. */
export function laterTlsError(error: Error, server: string): Error {
  const name = (systemErrorCode(error) ?? '').replace(/^ERR_SSL_/, '');
  return (ALIASES[name] ?? name) in ALERTS ? handshakeError(error, server, true) : error;
}

/** Explains a list of ciphers that OpenSSL does not take. */
export function ciphersError(ciphers: string, cause: unknown): CallerError {
  return new CallerError('tls', `no cipher is known by ${JSON.stringify(ciphers)}`, {
    remedy: '"openssl ciphers -v" lists their names',
    cause,
  });
}

/** Explains a PKCS #12 file that cannot be opened. */
export function pkcs12Error(path: string, hasPassphrase: boolean, cause: unknown): CallerError {
  const isLocked = cause instanceof Error && /mac verify/.test(cause.message);
  if (!isLocked) {
    return new CallerError('tls', `${path} is no PKCS #12 file`, {
      why: cause instanceof Error ? cause.message : undefined,
      remedy: 'give a .p12 or .pfx file; --cert and --key take PEM files',
      cause,
    });
  }
  const what = hasPassphrase ? `wrong passphrase for ${path}` : `${path} needs a passphrase`;
  const remedy = 'give a file that holds it with --key-password-file';
  return new CallerError('tls', what, { remedy, cause });
}

/** All names that a certificate is for. */
function namesOf(certificate: PeerCertificate | undefined): readonly string[] {
  const names = certificate?.subjectaltname
    ?.split(', ')
    .map((name) => name.replace(/^\w+( \w+)?:/, ''));
  return names ?? [certificate?.subject?.CN ?? 'nobody'].flat();
}

function nameOf(certificate: PeerCertificate | undefined): string {
  return quote(certificate?.subject?.CN ?? certificate?.subject?.O ?? 'nobody');
}

/** A part of a name that stands more than once comes as a list. */
function quote(text: string | readonly string[]): string {
  return JSON.stringify(Array.isArray(text) ? text.join(', ') : text);
}

/** As in `2026-11-24`; the time of the day matters to nobody. */
function renderDate(text: string | undefined): string {
  const date = new Date(text ?? '');
  return Number.isNaN(date.getTime()) ? String(text) : date.toISOString().slice(0, 10);
}
