import { readFileSync } from 'node:fs';
import type { Difference } from './compare.ts';

/** A class of differences that somebody has looked into. */
export interface Explanation {
  readonly line: number;
  readonly right: string;
  matches(difference: Difference): boolean;
}

/** Who may be right. */
const JUDGEMENTS = new Set(['mqttk', 'mosquitto', 'both']);
const COLUMNS = 8;

/**
 * The classes of `differences.md`: rows of its tables with eight cells, of which the first five are
 * compared. A cell may name several forms, separated by `or`; `*` is any text, `?` a character.
 */
export function readExplanations(file: string): Explanation[] {
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines.flatMap((text, index) => {
    const cells = text.split('|').map((cell) => cell.trim().replaceAll('`', ''));
    const isRow = cells.length === COLUMNS + 2 && !/^(?:version|-+)$/.test(cells[1] ?? '');
    return isRow ? [parseRow(cells.slice(1, -1), index + 1, file)] : [];
  });
}

function parseRow(cells: readonly string[], line: number, file: string): Explanation {
  const [version = '', packet = '', traits = '', mqttk = '', mosquitto = ''] = cells;
  const [, , , , , right = '', clause = '', why = ''] = cells;
  if (!JUDGEMENTS.has(right)) throw new Error(`${file}:${line}: nobody is "${right}"`);
  if (clause === '' || why === '') throw new Error(`${file}:${line}: no clause or no reason`);
  const patterns = { version, packet, traits, mqttk, mosquitto };
  const tests = Object.entries(patterns).map(
    ([name, text]) => [name as keyof Difference, patternOf(text)] as const,
  );
  return {
    line,
    right,
    matches: (difference) => tests.every(([name, pattern]) => pattern.test(difference[name])),
  };
}

function patternOf(cell: string): RegExp {
  const forms = cell.split(' or ').map((form) =>
    form
      .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.'),
  );
  return new RegExp(`^(?:${forms.join('|')})$`);
}
