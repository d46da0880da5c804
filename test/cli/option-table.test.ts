import { expect, expectTypeOf, it } from 'vitest';
import { camelCase, type OptionsOf } from '../../src/cli/option-table.ts';

it.each([
  ['port', 'port'],
  ['connect-timeout', 'connectTimeout'],
  ['topic-alias-maximum', 'topicAliasMaximum'],
])('gives a command %s as %s', (name, property) => {
  expect(camelCase(name)).toBe(property);
});

it('types what a command gets by the name it gets', () => {
  type Options = OptionsOf<{ 'topic-alias-maximum': { type: 'count'; describe: '' } }>;
  expectTypeOf<Options>().toEqualTypeOf<{ readonly topicAliasMaximum: number }>();
});
