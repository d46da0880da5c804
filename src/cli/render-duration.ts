const UNITS: readonly (readonly [seconds: number, name: string])[] = [
  [86_400, 'd'],
  [3_600, 'h'],
  [60, 'm'],
  [1, 's'],
];

/** A time as a person says it: `500ms`, `1.5s`, and from a minute on two units: `3m 12s`. */
export function renderDuration(ms: number): string {
  if (ms < 1_000) return `${ms}ms`;
  if (ms < 60_000) return `${ms / 1_000}s`;
  const seconds = Math.floor(ms / 1_000);
  const at = UNITS.findIndex(([size]) => seconds >= size);
  const [large, small] = UNITS.slice(at);
  if (large === undefined || small === undefined) return `${seconds}s`;
  const count = Math.floor(seconds / large[0]);
  const rest = Math.floor((seconds % large[0]) / small[0]);
  return rest === 0 ? `${count}${large[1]}` : `${count}${large[1]} ${rest}${small[1]}`;
}
