import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { CallerError } from '../../src/base/caller-error.ts';
import { readWords } from '../../src/cli/command-words.ts';
import type { OptionTable } from '../../src/cli/option-table.ts';

const TABLE = {
  message: { type: 'string', alias: 'm', value: 'TEXT', describe: '' },
  port: { type: 'string', alias: 'p', value: 'PORT', describe: '' },
  retain: { type: 'boolean', alias: 'r', describe: '' },
  'no-local': { type: 'boolean', describe: '' },
  verbose: { type: 'count', alias: 'v', describe: '' },
  anonymous: { type: 'string', value: 'WHEN', bare: 'yes', describe: '' },
  property: {
    type: 'string',
    alias: 'D',
    value: 'PACKET NAME VALUE',
    describe: '',
    nargs: (following) => (following[1] === 'user-property' ? 4 : 3),
  },
} as const satisfies OptionTable;

function read(...words: string[]) {
  const { options, positionals } = readWords(TABLE, words);
  return [...options.map(({ name, text }) => [name, text]), ...positionals];
}

it('takes the value after a blank or an equal sign', () => {
  expect(read('--port', '1', '--port=2', '-p', '3')).toEqual([
    ['port', '1'],
    ['port', '2'],
    ['port', '3'],
  ]);
});

it.each(['-5', '--help', '--', '-', '', '--port=1', '"a"'])('takes %j for the value', (value) => {
  expect(read('-m', value)).toEqual([['message', value]]);
  expect(read('--message', value)).toEqual([['message', value]]);
  expect(read(`--message=${value}`)).toEqual([['message', value]]);
});

it('takes any words for values and positionals after --, unchanged', () => {
  fc.assert(
    fc.property(fc.string(), fc.array(fc.string()), (value, rest) => {
      expect(read('-m', value, '--', ...rest)).toEqual([['message', value], ...rest]);
    }),
  );
});

it('takes words between options, and a dash alone, for positionals', () => {
  expect(read('a', '-r', '-', 'b')).toEqual([['retain', undefined], 'a', '-', 'b']);
});

it('switches off what has a no in front, but for a name that has it anyway', () => {
  expect(read('--no-retain', '--no-local', '--no-no-local')).toEqual([
    ['retain', 'false'],
    ['no-local', undefined],
    ['no-local', 'false'],
  ]);
});

it('takes no word for an option that means something by itself', () => {
  expect(read('--anonymous', 'no')).toEqual([['anonymous', 'yes'], 'no']);
  expect(read('--anonymous=no')).toEqual([['anonymous', 'no']]);
});

it('takes as many words as the option itself wants', () => {
  expect(read('-D', 'publish', 'content-type', '-t', 'x')).toEqual([
    ['property', 'publish\0content-type\0-t'],
    'x',
  ]);
  expect(read('-D', 'publish', 'user-property', 'a', 'b')).toEqual([
    ['property', 'publish\0user-property\0a\0b'],
  ]);
});

it.each([
  [['--retian'], 'unknown option --retian', 'did you mean --retain?'],
  [['--no-retian=1'], 'unknown option --no-retian', 'did you mean --no-retain?'],
  [['--no-verbose'], 'unknown option --no-verbose', 'did you mean --verbose?'],
  [['--constructor'], 'unknown option --constructor', '--help lists'],
  [['--p', '1'], 'unknown option --p', '--help lists'],
  [['-x'], 'unknown option -x', '--help lists'],
  [['-5'], 'unknown option -5', '"--" goes before'],
  [['-retain'], 'unknown option -retain', 'did you mean --retain?'],
  [['-rv'], 'unknown option -rv', 'write "-r -v"'],
  [['-p1883'], 'unknown option -p1883', 'write "-p 1883"'],
  [['-p=1883'], 'unknown option -p=1883', 'write "-p 1883"'],
  [['-p'], 'option -p needs a value', 'write "-p PORT"'],
  [['-D', 'publish', 'x'], 'option -D needs a value', 'write "-D PACKET NAME VALUE"'],
  [['--retain=false'], 'option --retain takes no value', '--no-retain'],
])('refuses %j and says what to write', (words, message, remedy) => {
  expect.assertions(2);
  try {
    readWords(TABLE, words);
  } catch (error) {
    expect(error).toMatchObject({ kind: 'usage', message } satisfies Partial<CallerError>);
    expect((error as CallerError).remedy).toContain(remedy);
  }
});
