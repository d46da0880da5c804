import { expect, it } from 'vitest';
import { environmentWords, rankWords, variableOf } from '../../src/cli/environment-words.ts';

const TABLE = {
  host: { type: 'string', value: 'HOST', describe: 'x' },
  pw: { type: 'string', value: 'PW', describe: 'x' },
  'tls-alpn': { type: 'string', value: 'NAME', array: true, describe: 'x' },
  quiet: { type: 'boolean', describe: 'x' },
  debug: { type: 'count', describe: 'x' },
  topic: { type: 'string', value: 'T', describe: 'x' },
} as const;
const NAMES = ['host', 'pw', 'tls-alpn', 'quiet', 'debug'];

it('names a variable after its option', () => {
  expect(variableOf('tls-alpn')).toBe('MQTTK_TLS_ALPN');
  expect(variableOf('pw')).toBe('MQTTK_PASSWORD');
});

it('reads values, lists by lines, and switches by 1 and 0', () => {
  const env = {
    MQTTK_HOST: 'h',
    MQTTK_PASSWORD: '',
    MQTTK_TLS_ALPN: 'a\nb\n',
    MQTTK_QUIET: '0',
    MQTTK_DEBUG: '1',
    MQTTK_TOPIC: 'not for the environment',
  };
  expect(environmentWords(TABLE, NAMES, env)).toEqual([
    { name: 'host', text: 'h' },
    { name: 'pw', text: '' },
    { name: 'tls-alpn', text: 'a' },
    { name: 'tls-alpn', text: 'b' },
    { name: 'quiet', text: 'false' },
    { name: 'debug', text: undefined },
  ]);
  expect(environmentWords(TABLE, NAMES, { MQTTK_DEBUG: '0' })).toEqual([]);
});

it('refuses a switch that is neither', () => {
  expect(() => environmentWords(TABLE, NAMES, { MQTTK_QUIET: 'yes' })).toThrow(
    'MQTTK_QUIET cannot be "yes"',
  );
});

it('puts what ranks higher last, and options out of force that it excludes', () => {
  const lower = [
    { name: 'pw', text: 'x' },
    { name: 'host', text: 'h' },
  ];
  const upper = [{ name: 'password-file', text: 'f' }];
  expect(rankWords(lower, upper)).toEqual([{ name: 'host', text: 'h' }, ...upper]);
  expect(rankWords(lower, [])).toEqual(lower);
});
