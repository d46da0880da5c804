import { CallerError } from '../base/caller-error.ts';
import type { ProtocolLevel } from '../codec/packet.ts';
import { CaptureDecoder } from '../inspect/capture-decoder.ts';
import { CaptureReader } from '../inspect/capture-reader.ts';
import type { Severity } from '../inspect/diagnosis.ts';
import { StreamTracker } from '../inspect/stream-tracker.ts';
import { countText } from '../inspect/value-text.ts';
import { defineCommand } from './command.ts';
import { decodeSources } from './decode-input.ts';
import { DECODE_OPTIONS } from './decode-options.ts';
import { DecodeOutput } from './decode-output.ts';
import { captureOptions, readSource } from './decode-reading.ts';
import { EXITS, type ExitCode } from './exit-codes.ts';
import { explainError } from './explain-error.ts';
import type { OptionsOf } from './option-table.ts';
import type { Platform } from './platform.ts';

type DecodeOptions = OptionsOf<typeof DECODE_OPTIONS>;

/** How `decode` ends, beside 0: 1 is taken by what it finds, so an internal error is another. */
const EXIT_FINDINGS = 1;
const EXIT_INTERNAL = 70;

/** What counts as failure, by `--fail-on`. */
const FAILURES: Readonly<Record<string, readonly Severity[]>> = {
  malformed: ['malformed'],
  protocol: ['malformed', 'protocol'],
  odd: ['malformed', 'protocol', 'odd'],
};

const LEVELS: Readonly<Record<string, ProtocolLevel | undefined>> = { 5: 5, 311: 4, 31: 3 };

/** `mqttk decode`: explains MQTT bytes field by field, and judges them. */
export const DECODE_COMMAND = defineCommand({
  positionals: { usage: '[FILE | HEX]...', max: Number.MAX_SAFE_INTEGER },
  options: DECODE_OPTIONS,
  examples: [
    { line: "mqttk decode '10 0d 00 04 4d 51 54 54 04 02 00 3c 00 01 74'", does: 'explains hex' },
    { line: 'mqttk decode --summary capture.bin', does: 'lists the packets of a file' },
    { line: 'xxd dump.bin | mqttk decode -V 5', does: 'reads what xxd or hexdump -C prints' },
  ],
  run: runDecode,
});

/** The command: findings and unusable input are its own exit codes, not those of `program.ts`. */
async function runDecode(
  options: DecodeOptions,
  words: readonly string[],
  platform: Platform,
): Promise<ExitCode> {
  const fault = new Promise<never>((_resolve, reject) => platform.onFault(reject));
  try {
    return await Promise.race([decode(options, words, platform), fault]);
  } catch (error) {
    explainError(error, 'mqttk decode', platform);
    return error instanceof CallerError ? EXITS.usage.code : EXIT_INTERNAL;
  }
}

async function decode(
  options: DecodeOptions,
  words: readonly string[],
  platform: Platform,
): Promise<ExitCode> {
  if (options.json && options.summary) {
    const remedy = 'give one of them';
    throw new CallerError('usage', '--json and --summary exclude each other', { remedy });
  }
  const isUnfed = words.length === 0 && platform.isTerminal.stdin;
  if (isUnfed) platform.warn('mqttk decode: reading hex or MQTT bytes; end with Ctrl-D');
  const output = new DecodeOutput(options, platform);
  const sources = await decodeSources(words, platform);
  const isOneConnection = options.oneConnection === true;
  const tracker = new StreamTracker(output, { isOneConnection });
  const decoder = new CaptureDecoder(tracker, LEVELS[options.protocolVersion]);
  const streams = { last: 0 };
  for (const source of sources) {
    const title = sources.length > 1 ? source.name : undefined;
    const isLive = source.kind === 'stdin';
    const shared = { title, isLive, streams };
    const reader = new CaptureReader(decoder, { ...captureOptions(options), ...shared });
    output.isHeldBack = !isLive;
    await readSource({ source, reader, platform, whenRead: () => output.whenPrinted() });
  }
  const { report } = output;
  if (report.packets === 0) {
    throw new CallerError('usage', 'no MQTT packet is found', {
      why: `none begins in ${countText(report.gapBytes)}`,
      remedy: 'give packets from their first byte on, the fixed header included',
    });
  }
  tracker.end();
  output.end(tracker.report);
  const isFailed = (FAILURES[options.failOn] ?? []).some((severity) =>
    report.severities.has(severity),
  );
  return isFailed && options.lenient !== true ? EXIT_FINDINGS : EXITS.ok.code;
}
