import { CallerError } from '../../src/base/caller-error.ts';
import { type CommandEntry, defineCommand } from '../../src/cli/command.ts';
import { parseCount } from '../../src/cli/option-values.ts';

/** A command as commands are written, for tests of what runs them. */
const GREET_COMMAND = defineCommand({
  positionals: { usage: 'NAME', max: 1 },
  options: {
    times: {
      type: 'string',
      alias: 'n',
      value: 'COUNT',
      default: '1',
      coerce: parseCount,
      describe: 'how often to greet',
      group: 'Manner',
    },
    loud: { type: 'boolean', alias: 'l', describe: 'in capitals', group: 'Manner' },
    'as-word': {
      type: 'string',
      value: 'WORD',
      choices: ['hello', 'bye'],
      default: 'hello',
      describe: 'what to say',
    },
    host: {
      type: 'string',
      alias: 'h',
      value: 'HOST',
      defaultDescription: 'this machine',
      describe: 'where to greet',
    },
    secretly: { type: 'boolean', hidden: true, describe: 'unseen' },
    log: { type: 'string', value: 'FILE', bare: 'log.txt', describe: 'note it down' },
  },
  examples: [
    { line: 'mqttk greet Ada', does: 'greets Ada' },
    { line: 'mqttk greet -l -n 2 Ada', does: 'greets her twice, in capitals' },
  ],
  needsWords: true,
  async run(options, [name = 'you'], platform) {
    if (name === 'nobody') {
      throw new CallerError('file', 'nobody is there', { why: 'all left', remedy: 'come again' });
    }
    if (name === 'bug') throw new TypeError('a bug was greeted');
    const text = `${options.asWord} ${name}\n`.repeat(options.times);
    platform.print(options.loud ? text.toUpperCase() : text);
    return 0;
  },
});

/** The registry's row for it. */
export const GREET_ENTRY: CommandEntry = {
  summary: 'Greet somebody',
  load: async () => GREET_COMMAND,
};
