import { expect, it } from 'vitest';
import { clauseId, clauseText } from '../../src/inspect/clause-text.ts';

it.each([
  ['MQTT-3.3.1-4', '[MQTT-3.3.1-4]'],
  ['311:3.1.2-22', '[MQTT-3.1.2-22]'],
  ['section 3.8.3.1', '(5.0 section 3.8.3.1)'],
  ['311:section 2.2.3', '(3.1.1 section 2.2.3)'],
  ['V31-18', '(3.1, our table row V31-18)'],
] as const)('writes %s as %s', (clause, text) => {
  expect(clauseText(clause)).toBe(text);
  expect(`[${clauseId(clause)}] (${clauseId(clause)})`).toContain(text);
});
