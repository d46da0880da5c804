import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { CLIENT_OPTIONS, clientTarget, topicsOr } from '../../src/cli/client-options.ts';
import { parseOptions } from '../../src/cli/options.ts';
import { RecordedPlatform } from '../support/recorded-platform.ts';

async function target(...words: readonly string[]) {
  const { options } = parseOptions(CLIENT_OPTIONS, words);
  return await clientTarget(options, 'mqttkpub', new RecordedPlatform());
}

it('goes to this machine, as anybody, in 5.0 or else in 3.1.1', async () => {
  expect(await target()).toEqual({
    server: 'localhost:1883',
    dial: expect.objectContaining({ address: { host: 'localhost', port: 1883 } }),
    levels: [5, 4],
    timeoutMs: undefined,
    connect: {
      isCleanStart: true,
      keepAliveSeconds: 60,
      clientId: expect.stringMatching(/^mqttkpub[0-9a-z]{8}$/),
      will: undefined,
      userName: undefined,
      password: undefined,
      properties: {},
    },
  });
});

it('has an id of its own, short enough for MQTT 3.1 [V31-7]', async () => {
  expect((await target()).connect.clientId.length).toBeLessThanOrEqual(23);
  const platform = new RecordedPlatform();
  const { options } = parseOptions(CLIENT_OPTIONS, []);
  const targets = await Promise.all([1, 2].map(() => clientTarget(options, 'x', platform)));
  const ids = targets.map(({ connect }) => connect.clientId);
  expect(ids[0]).not.toBe(ids[1]);
});

it('takes what it is told', async () => {
  const words = '-h ::1 -p 1884 -i me -u ann -P secret -k 0 -W 0.5'.split(' ');
  expect(await target(...words)).toMatchObject({
    dial: { address: { host: '::1', port: 1884 } },
    server: '[::1]:1884',
    timeoutMs: 500,
    connect: {
      keepAliveSeconds: 0,
      clientId: 'me',
      userName: 'ann',
      password: Buffer.from('secret'),
    },
  });
});

it('takes user and password of a URL, which options beat', async () => {
  const { connect } = await target('-L', 'mqtt://ann:pw@h');
  expect(connect).toMatchObject({ userName: 'ann', password: Buffer.from('pw') });
  expect((await target('-L', 'mqtt://ann:pw@h', '-u', 'bob')).connect.userName).toBe('bob');
});

it('warns where nobody looks at the certificate, unless it is to be quiet', async () => {
  for (const quiet of [[], ['--quiet']]) {
    const platform = new RecordedPlatform();
    const { options } = parseOptions(CLIENT_OPTIONS, ['--tls', '--insecure', ...quiet]);
    await clientTarget(options, 'x', platform);
    expect(platform.err.includes('warning: --insecure')).toBe(quiet.length === 0);
  }
});

it('speaks WebSocket under the name of MQTT 3.1 where that is asked for', async () => {
  const { dial } = await target('--ws', '-V', '31');
  expect(dial.webSocket?.subprotocol).toBe('mqttv3.1');
  expect((await target('--ws', '-V', '311')).dial.webSocket?.subprotocol).toBe('mqtt');
});

it('takes the topic of a URL where no other is given', () => {
  const parse = (text: string) => text.toUpperCase();
  expect(topicsOr([], 'a', parse)).toEqual(['A']);
  expect(topicsOr(['b'], 'a', parse)).toEqual(['b']);
  expect(topicsOr([], undefined, parse)).toEqual([]);
});

it.each([
  ['5', 5],
  ['311', 4],
  ['31', 3],
  ['mqttv5', 5],
  ['mqttv311', 4],
  ['mqttv31', 3],
])('-V %s means that version, and no other', async (version, level) => {
  expect((await target('-V', version)).levels).toEqual([level]);
});

describe('a password without a user name', () => {
  it('is for 5.0 alone: there is nothing to fall back to [311:3.1.2-22]', async () => {
    expect((await target('-P', 'x')).levels).toEqual([5]);
    expect((await target('-P', 'x', '-u', 'y')).levels).toEqual([5, 4]);
    expect((await target('-P', 'x', '-V', '5')).levels).toEqual([5]);
  });

  it.each(['311', '31'])('is wrong usage with -V %s', async (version) => {
    await expect(target('-P', 'x', '-V', version)).rejects.toThrow(
      expect.objectContaining({ kind: 'usage' }),
    );
  });
});

it('asks the broker for an id, which 3.1 cannot [V31-8]', async () => {
  expect((await target('-i', '')).connect.clientId).toBe('');
  await expect(target('-i', '', '-V', '31')).rejects.toThrow(
    expect.objectContaining({ kind: 'usage' }),
  );
});

it.each([
  [['-p', '0'], '--port'],
  [['-p', '65536'], '--port'],
  [['-k', '65536'], '--keepalive'],
  [['-V', '4'], '--protocol-version'],
  [['-i', 'x'.repeat(65_536)], '--id'],
  [['-u', 'half \ud800'], '--username'],
  [['-W', 'soon'], '--timeout'],
])('refuses what cannot be: %j', async (words, option) => {
  await expect(target(...words)).rejects.toThrow(
    expect.objectContaining({ kind: 'usage', message: expect.stringContaining(option) }),
  );
});
