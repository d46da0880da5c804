import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CallerError } from '../../src/base/caller-error.ts';
import { WhereCondition } from '../../src/cli/where-condition.ts';
import { publishPacket } from '../support/packets.ts';

const MESSAGE = publishPacket({
  topicName: 'room/1/climate',
  qos: 1,
  packetId: 5,
  isRetained: true,
  properties: {
    contentType: 'application/json',
    userProperty: [
      ['site', 'north'],
      ['site', 'south'],
    ],
  },
  payload: Buffer.from('{"temp":21.5,"tags":["a","b"],"deep":[{"x y":1}],"name":"ab","off":null}'),
});

function holds(condition: string, message = MESSAGE): boolean {
  return new WhereCondition(condition).holds(message);
}

describe('holds', () => {
  it.each([
    '.temp > 21',
    '.temp >= 21.5 and .temp <= 21.5',
    '.temp == 2.15e1',
    '.temp != 21',
    '-1 < .temp',
    'not .temp < 21.5',
    'not not .temp',
    '.temp < 0 or .temp > 0 and qos == 1',
    '(.temp < 0 or .temp > 0) and qos == 1',
    '.deep[0]."x y" == 1',
    '.deep[0]["x y"] == 1',
    '.tags[1] == "b"',
    '.tags contains "a"',
    '.name contains "b"',
    '.name < "b"',
    '.name ~ "^a"',
    'topic ~ "^room/\\\\d+/"',
    'retain and not dup',
    'retain == true',
    'length > 10',
    'payload contains "temp"',
    'content_type == "application/json"',
    'response_topic == null',
    'user."site" == "north"',
    'user.site == "north"',
    'user."none" == null',
    '.none == null and .none.more == null and .tags[7] == null',
    '.off == null',
    '.constructor == null',
    '(. contains "x") == false',
  ])('%s', (condition) => {
    expect(holds(condition)).toBe(true);
  });
});

describe('does not hold', () => {
  it.each([
    '.temp > 30',
    '.none',
    '.none < 1',
    '.none >= 0',
    '.off <= 0',
    '.temp < "3"',
    '.name > 1',
    'true < 2',
    '.temp ~ "2"',
    '.temp contains 2',
    '.tags contains "c"',
    '0',
    '""',
    'null',
    'false or not true',
    'qos == "1"',
  ])('%s', (condition) => {
    expect(holds(condition)).toBe(false);
  });
});

it('takes a payload that is no JSON for null, and all of one that is for "."', () => {
  const of = (text: string) => publishPacket({ payload: Buffer.from(text) });
  expect(holds('. == null', of('on'))).toBe(true);
  expect(holds('. > 20', of('21'))).toBe(true);
  expect(holds('. == "on"', of('"on"'))).toBe(true);
  expect(holds('. contains 2', of('[1,2]'))).toBe(true);
  expect(holds('.a', of('null'))).toBe(false);
});

function refusal(condition: string): string {
  try {
    void new WhereCondition(condition);
  } catch (error) {
    if (error instanceof CallerError) return `${error.message}\n${error.why}`;
    throw error;
  }
  return '';
}

describe('points to what is wrong', () => {
  it.each([
    ['', 1, 'a value is expected'],
    ['.temp >', 8, 'a value is expected'],
    ['.temp > > 1', 9, 'a value is expected'],
    ['.temp 5', 7, '"and", "or" or the end'],
    ['(.temp', 7, '")" is expected'],
    ['.temp = 5', 7, 'this means nothing here'],
    ['tpoic == "a"', 1, 'nothing is called tpoic: did you mean topic?'],
    ['topic == room', 10, 'nothing is called room: text stands in "quotes"'],
    ['topic == "room', 10, 'this text has no end'],
    ['topic ~ "("', 9, 'no regular expression'],
    ['topic ~ 5', 9, 'a pattern in "quotes"'],
    ['topic == "\\d"', 10, 'no JSON text'],
    ['.a..b', 4, 'a name is expected'],
    ['.a[-1]', 4, 'an index from 0 on'],
    ['.a[0', 5, '"]" is expected'],
    ['user == 1', 6, 'user."name"'],
    ['user.(', 6, 'a name is expected'],
    ['('.repeat(200), 102, 'too deep'],
  ])('%s', (condition, column, what) => {
    const text = refusal(condition);
    expect(text).toContain(`--where, column ${column}: `);
    expect(text).toContain(what);
    expect(text.split('\n').at(-1)).toBe(`${' '.repeat(column + 6)}^`);
  });
});

it('takes or refuses any text, and says of which column', () => {
  const parts = fc.constantFrom(
    '.a',
    'topic',
    '==',
    '(',
    ')',
    'not ',
    ' and ',
    '"x"',
    '[0]',
    '1',
    '~',
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(parts).map((all) => all.join('')),
      ),
      (text) => {
        const what = refusal(text);
        if (what === '') holds(text);
        else expect(what).toMatch(/^--where, column \d+: /);
      },
    ),
    { numRuns: 2_000 },
  );
});
