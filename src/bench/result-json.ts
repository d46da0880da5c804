import { type BenchResult, findBottleneck, findFaults } from './bench-result.ts';
import type { BenchSettings } from './bench-settings.ts';
import type { FigureChange } from './compare-figures.ts';
import { FIGURES, type FigureName, type Figures } from './figures.ts';

/** Who measured, when, and with what. */
export interface ResultOrigin {
  /** `mqttk 0.1.0`. */
  readonly tool: string;
  /** As in ISO 8601. */
  readonly date: string;
  readonly runtime: string;
}

/** What is read of a former result. */
export interface FormerResult {
  readonly scenario: unknown;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly figures: Figures;
}

/** Settings by their options: those that have to be the same for two runs to be compared. */
const COMPARED = {
  publishers: ({ publishers }) => publishers,
  subscribers: ({ subscribers }) => subscribers,
  topics: ({ topics }) => topics,
  filters: ({ filters }) => (filters > 0 ? filters : undefined),
  size: ({ payloadBytes }) => payloadBytes,
  qos: ({ qos }) => qos,
  window: ({ window }) => window,
  ahead: ({ ahead }) => ahead,
  rate: ({ rate }) => rate,
} as const satisfies Record<string, (settings: BenchSettings) => number | undefined>;

const FRACTION_DIGITS = 4;

/** A result as one object; what was not measured, or not asked for, is left out. */
export function renderResultJson(
  result: BenchResult,
  { date, runtime, tool }: ResultOrigin,
  changes: readonly FigureChange[] | undefined,
): string {
  const { settings } = result;
  const shown = Object.entries(COMPARED).map(([name, read]) => [name, read(settings)]);
  return JSON.stringify({
    v: 1,
    type: 'bench',
    tool,
    date,
    runtime,
    scenario: settings.scenario,
    server: result.server,
    mqtt: result.version,
    settings: {
      ...Object.fromEntries(shown),
      count: settings.count,
      duration_s: settings.count === undefined ? settings.durationMs / 1000 : undefined,
      warmup_s: settings.warmupMs / 1000,
    },
    seconds: rounded(result.seconds),
    interrupted: result.wasInterrupted,
    bottleneck: findBottleneck(result),
    faults: findFaults(result),
    figures: roundedFigures(result.figures),
    comparison: changes?.map(({ before, figure, isRegression, now, ratio }) => ({
      figure,
      before: rounded(before),
      now: rounded(now),
      ratio: ratio === undefined ? undefined : rounded(ratio),
      regression: isRegression,
    })),
  });
}

/** Reads what `renderResultJson` has written; undefined if it is something else. */
export function parseFormerResult(text: string): FormerResult | undefined {
  const value = parseJson(text);
  if (!isRecord(value)) return undefined;
  const { figures, scenario, settings, type, v } = value as Readonly<Record<string, unknown>> & {
    readonly figures?: unknown;
    readonly scenario?: unknown;
    readonly settings?: unknown;
    readonly type?: unknown;
    readonly v?: unknown;
  };
  if (v !== 1 || type !== 'bench' || !isRecord(settings) || !isRecord(figures)) return undefined;
  const known = Object.keys(FIGURES).filter((name) => typeof figures[name] === 'number');
  return {
    scenario,
    settings,
    figures: Object.fromEntries(known.map((name) => [name as FigureName, figures[name]])),
  };
}

/** What makes two runs different, by its option and both values; undefined if nothing does. */
export function findDifference(
  former: FormerResult,
  settings: BenchSettings,
): { readonly name: string; readonly before: unknown; readonly now: unknown } | undefined {
  const rows = [
    { name: 'scenario', before: former.scenario, now: settings.scenario as unknown },
    ...Object.entries(COMPARED).map(([name, read]) => ({
      name: `--${name}`,
      before: former.settings[name],
      now: read(settings),
    })),
  ];
  return rows.find(({ before, now }) => before !== now);
}

function roundedFigures(figures: Figures): Record<string, number> {
  return Object.fromEntries(Object.entries(figures).map(([name, value]) => [name, rounded(value)]));
}

function rounded(value: number): number {
  return Number(value.toFixed(FRACTION_DIGITS));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
