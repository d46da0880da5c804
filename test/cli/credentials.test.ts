import { describe, expect, it } from 'vitest';
import { CREDENTIAL_OPTIONS, givenPassword } from '../../src/cli/credentials.ts';
import { parseOptions } from '../../src/cli/options.ts';
import { RecordedPlatform } from '../support/recorded-platform.ts';

const FILES = { unix: 'geheim\nmore', dos: 'geheim\r\n', bare: 'geheim', open: 'geheim' };

async function password(pw: string | undefined, ...words: readonly string[]) {
  const platform = new RecordedPlatform({ files: { ...FILES, long: 'x'.repeat(65_536) } });
  platform.secret = 'typed';
  const { options } = parseOptions(CREDENTIAL_OPTIONS, words);
  return { platform, given: await givenPassword({ ...options, pw }, platform) };
}

it('is what -P says, or none', async () => {
  expect((await password('secret')).given).toBe('secret');
  expect((await password(undefined)).given).toBeUndefined();
});

it.each(['unix', 'dos', 'bare'])('is the first line of a file: %s', async (file) => {
  const { given, platform } = await password(undefined, '--password-file', file);
  expect(given).toBe('geheim');
  expect(platform.err).toBe('');
});

it('warns of a file that others may read', async () => {
  const { platform } = await password(undefined, '--password-file', 'open');
  expect(platform.err).toContain('others may read open');
});

it('is asked for on the terminal', async () => {
  const { given, platform } = await password(undefined, '--ask-password');
  expect(given).toBe('typed');
  expect(platform.err).toBe('Password: \n');
});

describe('usage', () => {
  it('refuses two ways', async () => {
    await expect(password('x', '--password-file', 'unix')).rejects.toMatchObject({
      kind: 'usage',
      message: '-P and --password-file exclude each other',
    });
  });

  it('refuses what is too long for MQTT, and a file that is not there', async () => {
    const long = password(undefined, '--password-file', 'long');
    await expect(long).rejects.toMatchObject({ kind: 'usage' });
    const none = password(undefined, '--password-file', 'none');
    await expect(none).rejects.toMatchObject({ kind: 'file' });
  });
});
