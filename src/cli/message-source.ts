import { Buffer } from 'node:buffer';
import { CallerError } from '../base/caller-error.ts';
import { LineSplitter } from './line-splitter.ts';
import type { OptionsOf, OptionTable } from './option-table.ts';
import type { Platform } from './platform.ts';

const GROUP = 'Message';
/**
 * The longest payload: what the Remaining Length can say, less a topic of the greatest length, a
 * packet id and an empty property section.
 */
export const PAYLOAD_BYTES_MAX = 268_435_455 - 65_535 - 2 - 2 - 1;

/** Where the payloads of `pub` come from: exactly one of these. */
export const SOURCE_OPTIONS = {
  message: { type: 'string', alias: 'm', value: 'TEXT', describe: 'this text', group: GROUP },
  file: { type: 'string', alias: 'f', value: 'FILE', describe: 'what a file holds', group: GROUP },
  'stdin-line': {
    type: 'boolean',
    alias: 'l',
    describe: 'each line of standard input, a message of its own',
    group: GROUP,
  },
  'stdin-file': {
    type: 'boolean',
    alias: 's',
    describe: 'all of standard input, as one message',
    group: GROUP,
  },
  'null-message': { type: 'boolean', alias: 'n', describe: 'an empty message', group: GROUP },
} as const satisfies OptionTable;

/** Payloads as they become available, so that nothing waits in memory. */
export type Payloads = AsyncIterable<readonly Buffer[]>;

/**
 * Opens the one source that the options name: a file at once, so that nothing is connected to in
 * vain, and standard input when it is asked for.
 *
 * @throws CallerError usage if they name none, or several; file if it cannot be read, which
 *   standard input says later.
 */
export async function messageSource(
  options: OptionsOf<typeof SOURCE_OPTIONS>,
  platform: Pick<Platform, 'read' | 'readChunks'>,
): Promise<Payloads> {
  const { file, message, nullMessage, stdinFile, stdinLine } = options;
  const sources = new Map<string, () => Payloads | Promise<Payloads>>();
  if (message !== undefined) sources.set('-m', () => whole(Buffer.from(message)));
  if (file !== undefined) sources.set('-f', async () => whole(await platform.read(file)));
  if (stdinLine === true) sources.set('-l', () => lines(platform.readChunks('-')));
  if (stdinFile === true) sources.set('-s', () => whole(platform.read('-')));
  if (nullMessage === true) sources.set('-n', () => whole(Buffer.alloc(0)));
  const [source, ...others] = sources.values();
  if (source === undefined) {
    const remedy = 'give it with -m, or read it from standard input with -s (whole) or -l (lines)';
    throw new CallerError('usage', 'no message to send', { remedy });
  }
  if (others.length > 0) {
    const names = [...sources.keys()].join(' and ');
    const remedy = 'choose one of them';
    throw new CallerError('usage', `there can be one message source, not ${names}`, { remedy });
  }
  return await source();
}

async function* whole(bytes: Buffer | Promise<Buffer>): Payloads {
  const payload = await bytes;
  if (payload.length > PAYLOAD_BYTES_MAX) {
    throw new CallerError('file', `a message of ${payload.length} bytes is too long`, {
      why: `a message of MQTT has ${PAYLOAD_BYTES_MAX} bytes at most`,
    });
  }
  yield [payload];
}

async function* lines(chunks: AsyncIterable<Buffer>): Payloads {
  const splitter = new LineSplitter(PAYLOAD_BYTES_MAX);
  for await (const chunk of chunks) yield splitter.push(chunk);
  yield splitter.end();
}
