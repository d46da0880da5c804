import { Buffer } from 'node:buffer';
import { CallerError } from '../base/caller-error.ts';
import { systemErrorCode } from '../net/system-error.ts';
import type { Platform } from './platform.ts';

/** One capture to decode. */
export interface DecodeSource {
  readonly name: string;
  /** `words` were typed as hex, as far as one can tell. */
  readonly kind: 'stdin' | 'file' | 'words';
  readonly chunks: AsyncIterable<Buffer>;
}

/** Why a word is no file's name: anything else is a file that cannot be read. */
const NO_FILE: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'EINVAL']);

/**
 * The captures that the words of a command line stand for: each that names a file is one, all
 * others together are one text, a line for each. Without words it is standard input.
 *
 * @throws CallerError of kind file for a file that is there and cannot be read
 */
export async function decodeSources(
  words: readonly string[],
  input: Pick<Platform, 'readChunks'>,
): Promise<DecodeSource[]> {
  if (words.length === 0) {
    return [{ name: 'standard input', kind: 'stdin', chunks: input.readChunks('-') }];
  }
  const files: DecodeSource[] = [];
  const texts: string[] = [];
  for (const word of words) {
    const kind = word === '-' ? 'stdin' : 'file';
    const chunks = await openChunks(word, input);
    if (chunks === undefined) texts.push(word);
    else files.push({ name: word, kind, chunks });
  }
  if (texts.length === 0) return files;
  const name = texts.join(' ');
  return [...files, { name, kind: 'words', chunks: listOf(Buffer.from(texts.join('\n'))) }];
}

/** A file's pieces, of which the first is read to see that there is one; undefined if not. */
async function openChunks(
  path: string,
  input: Pick<Platform, 'readChunks'>,
): Promise<AsyncIterable<Buffer> | undefined> {
  const chunks = input.readChunks(path);
  if (path === '-') return chunks;
  const iterator = chunks[Symbol.asyncIterator]();
  try {
    const first = await iterator.next();
    return continueWith(first, iterator);
  } catch (error) {
    if (error instanceof CallerError && NO_FILE.has(systemErrorCode(error.cause) ?? '')) {
      return undefined;
    }
    throw error;
  }
}

async function* continueWith(
  first: IteratorResult<Buffer>,
  rest: AsyncIterator<Buffer>,
): AsyncGenerator<Buffer> {
  for (let step = first; step.done !== true; step = await rest.next()) yield step.value;
}

async function* listOf(chunk: Buffer): AsyncGenerator<Buffer> {
  yield chunk;
}
