import { Buffer } from 'node:buffer';
import { CallerError } from '../base/caller-error.ts';
import type { KeyPair, NamedFile } from '../net/key-pair.ts';
import type { TlsTerms, TlsVersion } from '../net/tls-dialer.ts';
import type { OptionsOf, OptionTable } from './option-table.ts';
import { parseHexBytes, unusableValue } from './option-values.ts';
import type { Platform } from './platform.ts';

const GROUP = 'TLS';
const VERSIONS: Readonly<Record<string, TlsVersion>> = {
  'tlsv1.2': 'TLSv1.2',
  'tlsv1.3': 'TLSv1.3',
};

/** How a client speaks TLS, and whom it believes. */
export const TLS_OPTIONS = {
  tls: {
    type: 'boolean',
    describe: 'speak TLS; --no-tls does not, in spite of the rest',
    group: GROUP,
  },
  cafile: {
    type: 'string',
    value: 'FILE',
    describe: 'trust the authorities in this file (PEM)',
    group: GROUP,
  },
  capath: {
    type: 'string',
    value: 'DIR',
    describe: 'trust those in its files *.crt and *.pem',
    group: GROUP,
  },
  'tls-use-os-certs': {
    type: 'boolean',
    describe: 'trust those that this machine trusts, as without --cafile and --capath',
    group: GROUP,
  },
  cert: {
    type: 'string',
    value: 'FILE',
    describe: 'our certificate, and its chain (PEM)',
    group: GROUP,
  },
  key: { type: 'string', value: 'FILE', describe: 'its key (PEM)', group: GROUP },
  keyform: { type: 'string', value: 'FORM', coerce: parseKeyForm, describe: 'pem', group: GROUP },
  pkcs12: {
    type: 'string',
    value: 'FILE',
    describe: 'certificate, chain and key in one file, instead of the two',
    group: GROUP,
  },
  'key-password-file': {
    type: 'string',
    value: 'FILE',
    describe: 'its first line is the passphrase of --key or --pkcs12',
    group: GROUP,
  },
  'ask-key-password': {
    type: 'boolean',
    describe: 'ask for that passphrase on the terminal, unseen',
    group: GROUP,
  },
  servername: {
    type: 'string',
    value: 'NAME',
    coerce: parseName,
    defaultDescription: 'the host',
    describe: 'the name to ask for, and that the certificate has to bear',
    group: GROUP,
  },
  insecure: {
    type: 'boolean',
    describe: 'believe any certificate: anybody on the way can read and change what is said',
    group: GROUP,
  },
  'tls-version': {
    type: 'string',
    value: 'VERSION',
    choices: Object.keys(VERSIONS),
    defaultDescription: 'tlsv1.2',
    describe: 'the lowest version that is spoken',
    group: GROUP,
  },
  ciphers: {
    type: 'string',
    value: 'LIST',
    coerce: parseName,
    describe: 'ciphers by their names in OpenSSL; those of TLS 1.3 begin TLS_',
    group: GROUP,
  },
  'tls-alpn': {
    type: 'string',
    value: 'NAME',
    array: true,
    coerce: parseAlpn,
    describe: 'application protocol to offer; may be repeated',
    group: GROUP,
  },
  psk: {
    type: 'string',
    value: 'HEX',
    coerce: parseKey,
    describe: 'pre-shared key, instead of certificates',
    group: GROUP,
  },
  'psk-identity': {
    type: 'string',
    value: 'NAME',
    coerce: parseName,
    describe: 'the name of that key',
    group: GROUP,
  },
  'tls-keylog': {
    type: 'string',
    value: 'FILE',
    describe: 'append the secrets of the connection, with which Wireshark decrypts it',
    group: GROUP,
  },
  'tls-engine': { type: 'string', value: 'NAME', coerce: refuseEngine, describe: '', hidden: true },
  'tls-engine-kpass-sha1': {
    type: 'string',
    value: 'HASH',
    coerce: refuseEngine,
    describe: '',
    hidden: true,
  },
} as const satisfies OptionTable;

export type TlsOptions = OptionsOf<typeof TLS_OPTIONS>;

/** Options each of which says that TLS is meant. */
const IMPLYING = [
  'cafile',
  'capath',
  'tlsUseOsCerts',
  'cert',
  'key',
  'pkcs12',
  'tlsVersion',
  'psk',
  'pskIdentity',
  'tlsKeylog',
] as const;

/** Options that TLS alone gives a meaning, but that do not ask for it. */
const ATTENDING = {
  '--ciphers': 'ciphers',
  '--insecure': 'insecure',
  '--ask-key-password': 'askKeyPassword',
  '--key-password-file': 'keyPasswordFile',
  '--servername': 'servername',
} as const;

/**
 * Whether TLS is spoken, if the scheme and the port alone would say `isUsual`.
 *
 * @throws CallerError usage for options that would mean nothing.
 */
export function wantsTls(options: TlsOptions, isUsual: boolean): boolean {
  if (options.tls !== undefined) return options.tls;
  const isImplied = IMPLYING.some((name) => options[name] !== undefined);
  if (isUsual || isImplied || options.tlsAlpn.length > 0) return true;
  const idle = Object.entries(ATTENDING).find(([, name]) => options[name] !== undefined);
  if (idle === undefined) return false;
  const remedy = 'add --tls, or use mqtts://';
  throw new CallerError('usage', `${idle[0]} means nothing without TLS`, { remedy });
}

