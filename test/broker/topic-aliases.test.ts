import { describe, expect, it } from 'vitest';
import { LimitError } from '../../src/broker/limit-error.ts';
import { TopicAliases } from '../../src/broker/topic-aliases.ts';
import { plentyOfMemory } from '../support/memory.ts';

describe('TopicAliases', () => {
  it('remembers, and replaces, what an alias means', () => {
    const aliases = new TopicAliases(2, plentyOfMemory());
    expect(aliases.resolve(1, 'a')).toBe('a');
    expect(aliases.resolve(1, '')).toBe('a');
    expect(aliases.resolve(1, 'b')).toBe('b');
    expect(aliases.resolve(1, '')).toBe('b');
    expect(aliases.resolve(undefined, 'c')).toBe('c');
  });

  it('refuses an alias above the maximum [MQTT-3.3.2-9] [MQTT-3.2.2-17] [MQTT-3.2.2-18]', () => {
    expect(() => new TopicAliases(2, plentyOfMemory()).resolve(3, 'a')).toThrow(
      expect.objectContaining({
        rule: 'alias-too-high',
        reason: 'topicAliasInvalid',
        clauses: ['MQTT-3.3.2-9', 'MQTT-3.2.2-17', 'MQTT-3.2.2-18'],
      }),
    );
  });

  it('refuses an alias that means nothing', () => {
    expect(() => new TopicAliases(2, plentyOfMemory()).resolve(2, '')).toThrow(
      expect.objectContaining({ rule: 'alias-unknown', reason: 'protocolError' }),
    );
  });

  it('keeps no more than 64 KiB of topics, counted as they are replaced', () => {
    const aliases = new TopicAliases(65_535, plentyOfMemory());
    for (let round = 0; round < 10; round += 1) aliases.resolve(1, 'x'.repeat(30_000));
    aliases.resolve(1, 'short');
    aliases.resolve(2, 'ü'.repeat(30_000));
    aliases.resolve(3, 'x'.repeat(65_536 - 60_000 - 5));
    expect(() => aliases.resolve(4, 'x')).toThrow(LimitError);
    expect(aliases.resolve(1, '')).toBe('short');
    expect(aliases.resolve(2, 'x')).toBe('x');
  });
});

it('has it written down what it keeps, as long as it does', () => {
  const memory = plentyOfMemory();
  const aliases = new TopicAliases(2, memory);
  aliases.resolve(1, 'long/topic');
  aliases.resolve(1, 'a');
  aliases.resolve(2, 'bc');
  expect(memory.bytes).toBe(3);
  aliases.end();
  expect(memory.bytes).toBe(0);
});
