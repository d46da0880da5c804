import type { SpecClause } from '../codec/rules.ts';

/**
 * A clause as its standard writes it: 3.1.1 has the same `MQTT-` ids as 5.0, with other meanings,
 * and the packet's version says which is meant. What has no id is named with its version.
 */
export function clauseId(clause: SpecClause): string {
  if (clause.startsWith('V31-')) return `3.1, our table row ${clause}`;
  if (clause.startsWith('311:section')) return clause.replace('311:', '3.1.1 ');
  if (clause.startsWith('section')) return `5.0 ${clause}`;
  return clause.replace('311:', 'MQTT-');
}

/** The same, in brackets: square for an id, round for a place. */
export function clauseText(clause: SpecClause): string {
  const id = clauseId(clause);
  return id.startsWith('MQTT-') ? `[${id}]` : `(${id})`;
}
