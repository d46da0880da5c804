import type { Buffer } from 'node:buffer';

const CLIENT_HELLO = 1;
const SERVER_HELLO = 2;
/** Record header, then handshake header, then version and random. */
const SESSION_ID_AT = 5 + 4 + 2 + 32;
const EXTENSION_SERVER_NAME = 0;
const EXTENSION_VERSIONS = 43;
const VERSIONS: Readonly<Record<number, string | undefined>> = {
  768: 'SSL 3.0',
  769: 'TLS 1.0',
  770: 'TLS 1.1',
  771: 'TLS 1.2',
  772: 'TLS 1.3',
};

/** The server's name, as a client asks for it in its first record; undefined if it tells none. */
export function serverNameOf(record: Buffer): string | undefined {
  if (record[0] !== 0x16 || record[5] !== CLIENT_HELLO) return undefined;
  const suitesAt = SESSION_ID_AT + 1 + (record[SESSION_ID_AT] ?? 0);
  const methodsAt = suitesAt + 2 + u16(record, suitesAt);
  const start = methodsAt + 1 + (record[methodsAt] ?? 0) + 2;
  const extension = extensionAt(record, start, EXTENSION_SERVER_NAME);
  if (extension === undefined || extension[2] !== 0) return undefined;
  const name = extension.toString('latin1', 5, 5 + u16(extension, 3));
  return /^[\w.-]{1,253}$/.test(name) ? name : undefined;
}

/** The version that a server chose in its first record; undefined if it cannot be told. */
export function tlsVersionOf(record: Buffer): string | undefined {
  if (record[0] !== 0x16 || record[5] !== SERVER_HELLO) return undefined;
  const start = SESSION_ID_AT + 1 + (record[SESSION_ID_AT] ?? 0) + 3 + 2;
  const extension = extensionAt(record, start, EXTENSION_VERSIONS);
  return VERSIONS[extension === undefined ? u16(record, 9) : u16(extension, 0)];
}

function extensionAt(record: Buffer, start: number, type: number): Buffer | undefined {
  let at = start;
  while (at + 4 <= record.length) {
    const end = at + 4 + u16(record, at + 2);
    if (u16(record, at) === type) return record.subarray(at + 4, end);
    at = end;
  }
  return undefined;
}

function u16(bytes: Buffer, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}
