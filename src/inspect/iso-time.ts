const DAY_MS = 86_400_000;

/** Milliseconds since 1970 as `2026-11-22T11:51:07.242100Z`: to the microsecond, in UTC. */
export function isoTime(timeMs: number): string {
  const wholeMs = Math.floor(timeMs);
  const days = Math.floor(wholeMs / DAY_MS);
  const ms = wholeMs - days * DAY_MS;
  const micros = Math.floor((timeMs - wholeMs) * 1000);
  const time = [ms / 3_600_000, (ms / 60_000) % 60, (ms / 1000) % 60].map((part) =>
    digits(part, 2),
  );
  return `${dateText(days)}T${time.join(':')}.${digits(ms % 1000, 3)}${digits(micros, 3)}Z`;
}

/** The Gregorian date of a day counted from 1970-01-01, by eras of 400 years from a 1 March. */
function dateText(days: number): string {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const leaps = Math.floor(dayOfEra / 1460) - Math.floor(dayOfEra / 36_524);
  const yearOfEra = Math.floor((dayOfEra - leaps + Math.floor(dayOfEra / 146_096)) / 365);
  const before = 365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100);
  const dayOfYear = dayOfEra - before;
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1;
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  return [digits(year, 4), digits(month, 2), digits(day, 2)].join('-');
}

function digits(value: number, count: number): string {
  return String(Math.floor(value)).padStart(count, '0');
}
