import { Buffer } from 'node:buffer';
import { CallerError } from '../base/caller-error.ts';

const GZIP_MAGIC = Buffer.from([0x1f, 0x8b]);
/** A gzip file may hold another one, and one is known that holds itself. */
const LAYERS_MAX = 4;

/**
 * The bytes of a gzip file, unpacked as they are asked for; any others as they are.
 *
 * @throws CallerError of kind file, at the first bytes that are damaged
 */
export async function* gunzipChunks(
  chunks: AsyncIterable<Buffer>,
  layersMax = LAYERS_MAX,
): AsyncGenerator<Buffer> {
  const iterator = chunks[Symbol.asyncIterator]();
  const held: Buffer[] = [];
  let start = Buffer.alloc(0);
  while (start.length < GZIP_MAGIC.length && GZIP_MAGIC.subarray(0, start.length).equals(start)) {
    const step = await iterator.next();
    if (step.done === true) break;
    held.push(step.value);
    start = Buffer.concat([start, step.value.subarray(0, GZIP_MAGIC.length)]);
  }
  const all = continueWith(held, iterator);
  const isPacked = layersMax > 0 && start.subarray(0, 2).equals(GZIP_MAGIC);
  yield* isPacked ? gunzipChunks(unpacked(all), layersMax - 1) : all;
}

async function* unpacked(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  // Loaded by who needs it: few inputs are packed.
  const [{ createGunzip }, { Readable }] = await Promise.all([
    import('node:zlib'),
    import('node:stream'),
  ]);
  const source = Readable.from(chunks, { objectMode: false });
  const gunzip = createGunzip();
  source.on('error', (error) => gunzip.destroy(error));
  try {
    yield* source.pipe(gunzip) as AsyncIterable<Buffer>;
  } catch (cause) {
    if (cause instanceof CallerError || !isZlibError(cause)) throw cause;
    const remedy = 'get a whole copy; what could be unpacked is shown above';
    throw new CallerError('file', 'the gzip file is damaged, or cut', { cause, remedy });
  }
}

async function* continueWith(
  held: readonly Buffer[],
  rest: AsyncIterator<Buffer>,
): AsyncGenerator<Buffer> {
  yield* held;
  for (let step = await rest.next(); step.done !== true; step = await rest.next()) {
    yield step.value;
  }
}

function isZlibError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('Z_');
}
