const DAY_MS = 86_400_000;
const CLOCK = /^(\d\d?):(\d\d):(\d\d(?:[.,]\d{1,9})?)$/;
const DATE =
  /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d:\d\d:\d\d(?:[.,]\d{1,9})?)\s?(?:Z|([+-])(\d\d):?(\d\d))?$/;
const SECONDS = /^\d{1,9}[.,]\d{1,9}$/;

/**
 * The time that a log writes before its lines: `12:34:56.789`, since midnight; ISO 8601, since
 * 1970, in UTC if it names no zone; seconds since anything. Undefined if it is none of these.
 */
export function clockTimeMs(text: string): number | undefined {
  const trimmed = text.trim();
  if (SECONDS.test(trimmed)) return 1000 * Number(trimmed.replace(',', '.'));
  const [, year, month, day, clock = trimmed, sign, hours, minutes] = DATE.exec(trimmed) ?? [];
  const ofDay = dayTimeMs(clock);
  if (ofDay === undefined || year === undefined) return ofDay;
  const zone = (Number(hours ?? 0) * 60 + Number(minutes ?? 0)) * 60_000;
  const days = dayNumber(Number(year), Number(month), Number(day));
  return days * DAY_MS + ofDay - (sign === '-' ? -zone : zone);
}

function dayTimeMs(clock: string): number | undefined {
  const [, hours, minutes, seconds = ''] = CLOCK.exec(clock) ?? [];
  if (hours === undefined) return undefined;
  const whole = (Number(hours) * 60 + Number(minutes)) * 60_000;
  return whole + Math.round(Number(seconds.replace(',', '.')) * 1e6) / 1e3;
}

/** A Gregorian date as the number of its day, from 1970-01-01 on; years begin in March here. */
function dayNumber(year: number, month: number, day: number): number {
  const shifted = month <= 2 ? year - 1 : year;
  const monthFromMarch = (month + 9) % 12;
  const leaps = Math.floor(shifted / 4) - Math.floor(shifted / 100) + Math.floor(shifted / 400);
  return 365 * shifted + leaps + Math.floor((153 * monthFromMarch + 2) / 5) + day - 719_469;
}
