import { describe, expect, it } from 'vitest';
import { RULES, type RuleName, ruleFor } from '../../src/codec/rules.ts';

describe('ruleFor', () => {
  it('gives the clauses of the version, those of the subject last', () => {
    const subjects = ['subscribe'];
    expect(ruleFor('flags', 5, subjects).clauses).toEqual(['MQTT-2.1.3-1', 'MQTT-3.8.1-1']);
    expect(ruleFor('flags', 4, subjects).clauses).toEqual([
      '311:2.2.2-1',
      '311:2.2.2-2',
      '311:3.8.1-1',
    ]);
  });

  it('takes the first subject that the rule knows', () => {
    const { clauses } = ruleFor('utf8', 5, ['userPropertyName', 'subscribe']);
    expect(clauses).toEqual(['MQTT-1.5.4-1', 'MQTT-1.5.7-1']);
  });

  it('falls back from 3.1 to 3.1.1, where our table has no row', () => {
    expect(ruleFor('qos-3', 3, []).clauses).toEqual(['311:3.3.1-4']);
    expect(ruleFor('client-id-empty', 3, []).clauses).toEqual(['V31-8']);
  });

  it('gives the reason of the subject where it has its own', () => {
    expect(ruleFor('topic-empty', 5, ['topicName', 'publish']).reason).toBe('protocolError');
    expect(ruleFor('topic-empty', 5, ['topicFilter', 'subscribe']).reason).toBe('malformedPacket');
  });

  it('knows no subject by the name of what every object has', () => {
    expect(ruleFor('flags', 5, ['constructor']).clauses).toEqual(['MQTT-2.1.3-1']);
  });
});

function subjectsOf(name: RuleName): string[] {
  const rule = RULES[name];
  return 'of' in rule ? Object.keys(rule.of) : [];
}

/** Rules of 5.0 whose clause only the place of refusal knows, and rules that 5.0 does not have. */
const CLAUSELESS = new Set<RuleName>([
  'property-twice',
  'property-range',
  'payload-format',
  'password-alone',
  'client-id-empty',
  'client-id-long',
]);

it.each(Object.keys(RULES) as RuleName[])('has a clause of 5.0 for each case of %s', (name) => {
  const subjects = subjectsOf(name);
  for (const subject of subjects.length > 0 ? subjects : ['any']) {
    expect(ruleFor(name, 5, [subject]).clauses.length > 0).toBe(!CLAUSELESS.has(name));
  }
});

it('keeps the ids of 5.0, 3.1.1 and 3.1 apart', () => {
  for (const name of Object.keys(RULES) as RuleName[]) {
    for (const subject of ['any', ...subjectsOf(name)]) {
      for (const id of ruleFor(name, 5, [subject]).clauses) expect(id).toMatch(/^(MQTT-|section )/);
      for (const id of ruleFor(name, 4, [subject]).clauses) expect(id).toMatch(/^311:/);
      for (const id of ruleFor(name, 3, [subject]).clauses) expect(id).toMatch(/^(311:|V31-)/);
    }
  }
});
