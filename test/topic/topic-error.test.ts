import { expect, it } from 'vitest';
import { topicFilterFault } from '../../src/codec/topic-grammar.ts';
import { findTextFault, topicError } from '../../src/topic/topic-error.ts';

it('shows as much of a long text as fits a line', () => {
  const text = 'x'.repeat(70_000);
  const fault = findTextFault(text);
  expect(fault).toMatchObject({ rule: 'too-long' });
  const { message } = topicError('topic', text, fault ?? expect.fail());
  expect(message).toBe(`topic "${'x'.repeat(80)}…" is 70000 bytes long`);
});

it.each([
  ['a#', '# stands for a level and all below it'],
  ['a+', '+ stands for one whole level'],
  ['', 'topics and filters have at least one character'],
])('explains the fault of %j', (text, why) => {
  const fault = topicFilterFault(text) ?? expect.fail();
  expect(topicError('filter', text, fault).why).toBe(why);
});

it('finds nothing wrong with what can go on the wire', () => {
  expect(findTextFault('😀'.repeat(16_383))).toBeUndefined();
});
