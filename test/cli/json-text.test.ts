import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compactJson, indentJson, jsonTokens } from '../../src/cli/json-text.ts';

function compact(text: string): string {
  const found = jsonTokens(text);
  if (found.kind === 'fault') throw new Error(`fault at ${found.at}`);
  return compactJson(found);
}

it('takes blank space away outside strings, and keeps numbers digit for digit', () => {
  expect(compact(' { "a b" : [ 1.0 , -2e+10 , true,null ] , "c":{ } }\n')).toBe(
    '{"a b":[1.0,-2e+10,true,null],"c":{}}',
  );
  expect(compact('12345678901234567890')).toBe('12345678901234567890');
});

it('keeps what any JSON means', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = JSON.stringify(value, undefined, 3);
      expect(compact(text)).toBe(JSON.stringify(value));
    }),
  );
});

it('agrees with JSON.parse about what is JSON', () => {
  const piece = fc.constantFrom('{', '}', '[', ']', ',', ':', '"a"', '1', 'true', ' ', '-', '"\n"');
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
      const text = pieces.join('');
      let isJson = true;
      try {
        JSON.parse(text);
      } catch {
        isJson = false;
      }
      expect(jsonTokens(text).kind).toBe(isJson ? 'tokens' : 'fault');
    }),
    { numRuns: 2000 },
  );
});

describe('what is no JSON', () => {
  it.each([
    ['x', 0],
    ['', 0],
    ['{"a":1,}', 7],
    ['[1 2]', 3],
    ['[1', 2],
    ['{1:2}', 1],
    ['[}', 1],
    ['01', 0],
    ['"a\u0001"', 0],
    ['{} {}', 3],
    ['tru', 0],
  ])('%j is known by its place', (text, at) => {
    expect(jsonTokens(text)).toEqual({ kind: 'fault', at });
  });
});

it('sets out objects with tabs, and arrays in one line, as mosquitto does', () => {
  const found = jsonTokens('{"a":1,"b":[1,{"c":2}],"d":{}}');
  if (found.kind === 'fault') throw new Error('it is JSON');
  expect(indentJson(found)).toBe(
    '{\n\t"a":\t1,\n\t"b":\t[1, {\n\t\t\t"c":\t2\n\t\t}],\n\t"d":\t{\n\t}\n}',
  );
});

it('is not overwhelmed by depth or length', () => {
  const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`;
  expect(compact(deep)).toBe(deep);
  const long = JSON.stringify('x\\n'.repeat(300_000));
  expect(compact(long) === long).toBe(true);
});
