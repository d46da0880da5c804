import { expect, expectTypeOf, it } from 'vitest';
import { defineCommand } from '../../src/cli/command.ts';
import { parsePort } from '../../src/cli/option-values.ts';
import { RecordedPlatform } from '../support/recorded-platform.ts';

it('draws the types of what a command gets from its table', async () => {
  const command = defineCommand({
    positionals: { usage: '', max: 0 },
    options: { port: { type: 'string', value: 'PORT', coerce: parsePort, describe: '' } },
    examples: [],
    async run({ port }) {
      expectTypeOf(port).toEqualTypeOf<number | undefined>();
      return port ?? 0;
    },
  });
  expect(await command.run({ port: 7 }, [], new RecordedPlatform())).toBe(7);
});
