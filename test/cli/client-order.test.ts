import { describe, expect, it } from 'vitest';
import { clientOrder, ORDER_OPTIONS } from '../../src/cli/client-order.ts';
import { parseOptions } from '../../src/cli/options.ts';
import { RecordedPlatform } from '../support/recorded-platform.ts';

async function order(words: string, platform = new RecordedPlatform()) {
  const { options } = parseOptions(ORDER_OPTIONS, words === '' ? [] : words.split(' '));
  const terms = { prefix: 'mqttkpub', isLong: true };
  const { bag, target } = await clientOrder(options, terms, platform);
  return { bag, platform, target, connect: target.connect };
}

it('speaks 5.0 or 3.1.1, as anybody, where nothing is said', async () => {
  const { target } = await order('');
  expect(target).toMatchObject({ levels: [5, 4], neededBy: undefined });
  expect(target.goodbye).toEqual({ reasonCode: 0, properties: {} });
  expect(target.reconnect).toMatchObject({ reconnects: true });
});

it.each([
  ['-x 60', '-x'],
  ['-D publish content-type t', '-D'],
  ['--will-topic w --will-delay 3', '--will-delay'],
  ['--receive-maximum 3', '--receive-maximum'],
])('speaks 5.0 alone with %s', async (words, neededBy) => {
  expect((await order(words)).target).toMatchObject({ levels: [5], neededBy });
  const old = order(`-V 311 ${words}`);
  await expect(old).rejects.toMatchObject({ kind: 'usage', message: `${neededBy} needs MQTT 5` });
});

it('announces what -D and options of their own ask for', async () => {
  const words =
    '-D connect request-problem-information 0 --topic-alias-maximum 4 --max-packet-size 1k ' +
    '--connect-user-property a=b -x 9';
  expect((await order(words)).connect.properties).toEqual({
    requestProblemInformation: 0,
    sessionExpiryInterval: 9,
    maximumPacketSize: 1000,
    topicAliasMaximum: 4,
    userProperty: [['a', 'b']],
  });
});

it('has a will, and leaves by it where it is told to', async () => {
  const { connect, target } = await order('--will-topic w --will-payload x --will-on-exit');
  expect(connect.will).toMatchObject({ topicName: 'w' });
  expect(target.goodbye?.reasonCode).toBe(4);
});

it('has an id made of a prefix and the process id', async () => {
  expect((await order('-I press-')).connect.clientId).toBe('press-4711');
});

describe('a password', () => {
  it('on the command line is hidden at once, and a person is told of better ways', async () => {
    const platform = new RecordedPlatform({ isTerminal: true });
    const { connect } = await order('-u me -P geheim', platform);
    expect(String(connect.password)).toBe('geheim');
    expect(platform.areWordsHidden).toBe(true);
    expect(platform.err).toContain('--ask-password');
  });

  it('in a file or the environment needs no hiding', async () => {
    const env = { MQTTK_PASSWORD: 'geheim' };
    const platform = new RecordedPlatform({ env, files: { f: 'geheim' }, isTerminal: true });
    await order('-u me --password-file f', platform);
    await order('-u me -P geheim', platform);
    expect(platform.areWordsHidden).toBe(false);
    expect(platform.err).toBe('');
  });
});

describe('usage', () => {
  it.each([
    ['-i a -I b', '-i and -I exclude each other'],
    ['-c', '-c needs a client id'],
    ['-c -I b', '-c needs a client id'],
    ['-x 5 --receive-maximum 3 -D connect receive-maximum 4', 'connect has two values'],
    ['-D disconnect session-expiry-interval 5', 'comes too late'],
    ['-D will content-type t', 'a will without a topic'],
  ])('refuses %s', async (words, text) => {
    await expect(order(words)).rejects.toMatchObject({
      kind: 'usage',
      message: expect.stringContaining(text),
    });
  });
});

it.each([
  ['of the URL before that of the environment', ['-L', 'mqtt://a:url@h', '-P', 'env'], 'url'],
  ['given before that of the URL', ['-L', 'mqtt://a:url@h', '-P', 'given'], 'given'],
])('takes the password %s', async (_, words, password) => {
  const platform = new RecordedPlatform({ env: { MQTTK_PASSWORD: 'env' } });
  const { options } = parseOptions(ORDER_OPTIONS, words);
  const { target } = await clientOrder(options, { prefix: 'x', isLong: false }, platform);
  expect(String(target.connect.password)).toBe(password);
});
