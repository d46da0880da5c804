/** So short a beginning, or rest, could be anything. */
const PREFIX_LENGTH_MIN = 3;

/**
 * The name that was probably meant by `typed`: few slips away, or one is the beginning of the
 * other (`publish`, `broke`); undefined if none is near.
 */
export function findNearestName(typed: string, names: Iterable<string>): string | undefined {
  const known = [...names];
  return findBySlips(typed, known) ?? findByBeginning(typed, known);
}

/** One name alone: of several, none is meant more than the others. */
function findByBeginning(typed: string, names: readonly string[]): string | undefined {
  const isLong = (word: string) => word.length >= PREFIX_LENGTH_MIN;
  const [only, ...others] = names.filter(
    (name) => isLong(typed) && isLong(name) && (name.startsWith(typed) || typed.startsWith(name)),
  );
  return others.length === 0 ? only : undefined;
}

function findBySlips(typed: string, names: readonly string[]): string | undefined {
  let nearest: string | undefined;
  // One slip in three characters: more likens words that have nothing in common.
  let slipsMax = Math.max(1, Math.floor(typed.length / 3));
  for (const name of names) {
    const slips = slipsBetween(typed, name);
    if (slips > slipsMax) continue;
    nearest = name;
    slipsMax = slips - 1;
  }
  return nearest;
}

/**
 * How many characters to add, drop, change or swap with their neighbour to make one word the
 * other (optimal string alignment).
 */
function slipsBetween(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const isSame = a[i - 1] === b[j - 1];
      const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row[j] = Math.min(
        at(last, j) + 1,
        at(row, j - 1) + 1,
        at(last, j - 1) + (isSame ? 0 : 1),
        isSwapped ? at(beforeLast, j - 2) + 1 : Number.POSITIVE_INFINITY,
      );
    }
    beforeLast = last;
    last = row;
  }
  return at(last, b.length);
}

function at(row: readonly number[], j: number): number {
  return row[j] ?? Number.POSITIVE_INFINITY;
}
