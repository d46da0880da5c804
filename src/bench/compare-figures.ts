import type { BenchSettings } from './bench-settings.ts';
import { FIGURES, type FigureName, type Figures, figureRow } from './figures.ts';

/** One figure of two runs. */
export interface FigureChange {
  readonly figure: FigureName;
  readonly before: number;
  readonly now: number;
  /** `now` / `before`; undefined where there is nothing to divide by. */
  readonly ratio: number | undefined;
  /** Whether it became worse by more than what is tolerated, and that is no accident. */
  readonly isRegression: boolean;
}

/** Compares what both runs have, by `tolerance`: 0.1 for 10 %. */
export function compareFigures(
  before: Figures,
  now: Figures,
  settings: BenchSettings,
  tolerance: number,
): readonly FigureChange[] {
  const changes: FigureChange[] = [];
  for (const figure of Object.keys(FIGURES) as FigureName[]) {
    const [old, current] = [before[figure], now[figure]];
    const row = figureRow(figure);
    if (row.better === undefined || old === undefined || current === undefined) continue;
    const worse = row.better === 'more' ? old * (1 - tolerance) : old * (1 + tolerance);
    const isWorse = row.better === 'more' ? current < worse : current > worse;
    changes.push({
      figure,
      before: old,
      now: current,
      ratio: old === 0 ? undefined : current / old,
      isRegression: isWorse && (row.isJudged?.(settings) ?? true),
    });
  }
  return changes;
}
