import { Buffer } from 'node:buffer';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import {
  type AddressInfo,
  createServer as createTcpServer,
  type Server,
  type Socket,
} from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer, type TLSSocket, type TlsOptions } from 'node:tls';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { CallerError } from '../../src/base/caller-error.ts';
import { dial } from '../../src/net/dialer.ts';
import { type ContextTerms, clientContext, type TlsTerms } from '../../src/net/tls-dialer.ts';
import { makeCertificate, type TestCertificate } from '../support/certificates.ts';
import { RecordedEvents } from '../support/recorded-events.ts';

const CA = makeCertificate('Test CA', { isAuthority: true });
const STRANGER = makeCertificate('Other CA', { isAuthority: true });
const LOCALHOST = makeCertificate('localhost', { names: ['localhost'], issuer: CA });
const folder = mkdtempSync(join(tmpdir(), 'mqttk-tls-'));

const servers: Server[] = [];
const sockets: Socket[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
  for (const socket of sockets.splice(0)) socket.destroy();
});
afterAll(() => rmSync(folder, { recursive: true }));

async function listening(server: Server): Promise<number> {
  servers.push(server.listen(0, '127.0.0.1'));
  server.on('connection', (socket) => sockets.push(socket.on('error', () => {})));
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** Greets whoever comes. */
function serve(certificate: TestCertificate, options: TlsOptions = {}): Promise<number> {
  const { keyPem, pem } = certificate;
  const server = createServer({ key: keyPem, cert: pem, ...options }, (socket: TLSSocket) => {
    socket.on('error', () => {}).end('hello');
  });
  return listening(server);
}

const file = (path: string, pem: string) => ({ path, bytes: Buffer.from(pem) });
const keyPairOf = ({ keyPem, pem }: TestCertificate) => ({
  certificate: file('client.crt', pem),
  key: file('client.key', keyPem),
});

function terms(over: Partial<ContextTerms> = {}, rest: Partial<TlsTerms> = {}): TlsTerms {
  const authorities = [file('ca.pem', CA.pem)];
  const context = clientContext({ authorities, minVersion: 'TLSv1.2', ...over });
  return { context, isInsecure: false, alpnProtocols: [], ...rest };
}

async function greeting(port: number, tls: TlsTerms, host = 'localhost'): Promise<string> {
  const channel = await dial({ address: { host, port }, timeoutMs: 10_000, tls });
  const events = new RecordedEvents();
  channel.listen(events);
  await events.untilClosed();
  if (events.error !== undefined) throw events.error;
  return String(events.bytes);
}

async function refusal(port: number, tls: TlsTerms, host = 'localhost'): Promise<CallerError> {
  const error: unknown = await greeting(port, tls, host).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ kind: 'tls' });
  return error as CallerError;
}

it('speaks with a server whose certificate is good', async () => {
  expect(await greeting(await serve(LOCALHOST), terms())).toBe('hello');
});

it('takes an address that the certificate names', async () => {
  const byAddress = makeCertificate('h', { names: ['127.0.0.1'], issuer: CA });
  expect(await greeting(await serve(byAddress), terms(), '127.0.0.1')).toBe('hello');
});

it('asks for, and accepts, the name that it is told', async () => {
  const asked: string[] = [];
  const port = await serve(makeCertificate('x', { names: ['mqtt.example'], issuer: CA }), {
    SNICallback: (name, done) => {
      asked.push(name);
      done(null);
    },
  });
  expect(await greeting(port, terms({}, { serverName: 'mqtt.example' }))).toBe('hello');
  expect(asked).toEqual(['mqtt.example']);
});

describe('a certificate that is not to be believed', () => {
  it('of an unknown authority is named by its issuer', async () => {
    const port = await serve(makeCertificate('localhost', { issuer: STRANGER }));
    expect(await refusal(port, terms())).toMatchObject({
      message: `TLS: certificate of localhost:${port} is not trusted`,
      why: 'issuer "Other CA" is unknown here',
      remedy: 'give its CA with --cafile',
    });
  });

  it('that signed itself is told so', async () => {
    const port = await serve(makeCertificate('localhost'));
    expect((await refusal(port, terms())).why).toContain('signed by itself ("localhost")');
  });

  it('for another name is told with that name', async () => {
    const other = makeCertificate('x', { names: ['other', 'more.example'], issuer: CA });
    expect(await refusal(await serve(other), terms())).toMatchObject({
      message: 'TLS: certificate is for "other", "more.example", not "localhost"',
      remedy: 'connect to that name, or set --servername',
    });
    const error = await refusal(await serve(LOCALHOST), terms(), '127.0.0.1');
    expect(error.message).toBe('TLS: certificate is for "localhost", not "127.0.0.1"');
  });

  it.each([
    ['has expired', { from: -20, until: -2 }, 'was valid until '],
    ['is not valid yet', { from: 2, until: 20 }, 'is valid from '],
  ])('%s: the day is told', async (what, when, why) => {
    const own = makeCertificate('localhost', { names: ['localhost'], issuer: CA, ...when });
    const port = await serve(own);
    const error = await refusal(port, terms());
    expect(error.message).toBe(`TLS: certificate of localhost:${port} ${what}`);
    const day = new Date(Date.now() + (what === 'has expired' ? -2 : 2) * 86_400_000);
    expect(error.why).toContain(`"localhost" ${why}${day.toISOString().slice(0, 10)}`);
  });

  it('is believed all the same with --insecure', async () => {
    const port = await serve(makeCertificate('x', { until: -0.5 }));
    expect(await greeting(port, terms({}, { isInsecure: true }))).toBe('hello');
  });

  it('gets no byte from us', async () => {
    let received = 0;
    const { keyPem, pem } = makeCertificate('localhost', { issuer: STRANGER });
    const server = createServer({ key: keyPem, cert: pem }, (socket) => {
      socket
        .on('error', () => {})
        .on('data', ({ length }) => {
          received += length;
        });
    });
    await refusal(await listening(server), terms());
    expect(received).toBe(0);
  });
});