/** Reads the files that the options name. Rejects with a `CallerError` for what is wrong there. */
export async function tlsTerms(options: TlsOptions, platform: Platform): Promise<TlsTerms> {
  requireSense(options);
  const { pkcs12, psk, pskIdentity, tlsVersion = 'tlsv1.2' } = options;
  const { clientContext } = await import('../net/tls-dialer.ts');
  const file = pkcs12 === undefined ? undefined : await readNamed(pkcs12, platform);
  const keyPair = await readKeyPair(options, platform);
  const passphrase = await givenPassphrase(options, keyPair, platform);
  const context = clientContext({
    authorities: await readAuthorities(options, platform),
    trustsSystem: options.tlsUseOsCerts === true,
    keyPair: keyPair && { ...keyPair, passphrase },
    pkcs12: file && { file, passphrase },
    ciphers: options.ciphers ?? (psk === undefined ? undefined : 'PSK'),
    minVersion: VERSIONS[tlsVersion] ?? 'TLSv1.2',
  });
  return {
    context,
    serverName: options.servername,
    isInsecure: options.insecure === true,
    alpnProtocols: options.tlsAlpn,
    preSharedKey:
      psk && pskIdentity !== undefined ? { key: psk, identity: pskIdentity } : undefined,
    keyLogPath: options.tlsKeylog,
  };
}

function requireSense({ cafile, capath, cert, key, pkcs12, psk, pskIdentity }: TlsOptions): void {
  const refuse = (what: string, remedy: string) => new CallerError('usage', what, { remedy });
  if ((cert === undefined) !== (key === undefined)) {
    const [given, missing] = cert === undefined ? ['--key', '--cert'] : ['--cert', '--key'];
    throw refuse(`${given} needs ${missing}`, `name the file with ${missing}`);
  }
  if ((psk === undefined) !== (pskIdentity === undefined)) {
    const [given, missing] =
      psk === undefined ? ['--psk-identity', '--psk'] : ['--psk', '--psk-identity'];
    throw refuse(`${given} needs ${missing}`, `add ${missing}`);
  }
  if (pkcs12 !== undefined && cert !== undefined) {
    throw refuse('--pkcs12 and --cert exclude each other', 'leave one of them out');
  }
  const isCertain = [cafile, capath, cert, pkcs12].some((each) => each !== undefined);
  if (psk !== undefined && isCertain) {
    throw refuse('--psk and certificates exclude each other', 'leave one of them out');
  }
}

async function readAuthorities(
  { cafile, capath }: TlsOptions,
  platform: Platform,
): Promise<readonly NamedFile[] | undefined> {
  if (cafile === undefined && capath === undefined) return undefined;
  const names = capath === undefined ? [] : await platform.list(capath);
  const inFolder = names.filter((name) => /\.(?:crt|pem)$/.test(name));
  if (capath !== undefined && inFolder.length === 0) {
    throw new CallerError('tls', `no certificates in ${capath}`, {
      why: 'there is no file *.crt or *.pem in it',
      remedy: 'name another folder, or a file with --cafile',
    });
  }
  const paths = inFolder.map((name) => `${capath}/${name}`);
  if (cafile !== undefined) paths.unshift(cafile);
  return await Promise.all(paths.map((path) => readNamed(path, platform)));
}

async function readKeyPair(
  { cert, key }: TlsOptions,
  platform: Platform,
): Promise<KeyPair | undefined> {
  if (cert === undefined || key === undefined) return undefined;
  const certificate = await readNamed(cert, platform);
  return { certificate, key: await readNamed(key, platform) };
}

/** From the file that is named, else from the person, if one is there and it is needed. */
async function givenPassphrase(
  { askKeyPassword, keyPasswordFile }: TlsOptions,
  keyPair: KeyPair | undefined,
  platform: Platform,
): Promise<string | undefined> {
  if (keyPasswordFile !== undefined) {
    const text = String(await platform.read(keyPasswordFile));
    return text.split(/\r?\n/, 1)[0];
  }
  const isNeeded = keyPair?.key.bytes.includes('ENCRYPTED') === true;
  const isAsked = askKeyPassword === true || (isNeeded && platform.isTerminal.stdin);
  return isAsked ? await platform.askSecret('Passphrase of the key: ') : undefined;
}

async function readNamed(path: string, platform: Platform): Promise<NamedFile> {
  return { path, bytes: await platform.read(path) };
}

function parseName(text: string, option: string): string {
  if (text !== '' && !/[\s\0]/.test(text)) return text;
  throw unusableValue(option, text, 'give it without blanks');
}

function parseAlpn(text: string, option: string): string {
  const bytes = Buffer.byteLength(text);
  if (bytes > 0 && bytes < 256) return text;
  throw unusableValue(option, text, 'give a name of 1 to 255 bytes: mqtt');
}

function parseKey(text: string, option: string): Buffer {
  const isPlain = /^(?:[\da-f]{2})+$/i.test(text);
  if (isPlain) return parseHexBytes(text, option);
  // Not shown: it is a secret.
  const remedy = 'write its bytes as pairs of hex digits, without "0x"';
  throw new CallerError('usage', `${option} is no key in hex`, { remedy });
}

function parseKeyForm(text: string, option: string): string {
  if (text === 'pem') return text;
  if (text === 'engine') return refuseEngine(text, option);
  throw unusableValue(option, text, 'give pem');
}

function refuseEngine(_text: string, option: string): never {
  throw new CallerError('usage', `${option}: keys in engines are not supported`, {
    why: 'Node has no engines of OpenSSL any more',
    remedy: 'export certificate and key, and give them with --pkcs12',
  });
}
