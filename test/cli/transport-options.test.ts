import { describe, expect, it } from 'vitest';
import { parseOptions } from '../../src/cli/options.ts';
import { TRANSPORT_OPTIONS, transportFrom } from '../../src/cli/transport-options.ts';
import { RecordedPlatform } from '../support/recorded-platform.ts';

async function transport(...words: readonly string[]) {
  const { options } = parseOptions(TRANSPORT_OPTIONS, words);
  return await transportFrom(options, false, new RecordedPlatform());
}

const usage = (message: string) =>
  expect.objectContaining({ kind: 'usage', message: expect.stringContaining(message) });

it('goes to this machine, with half a minute for it', async () => {
  expect(await transport()).toEqual({
    server: 'localhost:1883',
    dial: {
      address: { host: 'localhost', port: 1883 },
      isService: false,
      timeoutMs: 30_000,
      localAddress: undefined,
      isDelayed: false,
      proxy: undefined,
      tls: undefined,
      webSocket: undefined,
    },
    named: { userName: undefined, password: undefined, topic: undefined },
    warnings: [],
  });
});

it('takes what it is told', async () => {
  const words = '-h ::1 -p 1884 -A ::2 --no-nodelay --connect-timeout 1.5'.split(' ');
  expect(await transport(...words)).toMatchObject({
    server: '[::1]:1884',
    dial: {
      address: { host: '::1', port: 1884 },
      timeoutMs: 1500,
      localAddress: '::2',
      isDelayed: true,
    },
  });
});

it('takes it from a URL, which options beat', async () => {
  expect(await transport('-L', 'mqtt://ann:pw@h:1884/a/b', '-p', '1885')).toMatchObject({
    server: 'h:1885',
    named: { userName: 'ann', password: 'pw', topic: 'a/b' },
  });
});

it.each([[['--unix', '/run/mqtt.sock']], [['-L', 'mqtt+unix:///run/mqtt.sock']]])(
  'goes to a unix socket: %j',
  async (words) => {
    expect(await transport(...words)).toMatchObject({
      server: '/run/mqtt.sock',
      dial: { address: { path: '/run/mqtt.sock' }, tls: undefined },
    });
  },
);

it('asks DNS for the servers of a domain', async () => {
  expect(await transport('-S', '-h', 'plant.example')).toMatchObject({
    dial: { address: { host: 'plant.example' }, isService: true },
  });
});

describe('WebSocket', () => {
  it.each([
    [['--ws'], 'localhost:1883', '/mqtt', false],
    [['--ws', '--tls'], 'localhost:8883', '/mqtt', true],
    [['--ws-path', '/x?y=z'], 'localhost:1883', '/x?y=z', false],
    [['-L', 'ws://h'], 'h:80', '/mqtt', false],
    [['-L', 'wss://h/'], 'h:443', '/', true],
    [['-L', 'ws://h/a', '--ws-path', '/b'], 'h:80', '/b', false],
  ])('%j', async (words, server, path, isTls) => {
    const found = await transport(...words);
    expect(found.server).toBe(server);
    expect(found.dial.webSocket).toEqual({ path, subprotocol: 'mqtt', headers: [] });
    expect(found.dial.tls !== undefined).toBe(isTls);
  });

  it('has headers, and another subprotocol for 3.1', async () => {
    const words = ['--ws-header', 'Authorization: Bearer x', '--ws-header', 'X-A:'];
    const { options } = parseOptions(TRANSPORT_OPTIONS, words);
    const { dial } = await transportFrom(options, true, new RecordedPlatform());
    expect(dial.webSocket).toEqual({
      path: '/mqtt',
      subprotocol: 'mqttv3.1',
      headers: [
        ['Authorization', 'Bearer x'],
        ['X-A', ''],
      ],
    });
  });
});

describe('TLS', () => {
  it.each([
    [['--tls'], 8883, true],
    [['-p', '8883'], 8883, true],
    [['-p', '8883', '--no-tls'], 8883, false],
    [['--tls', '-p', '1884'], 1884, true],
    [['-L', 'mqtts://h'], 8883, true],
    [['-L', 'mqtts://h', '--no-tls'], 8883, false],
    [['-L', 'mqtt://h:8883'], 8883, false],
    [['-L', 'mqtt://h', '--tls-alpn', 'mqtt'], 1883, true],
    [['--unix', '/s', '--tls'], undefined, true],
  ])('%j', async (words, port, isTls) => {
    const { dial } = await transport(...words);
    expect('port' in dial.address ? dial.address.port : undefined).toBe(port);
    expect(dial.tls !== undefined).toBe(isTls);
  });

  it('warns where nobody looks at the certificate', async () => {
    const { warnings } = await transport('--tls', '--insecure');
    expect(warnings).toEqual([expect.stringContaining('--insecure')]);
  });
});

describe('a proxy', () => {
  it.each([
    ['socks5h://h', { host: 'h', port: 1080, resolves: 'there', userName: undefined }],
    ['socks5://u:p%40@[::1]:9/', { host: '::1', port: 9, resolves: 'here', password: 'p@' }],
  ])('%s', async (url, proxy) => {
    expect((await transport('--proxy', url)).dial.proxy).toMatchObject(proxy);
  });

  it.each(['http://h', 'socks5://', 'socks5://h:x', `socks5://${'u'.repeat(256)}@h`])(
    'cannot be %s',
    (url) => {
      expect(() => parseOptions(TRANSPORT_OPTIONS, ['--proxy', url])).toThrow(usage('--proxy'));
    },
  );

  it('whose URL cannot be used is told of without its password', () => {
    const parsed = () => parseOptions(TRANSPORT_OPTIONS, ['--proxy', 'http://u:secret@h']);
    expect(parsed).toThrow(usage('http://u:***@h'));
  });
});

describe('refuses', () => {
  it.each([
    ['--unix', ''],
    ['--connect-timeout', '0'],
    ['--port', '0'],
    ['--url', 'h:1883'],
    ['--ws-path', 'mqtt'],
    ['--ws-path', '/a#b'],
    ['--ws-path', '/a b'],
    ['--ws-header', 'no header'],
    ['--ws-header', 'A: b\r\nC: d'],
  ])('%s %j', (option, value) => {
    expect(() => parseOptions(TRANSPORT_OPTIONS, [option, value])).toThrow(usage(option));
  });

  it.each([
    ['--unix', '/s', '--host', 'h'],
    ['--unix', '/s', '--port', '1'],
    ['--url', 'mqtt+unix:///s', '--proxy', 'socks5://h'],
    ['--unix', '/s', '--srv'],
    ['--srv', '--port', '1'],
    ['--srv', '--url', 'mqtt://h'],
  ])('two ways at once: %s %s %s', async (...words) => {
    await expect(transport(...words)).rejects.toThrow(usage('exclude each other'));
  });
});
