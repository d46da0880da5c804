import { Buffer } from 'node:buffer';
import { CallerError } from '../base/caller-error.ts';
import { LineSplitter } from './line-splitter.ts';
import type { OptionsOf, OptionTable } from './option-table.ts';
import { parseBase64Bytes, parseHexBytes } from './option-values.ts';
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
  'message-hex': {
    type: 'string',
    value: 'HEX',
    coerce: parseHexBytes,
    describe: 'these bytes, in hex',
    group: GROUP,
  },
  'message-base64': {
    type: 'string',
    value: 'BASE64',
    coerce: parseBase64Bytes,
    describe: 'these bytes, in base64',
    group: GROUP,
  },
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
  'decode-input': {
    type: 'string',
    value: 'FORM',
    choices: ['hex', 'base64'],
    describe: 'how each message of -f, -s and -l is written',
    group: GROUP,
  },
} as const satisfies OptionTable;

/** Payloads as they become available, so that nothing waits in memory. */
export type Payloads = AsyncIterable<readonly Buffer[]>;

/**
 * Opens the one source that the options name: a file at once, so that nothing is connected to in
 * vain, and standard input when it is asked for. What is no stream is sent `repeat` times.
 *
 * @throws CallerError usage if they name none, or several; file if it cannot be read, which
 *   standard input says later.
 */
export async function messageSource(
  options: OptionsOf<typeof SOURCE_OPTIONS>,
  repeat: number,
  platform: Pick<Platform, 'read' | 'readChunks'>,
): Promise<Payloads> {
  const { file, message, messageBase64, messageHex, nullMessage, stdinFile, stdinLine } = options;
  const decode = decoderOf(options.decodeInput);
  const given = (bytes: Buffer) => () => whole(bytes, repeat);
  const sources = new Map<string, () => Payloads | Promise<Payloads>>();
  if (message !== undefined) sources.set('-m', given(Buffer.from(message)));
  if (messageHex !== undefined) sources.set('--message-hex', given(messageHex));
  if (messageBase64 !== undefined) sources.set('--message-base64', given(messageBase64));
  if (file !== undefined) {
    sources.set('-f', async () => whole(decode(await platform.read(file)), repeat));
  }
  if (stdinLine === true) sources.set('-l', () => lines(platform.readChunks('-'), decode));
  if (stdinFile === true) sources.set('-s', () => whole(platform.read('-').then(decode), repeat));
  if (nullMessage === true) sources.set('-n', given(Buffer.alloc(0)));
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

/** The same payload, so often; the next one once it is asked for. */
async function* whole(bytes: Buffer | Promise<Buffer>, repeat: number): Payloads {
  const payload = await bytes;
  if (payload.length > PAYLOAD_BYTES_MAX) {
    throw new CallerError('file', `a message of ${payload.length} bytes is too long`, {
      why: `a message of MQTT has ${PAYLOAD_BYTES_MAX} bytes at most`,
    });
  }
  for (let count = 0; count < repeat; count += 1) yield [payload];
}

async function* lines(chunks: AsyncIterable<Buffer>, decode: Decoder): Payloads {
  const splitter = new LineSplitter(PAYLOAD_BYTES_MAX);
  for await (const chunk of chunks) yield splitter.push(chunk).map(decode);
  yield splitter.end().map(decode);
}

type Decoder = (bytes: Buffer) => Buffer;

function decoderOf(form: string | undefined): Decoder {
  const option = '--decode-input';
  // Blanks at the ends, those of the end of a line above all, mean nothing.
  if (form === 'hex') return (bytes) => parseHexBytes(bytes.toString().trim(), option);
  if (form === 'base64') return (bytes) => parseBase64Bytes(bytes.toString().trim(), option);
  return (bytes) => bytes;
}
