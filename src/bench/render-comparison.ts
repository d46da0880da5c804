import type { FigureChange } from './compare-figures.ts';
import { numberText } from './figure-text.ts';

/** Two runs side by side, as the lines of a table. `name` is what the earlier one is called. */
export function renderComparison(
  changes: readonly FigureChange[],
  name: string,
  tolerance: number,
): readonly string[] {
  const rows = [
    ['', 'before', 'now', 'ratio', ''],
    ...changes.map(({ before, figure, isRegression, now, ratio }) => [
      figure,
      numberText(before),
      numberText(now),
      ratio === undefined ? '-' : ratio.toFixed(2),
      isRegression ? 'worse' : '',
    ]),
  ];
  const widths = [0, 1, 2, 3].map((column) =>
    Math.max(...rows.map((cells) => (cells[column] ?? '').length)),
  );
  const percent = Number((tolerance * 100).toFixed(2));
  return [
    `compared with ${name}, tolerating ${percent} %`,
    ...rows.map(([figure = '', ...cells]) => {
      const aligned = cells.map((cell, index) => cell.padStart(widths[index + 1] ?? 0));
      return `${figure.padEnd(widths[0] ?? 0)}  ${aligned.join('  ')}`.trimEnd();
    }),
  ];
}
