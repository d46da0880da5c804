const MS = 1000;
const SECOND = 1_000_000;

/** A number with its thousands apart: `1,234,567`; small ones with two digits behind the point. */
export function numberText(value: number): string {
  if (value !== 0 && Math.abs(value) < 100 && !Number.isInteger(value)) return value.toFixed(2);
  return Math.round(value).toLocaleString('en');
}

/** A time with three telling digits: `87 us`, `1.25 ms`, `2.4 s`. */
export function timeText(us: number): string {
  if (us < MS) return `${us} us`;
  if (us < SECOND) return `${threeDigits(us / MS)} ms`;
  return `${threeDigits(us / SECOND)} s`;
}

/** A size in memory: `85.3 MiB`. */
export function sizeText(bytes: number): string {
  if (bytes < 1024 * 100) return `${numberText(bytes)} B`;
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}

/** A share as a percentage: `97 %`. */
export function percentText(share: number): string {
  return `${Math.round(share * 100)} %`;
}

function threeDigits(value: number): string {
  return String(Number(value.toPrecision(3)));
}
