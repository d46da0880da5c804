import { Buffer } from 'node:buffer';
import { expect, it } from 'vitest';
import { CallerError } from '../../src/base/caller-error.ts';
import { decodeSources } from '../../src/cli/decode-input.ts';
import { RecordedPlatform } from '../support/recorded-platform.ts';

const PLATFORM = new RecordedPlatform({ files: { 'a.bin': 'A', '-': 'in' } });

async function sources(...words: string[]): Promise<string[][]> {
  const found = await decodeSources(words, PLATFORM);
  return Promise.all(
    found.map(async ({ chunks, kind, name }) => {
      const parts: Buffer[] = [];
      for await (const chunk of chunks) parts.push(chunk);
      return [kind, name, Buffer.concat(parts).toString()];
    }),
  );
}

it('reads standard input without words, and for a hyphen', async () => {
  expect(await sources()).toEqual([['stdin', 'standard input', 'in']]);
  expect(await sources('-')).toEqual([['stdin', '-', 'in']]);
});

it('reads a word that names a file, and takes all others as lines of one text', async () => {
  expect(await sources('c0', 'a.bin', '00')).toEqual([
    ['file', 'a.bin', 'A'],
    ['words', 'c0 00', 'c0\n00'],
  ]);
});

it('does not take a file that cannot be read for hex', async () => {
  const cause = Object.assign(new Error('denied'), { code: 'EACCES' });
  const denied = {
    async *readChunks(): AsyncGenerator<Buffer> {
      yield* [];
      throw new CallerError('file', 'cannot read it', { cause });
    },
  };
  await expect(decodeSources(['c000'], denied)).rejects.toThrow('cannot read it');
});