describe('a client certificate', () => {
  const mutual = { ca: CA.pem, requestCert: true, rejectUnauthorized: true };

  it('is shown', async () => {
    const port = await serve(LOCALHOST, mutual);
    const keyPair = keyPairOf(makeCertificate('press-7', { issuer: CA }));
    expect(await greeting(port, terms({ keyPair }))).toBe('hello');
  });

  it.each(['TLSv1.2', 'TLSv1.3'] as const)(
    'that is missing is asked for in %s',
    async (version) => {
      const port = await serve(LOCALHOST, { ...mutual, maxVersion: version });
      const error = await refusal(port, terms());
      expect(error.remedy).toContain('--cert');
    },
  );

  it('may have an encrypted key', async () => {
    const port = await serve(LOCALHOST, mutual);
    const client = makeCertificate('press-7', { issuer: CA });
    const key = file('client.key', client.encryptedKey('secret'));
    const keyPair = { certificate: file('client.crt', client.pem), key, passphrase: 'secret' };
    expect(await greeting(port, terms({ keyPair }))).toBe('hello');
  });
});

it('speaks with a key that both know, without certificates', async () => {
  const key = Buffer.from('00112233445566778899aabbccddeeff', 'hex');
  const port = await serve(LOCALHOST, {
    key: undefined,
    cert: undefined,
    ciphers: 'PSK',
    pskCallback: (_, identity) => (identity === 'me' ? key : null),
  } as TlsOptions);
  const preSharedKey = { identity: 'me', key };
  expect(await greeting(port, terms({ ciphers: 'PSK' }, { preSharedKey }))).toBe('hello');
  const stranger = { identity: 'nobody', key };
  await refusal(port, terms({ ciphers: 'PSK' }, { preSharedKey: stranger }));
});

it('speaks no version below the one that is set', async () => {
  const port = await serve(LOCALHOST, { maxVersion: 'TLSv1.2' });
  expect(await greeting(port, terms())).toBe('hello');
  const error = await refusal(port, terms({ minVersion: 'TLSv1.3' }));
  expect(error.remedy).toContain('--tls-version');
});

it('offers application protocols', async () => {
  const port = await serve(LOCALHOST, { ALPNProtocols: ['mqtt'] });
  expect(await greeting(port, terms({}, { alpnProtocols: ['mqtt'] }))).toBe('hello');
  const error = await refusal(port, terms({}, { alpnProtocols: ['x-none'] }));
  expect(error.remedy).toContain('--tls-alpn');
});

it('takes no list of ciphers that means nothing', () => {
  expect(() => terms({ ciphers: 'NO-SUCH' })).toThrow(
    expect.objectContaining({ kind: 'tls', message: 'no cipher is known by "NO-SUCH"' }),
  );
});

it('writes the secrets down, for nobody else to read', async () => {
  const keyLogPath = join(folder, 'keys.log');
  const tls = terms({}, { keyLogPath });
  const port = await serve(LOCALHOST);
  for (let n = 0; n < 2; n += 1) await greeting(port, tls);
  const lines = readFileSync(keyLogPath, 'latin1').trim().split('\n');
  const hellos = lines.filter((line) => line.startsWith('CLIENT_TRAFFIC_SECRET_0 '));
  expect(hellos).toHaveLength(2);
  expect(statSync(keyLogPath).mode & 0o777).toBe(0o600);
});

describe('a server that speaks no TLS', () => {
  it.each<[string, (socket: Socket) => void, string]>([
    ['answers in MQTT', (socket) => socket.end(Buffer.from('20020001', 'hex')), 'answered'],
    ['answers in HTTP', (socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'), 'answered'],
    ['closes', (socket) => socket.end(), 'closed the connection'],
    ['resets', (socket) => socket.resetAndDestroy(), 'closed the connection'],
  ])('is told so when it %s', async (_, answer, why) => {
    const server = createTcpServer((socket) => {
      socket.once('data', () => answer(socket));
    });
    const port = await listening(server);
    const error = await refusal(port, terms());
    expect(error.message).toBe(`localhost:${port} does not speak TLS`);
    expect(error.why).toContain(why);
  });

  it('and says nothing is given up', async () => {
    const port = await listening(createTcpServer(() => {}));
    const address = { host: 'localhost', port };
    await expect(dial({ address, timeoutMs: 200, tls: terms() })).rejects.toMatchObject({
      kind: 'connect',
      message: `no answer from localhost:${port} within 0.2 s`,
      why: 'it takes connections, and stays silent where TLS begins',
    });
  });
});

it('stops in the middle of a handshake when it is told to', async () => {
  const server = createTcpServer((socket) => {
    socket.once('data', () => controller.abort(reason));
  });
  const controller = new AbortController();
  const reason = new Error('no longer wanted');
  const port = await listening(server);
  const target = { address: { host: 'localhost', port }, timeoutMs: 10_000, tls: terms() };
  await expect(dial(target, controller.signal)).rejects.toBe(reason);
});
