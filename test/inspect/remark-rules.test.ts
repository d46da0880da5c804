import { expect, it } from 'vitest';
import { REMARK_RULES, type RemarkName, remarkRule } from '../../src/inspect/remark-rules.ts';

it('names a clause of some version for every rule', () => {
  for (const name of Object.keys(REMARK_RULES) as RemarkName[]) {
    const { v3 = [], v5 = [] } = remarkRule(name);
    expect([name, v3.length + v5.length > 0]).toEqual([name, true]);
  }
});
