import { CallerError } from '../base/caller-error.ts';

type Scheme = 'mqtt' | 'mqtts' | 'ws' | 'wss' | 'unix';

/** What a URL says of a broker, and of what to do there. */
export interface BrokerUrl {
  readonly scheme: Scheme;
  /** Without brackets; empty for a unix socket. */
  readonly host: string;
  /** The one that is given, or the scheme's own; 0 for a unix socket. */
  readonly port: number;
  readonly userName: string | undefined;
  readonly password: string | undefined;
  readonly topic: string | undefined;
  /** Of the WebSocket, with its query, or of the unix socket. */
  readonly path: string | undefined;
}

const SCHEMES: ReadonlyMap<string, Scheme> = new Map([
  ['mqtt', 'mqtt'],
  ['tcp', 'mqtt'],
  ['mqtts', 'mqtts'],
  ['ssl', 'mqtts'],
  ['tls', 'mqtts'],
  ['ws', 'ws'],
  ['wss', 'wss'],
  ['mqtt+unix', 'unix'],
]);

const PORTS: Readonly<Record<Scheme, number>> = {
  mqtt: 1883,
  mqtts: 8883,
  ws: 80,
  wss: 443,
  unix: 0,
};

const FORM = 'write mqtt://USER:PASSWORD@HOST:PORT/TOPIC, or mqtts, ws, wss, mqtt+unix:///PATH';

/**
 * Reads the URL of a broker. `#` and `?` are parts of a topic: this is not what browsers read.
 *
 * @throws CallerError usage, which shows no password.
 */
export function parseBrokerUrl(text: string, option: string): BrokerUrl {
  const [, name = '', rest = ''] = /^([a-z][a-z0-9+]*):\/\/(.*)$/is.exec(text) ?? [];
  const scheme = SCHEMES.get(name.toLowerCase());
  if (scheme === undefined) {
    const what = name === '' ? 'is no URL' : `has an unknown scheme: ${name}`;
    throw unusable(option, text, what, FORM);
  }
  if (/\s/.test(rest.split('/')[0] ?? '')) throw unusable(option, text, 'has a blank in it', FORM);
  return scheme === 'unix' ? unixUrl(rest, text, option) : hostUrl(scheme, rest, text, option);
}

/** The URL as it may be shown to anybody. */
export function maskUrl(text: string): string {
  return text.replace(/^([^:]*:\/\/[^:@/]*):.*@/s, '$1:***@');
}

function unixUrl(rest: string, text: string, option: string): BrokerUrl {
  const [, path = '', topic] = /^(\/[^?]*)(?:\?topic=(.*))?$/s.exec(rest) ?? [];
  if (path === '' || path === '/') {
    throw unusable(option, text, 'names no socket', 'write mqtt+unix:///run/mqtt.sock');
  }
  const none = { userName: undefined, password: undefined };
  return {
    scheme: 'unix',
    host: '',
    port: 0,
    ...none,
    topic: topic === undefined || topic === '' ? undefined : decode(topic),
    path: decode(path),
  };
}

function hostUrl(
  scheme: Exclude<Scheme, 'unix'>,
  rest: string,
  text: string,
  option: string,
): BrokerUrl {
  const slash = rest.indexOf('/');
  const authority = slash < 0 ? rest : rest.slice(0, slash);
  const behind = slash < 0 ? '' : rest.slice(slash + 1);
  const place = parsePlace(authority, PORTS[scheme]);
  if (place === undefined) throw badPlace(text, behind, option);
  const isWeb = scheme === 'ws' || scheme === 'wss';
  return {
    scheme,
    ...place,
    topic: isWeb || behind === '' ? undefined : decode(behind),
    path: isWeb && slash >= 0 ? `/${behind}` : undefined,
  };
}

/** Who and where, as between `//` and `/`; undefined if that cannot be read. */
export function parsePlace(
  text: string,
  usualPort: number,
): Pick<BrokerUrl, 'host' | 'port' | 'userName' | 'password'> | undefined {
  const at = text.lastIndexOf('@');
  const [userName, password] = at < 0 ? [] : credentials(text.slice(0, at));
  const form = /^(?:\[([\da-f:.]+(?:%[^\]]+)?)\]|([^[\]:@\s]+))(?::(\d+))?$/i;
  const [, address, host = address, digits = String(usualPort)] =
    form.exec(text.slice(at + 1)) ?? [];
  const port = Number(digits);
  if (host === undefined || port < 1 || port > 65_535) return undefined;
  return { host, port, userName, password };
}

function badPlace(text: string, behind: string, option: string): CallerError {
  const isSlashInPassword = behind.includes('@');
  const remedy = isSlashInPassword ? 'write a "/" in user name or password as %2F' : FORM;
  return unusable(option, text, 'has no host and port that can be read', remedy);
}

function credentials(text: string): readonly [string, string | undefined] {
  const colon = text.indexOf(':');
  if (colon < 0) return [decode(text), undefined];
  return [decode(text.slice(0, colon)), decode(text.slice(colon + 1))];
}

/** Percent-decoded, once; a `%` that begins no two hex digits stays. */
function decode(text: string): string {
  return text.replace(/(?:%[\da-f]{2})+/gi, (escapes) => {
    try {
      return decodeURIComponent(escapes);
    } catch (error) {
      if (error instanceof URIError) return escapes;
      throw error;
    }
  });
}

function unusable(option: string, text: string, what: string, remedy: string): CallerError {
  return new CallerError('usage', `${option} ${JSON.stringify(maskUrl(text))} ${what}`, { remedy });
}
