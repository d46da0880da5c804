import { describe, expect, it } from 'vitest';
import { maskUrl, parseBrokerUrl } from '../../src/cli/broker-url.ts';

const parse = (text: string) => parseBrokerUrl(text, '--url');
const NOTHING = { userName: undefined, password: undefined, topic: undefined, path: undefined };

it.each([
  ['mqtt', 'mqtt', 1883],
  ['tcp', 'mqtt', 1883],
  ['mqtts', 'mqtts', 8883],
  ['ssl', 'mqtts', 8883],
  ['TLS', 'mqtts', 8883],
  ['ws', 'ws', 80],
  ['wss', 'wss', 443],
])('knows the scheme %s', (name, scheme, port) => {
  expect(parse(`${name}://h`)).toEqual({ ...NOTHING, scheme, host: 'h', port });
});

it('takes host, port, credentials and topic', () => {
  expect(parse('mqtt://ann:p%40ss:w@[::1]:1884/a%20b/%zz/#?x')).toEqual({
    scheme: 'mqtt',
    host: '::1',
    port: 1884,
    userName: 'ann',
    password: 'p@ss:w',
    topic: 'a b/%zz/#?x',
    path: undefined,
  });
});

it.each([
  ['mqtt://ann@h', { userName: 'ann', password: undefined }],
  ['mqtt://ann:@h', { userName: 'ann', password: '' }],
  ['mqtt://:pw@h', { userName: '', password: 'pw' }],
  ['mqtt://a@b:c@h', { userName: 'a@b', password: 'c' }],
  ['mqtt://a%3Ab:%C3%A9-%ff@h', { userName: 'a:b', password: 'é-%ff' }],
])('tells user and password apart: %s', (text, parts) => {
  expect(parse(text)).toMatchObject({ host: 'h', ...parts });
});

it.each([
  ['mqtt://h/', undefined],
  ['mqtt://h//', '/'],
  ['mqtt://h/$share/g/t', '$share/g/t'],
])('finds the topic: %s', (text, topic) => {
  expect(parse(text).topic).toBe(topic);
});

it.each([
  ['ws://h', undefined],
  ['ws://h/', '/'],
  ['wss://h:1/mqtt?a=b', '/mqtt?a=b'],
])('finds the path of a WebSocket: %s', (text, path) => {
  expect(parse(text)).toMatchObject({ path, topic: undefined });
});

it('takes a unix socket, and a topic beside it', () => {
  const unix = { ...NOTHING, scheme: 'unix', host: '', port: 0 };
  expect(parse('mqtt+unix:///run/a%20b.sock')).toEqual({ ...unix, path: '/run/a b.sock' });
  const both = parse('mqtt+unix:///run/m.sock?topic=a/%23');
  expect(both).toEqual({ ...unix, path: '/run/m.sock', topic: 'a/#' });
});

describe('refuses', () => {
  it.each([
    ['h:1883', 'is no URL'],
    ['http://h', 'unknown scheme: http'],
    ['mqtt://', 'no host and port'],
    ['mqtt://h:0', 'no host and port'],
    ['mqtt://h:65536', 'no host and port'],
    ['mqtt://h:x', 'no host and port'],
    ['mqtt://::1', 'no host and port'],
    ['mqtt://a b', 'blank'],
    ['mqtt+unix://x', 'names no socket'],
  ])('%s', (text, why) => {
    expect(() => parse(text)).toThrow(
      expect.objectContaining({ kind: 'usage', message: expect.stringContaining(why) }),
    );
  });

  it('a slash in a password, and says how to write it, but not what it was', () => {
    const refused = () => parse('mqtt://ann:se/cret@h');
    expect(refused).toThrow(
      expect.objectContaining({
        message: '--url "mqtt://ann:***@h" has no host and port that can be read',
        remedy: expect.stringContaining('%2F'),
      }),
    );
  });
});

it('shows no password', () => {
  expect(maskUrl('mqtt://ann:secret@h/a')).toBe('mqtt://ann:***@h/a');
  expect(maskUrl('mqtt://ann@h/a')).toBe('mqtt://ann@h/a');
});
