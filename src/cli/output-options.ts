import { MessageFormat } from './message-format.ts';
import type { OptionsOf, OptionTable } from './option-table.ts';
import type { Platform } from './platform.ts';
import type { MessageForm } from './render-message.ts';
import { excluded } from './subscribe-options.ts';

const OUTPUT = 'Output';

/** How `sub` shows messages. */
export const OUTPUT_OPTIONS = {
  verbose: { type: 'boolean', alias: 'v', describe: 'topic and payload', group: OUTPUT },
  format: {
    type: 'string',
    alias: 'F',
    value: 'FORMAT',
    coerce: (text) => new MessageFormat(text),
    describe: 'each message in this form: %t %p, %j, @H:@M',
    group: OUTPUT,
  },
  json: { type: 'boolean', describe: 'one JSON object per message', group: OUTPUT },
  pretty: { type: 'boolean', describe: '%j, %J and --json over several lines', group: OUTPUT },
  'no-newline': {
    type: 'boolean',
    alias: 'N',
    describe: 'no end of line behind the payload',
    group: OUTPUT,
  },
  null: {
    type: 'boolean',
    alias: '0',
    describe: 'topic and payload, each with a NUL behind it: safe for any content',
    group: OUTPUT,
  },
  as: {
    type: 'string',
    value: 'FORM',
    choices: ['text', 'hex', 'base64'],
    defaultDescription: 'text',
    describe: 'how payloads are shown',
    group: OUTPUT,
  },
  time: { type: 'boolean', describe: 'the local time before each message', group: OUTPUT },
  raw: {
    type: 'boolean',
    describe: 'show control characters to a terminal as they are',
    group: OUTPUT,
  },
  stats: { type: 'boolean', describe: 'how many messages there were, at the end', group: OUTPUT },
} as const satisfies OptionTable;

export type OutputOptions = OptionsOf<typeof OUTPUT_OPTIONS>;

/** Reads the options. @throws CallerError usage where they contradict each other. */
export function messageForm(options: OutputOptions, { isTerminal }: Platform): MessageForm {
  const { format, json, noNewline, null: isNull, verbose } = options;
  const forms = [
    ...(json === true ? ['--json'] : []),
    ...(isNull === true ? ['-0'] : []),
    ...(format === undefined ? [] : ['-F']),
  ];
  const [form, second] = forms;
  if (form !== undefined && second !== undefined) throw excluded(form, second);
  if (json === true && verbose === true) throw excluded('--json', '-v');
  if (json === true && noNewline === true) throw excluded('--json', '-N');
  return {
    kind: kindOf(options),
    format,
    as: options.as,
    hasTime: options.time === true,
    isPretty: options.pretty === true,
    hasNewline: noNewline !== true,
    isTerminal: isTerminal.stdout && options.raw !== true,
  };
}

function kindOf({ format, json, null: isNull, verbose }: OutputOptions): MessageForm['kind'] {
  if (json === true) return 'json';
  if (isNull === true) return 'null';
  if (format !== undefined) return 'format';
  return verbose === true ? 'verbose' : 'payload';
}
