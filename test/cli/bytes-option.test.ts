import { Buffer } from 'node:buffer';
import { expect, it } from 'vitest';
import { bytesOptions, givenBytes } from '../../src/cli/bytes-option.ts';
import { parseOptions } from '../../src/cli/options.ts';
import { RecordedPlatform } from '../support/recorded-platform.ts';

const TABLE = bytesOptions('tag', { describe: 'a tag', group: 'G' });

function bytes(...words: readonly string[]) {
  const { options } = parseOptions(TABLE, words);
  return givenBytes(options, 'tag', new RecordedPlatform({ files: { f: 'from f\n' } }));
}

it.each([
  [['--tag', '-5'], '-5'],
  [['--tag', ''], ''],
  [['--tag-hex', '0x68:69'], 'hi'],
  [['--tag-base64', 'aGk='], 'hi'],
  [['--tag-file', 'f'], 'from f\n'],
])('takes %j', async (words, text) => {
  expect(await bytes(...words)).toEqual(Buffer.from(text));
});

it('has none where none are given', async () => {
  expect(await bytes()).toBeUndefined();
});

it('takes one form alone', async () => {
  const message = '--tag and --tag-hex exclude each other';
  const given = bytes('--tag', 'x', '--tag-hex', '00');
  await expect(given).rejects.toMatchObject({ kind: 'usage', message });
});

it('names the column of what is no hex', () => {
  expect(() => parseOptions(TABLE, ['--tag-hex', '0g'])).toThrow(/column 2/);
});

it('says which file cannot be read', async () => {
  await expect(bytes('--tag-file', 'none')).rejects.toMatchObject({ kind: 'file' });
});
