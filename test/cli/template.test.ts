import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { Template } from '../../src/cli/template.ts';
import { RecordedPlatform } from '../support/recorded-platform.ts';

const PLATFORM = new RecordedPlatform({ env: { ROOM: 'attic' } });
const CONTEXT = { seq: 7, line: Buffer.from([0xff]), client: 'me', topic: 'a/b' };

function render(text: string): string {
  return new Template(Buffer.from(text), PLATFORM).render(CONTEXT).toString();
}

it.each([
  ['n={{seq}}!', 'n=7!'],
  ['{{ client }} to {{topic}}', 'me to a/b'],
  ['{{now}}', String(Date.UTC(2026, 10, 22, 10, 15, 30))],
  ['{{iso}}', '2026-11-22T10:15:30.000Z'],
  ['{{env ROOM}}{{env NONE}}', 'attic'],
  ['{{{{seq}} }}', '{{seq}} }}'],
  ['{"a":{"b":1}}', '{"a":{"b":1}}'],
  ['', ''],
])('makes of %s %s', (text, expected) => {
  expect(render(text)).toBe(expected);
});

it('keeps bytes that are no text, on both sides', () => {
  const template = new Template(Buffer.from([0x80, ...Buffer.from('{{line}}'), 0]), PLATFORM);
  expect(template.render(CONTEXT)).toEqual(Buffer.from([0x80, 0xff, 0]));
});

it('takes chance from the platform: within bounds, of a length, new each time', () => {
  const rolls = Array.from({ length: 200 }, () => render('{{rand 1 6}}'));
  expect([...new Set(rolls)].sort()).toEqual(['1', '2', '3', '4', '5', '6']);
  expect(render('{{rand -3 -3}}')).toBe('-3');
  expect(render('{{randhex 5}}')).toMatch(/^[\da-f]{5}$/);
  expect(render('{{uuid}}')).toMatch(
    /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/,
  );
  expect(render('{{uuid}}')).not.toBe(render('{{uuid}}'));
});

describe('usage', () => {
  it.each(['{{sequence}}', '{{seq 1}}', '{{rand 6 1}}', '{{rand 1}}', '{{randhex 0}}', '{{env}}'])(
    'refuses %s',
    (text) => {
      expect(() => render(text)).toThrow(expect.objectContaining({ kind: 'usage' }));
    },
  );

  it('refuses a place that is not closed, or that is named after no place', () => {
    expect(() => render('a {{seq')).toThrow('cannot fill "{{seq"');
    expect(() => render('{{constructor}}')).toThrow('cannot fill');
  });
});
