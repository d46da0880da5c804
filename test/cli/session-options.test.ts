import { describe, expect, it } from 'vitest';
import { CLIENT_OPTIONS, clientTarget } from '../../src/cli/client-options.ts';
import { parseOptions } from '../../src/cli/options.ts';
import { PropertyBag } from '../../src/cli/property-bag.ts';
import {
  addSessionProperties,
  SESSION_OPTIONS,
  withSession,
} from '../../src/cli/session-options.ts';
import { RecordedPlatform } from '../support/recorded-platform.ts';

async function session(...words: readonly string[]) {
  const { options } = parseOptions({ ...CLIENT_OPTIONS, ...SESSION_OPTIONS }, words);
  const bag = new PropertyBag();
  addSessionProperties(options, bag);
  const target = withSession(
    await clientTarget(options, 'x', new RecordedPlatform()),
    options,
    bag,
  );
  const { isCleanStart, properties } = target.connect;
  return { isCleanStart, expiry: properties.sessionExpiryInterval };
}

it('ends with the connection, unless it is asked to last', async () => {
  expect(await session()).toEqual({ isCleanStart: true, expiry: undefined });
  expect(await session('-x', '60')).toEqual({ isCleanStart: true, expiry: 60 });
});

it('lasts for ever with -c, or for as long as -x says', async () => {
  expect(await session('-c', '-i', 'me')).toEqual({ isCleanStart: false, expiry: 0xffff_ffff });
  expect(await session('-c', '-i', 'me', '-x', '5')).toEqual({ isCleanStart: false, expiry: 5 });
  expect(await session('-c', '-i', 'me', '-x', '0')).toEqual({
    isCleanStart: false,
    expiry: 0,
  });
});

it.each(['-1', '4294967295', '∞'])('is kept for ever by -x %s', async (text) => {
  expect((await session('-i', 'me', '-x', text)).expiry).toBe(0xffff_ffff);
});

describe('usage', () => {
  it.each([
    [['-c'], '-c needs a client id'],
    [['-c', '-i', ''], '-c needs a client id'],
    [['-x', '-1'], '-x -1 needs a client id'],
    [['-i', 'me', '-x', '4294967296'], '--session-expiry'],
    [['-i', 'me', '-x', '1h'], '--session-expiry'],
  ])('refuses %j', async (words, text) => {
    await expect(session(...words)).rejects.toThrow(
      expect.objectContaining({ kind: 'usage', message: expect.stringContaining(text) }),
    );
  });
});
