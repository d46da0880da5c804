const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];
const DAY_MS = 86_400_000;

/** A part of a local time by one letter, as C's `strftime` has it without a locale. */
const PARTS: Readonly<Record<string, (time: Date) => string>> = {
  a: (time) => nameOf(DAYS, time.getDay()).slice(0, 3),
  A: (time) => nameOf(DAYS, time.getDay()),
  b: (time) => nameOf(MONTHS, time.getMonth()).slice(0, 3),
  B: (time) => nameOf(MONTHS, time.getMonth()),
  c: (time) => [...'abeTY'].map((letter) => part(letter, time)).join(' '),
  C: (time) => two(Math.floor(time.getFullYear() / 100)),
  d: (time) => two(time.getDate()),
  D: (time) => `${part('m', time)}/${part('d', time)}/${part('y', time)}`,
  e: (time) => String(time.getDate()).padStart(2),
  F: (time) => `${part('Y', time)}-${part('m', time)}-${part('d', time)}`,
  g: (time) => two(isoWeek(time).year % 100),
  G: (time) => String(isoWeek(time).year),
  h: (time) => part('b', time),
  H: (time) => two(time.getHours()),
  I: (time) => two(twelve(time)),
  j: (time) => String(dayOfYear(time) + 1).padStart(3, '0'),
  k: (time) => String(time.getHours()).padStart(2),
  l: (time) => String(twelve(time)).padStart(2),
  m: (time) => two(time.getMonth() + 1),
  M: (time) => two(time.getMinutes()),
  n: () => '\n',
  p: (time) => (time.getHours() < 12 ? 'AM' : 'PM'),
  P: (time) => (time.getHours() < 12 ? 'am' : 'pm'),
  r: (time) => `${part('I', time)}:${part('M', time)}:${part('S', time)} ${part('p', time)}`,
  R: (time) => `${part('H', time)}:${part('M', time)}`,
  s: (time) => String(Math.floor(time.getTime() / 1000)),
  S: (time) => two(time.getSeconds()),
  t: () => '\t',
  T: (time) => `${part('R', time)}:${part('S', time)}`,
  u: (time) => String(time.getDay() === 0 ? 7 : time.getDay()),
  U: (time) => two(weekFrom(time, time.getDay())),
  V: (time) => two(isoWeek(time).week),
  w: (time) => String(time.getDay()),
  W: (time) => two(weekFrom(time, (time.getDay() + 6) % 7)),
  x: (time) => part('D', time),
  X: (time) => part('T', time),
  y: (time) => two(time.getFullYear() % 100),
  Y: (time) => String(time.getFullYear()),
  z: (time) => zone(time),
  Z: (time) => zoneName(time),
};

/** Whether a letter stands for a part of a time. */
export function isTimePart(letter: string): boolean {
  return Object.hasOwn(PARTS, letter);
}

/** The part that a letter stands for, in the zone of this machine. */
export function timePart(letter: string, wallUs: number): string {
  return part(letter, new Date(Math.floor(wallUs / 1000)));
}

/** `2026-11-22T09:47:38+0100` */
export function localTime(wallUs: number): string {
  const time = new Date(Math.floor(wallUs / 1000));
  return `${part('F', time)}T${part('T', time)}${zone(time)}`;
}

/** `2026-11-22T12:54:43.989910+0100` */
export function localTimeUs(wallUs: number): string {
  const time = new Date(Math.floor(wallUs / 1000));
  const us = String(wallUs % 1_000_000).padStart(6, '0');
  return `${part('F', time)}T${part('T', time)}.${us}${zone(time)}`;
}

function part(letter: string, time: Date): string {
  return PARTS[letter]?.(time) ?? '';
}

function nameOf(names: readonly string[], index: number): string {
  return names[index] ?? '';
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}

function twelve(time: Date): number {
  return time.getHours() % 12 === 0 ? 12 : time.getHours() % 12;
}

/** From 0. In days as the calendar has them, whatever the clocks do meanwhile. */
function dayOfYear(time: Date): number {
  const day = Date.UTC(time.getFullYear(), time.getMonth(), time.getDate());
  return (day - Date.UTC(time.getFullYear(), 0, 1)) / DAY_MS;
}

/** The week of the year; `weekday` counts from the day on which weeks begin. */
function weekFrom(time: Date, weekday: number): number {
  return Math.floor((dayOfYear(time) + 7 - weekday) / 7);
}

/** ISO 8601: a week belongs to the year in which its Thursday lies. */
function isoWeek(time: Date): { readonly year: number; readonly week: number } {
  const weekday = (time.getDay() + 6) % 7;
  const thursday = new Date(time.getFullYear(), time.getMonth(), time.getDate() - weekday + 3);
  return { year: thursday.getFullYear(), week: Math.floor(dayOfYear(thursday) / 7) + 1 };
}

/** `+0100` */
function zone(time: Date): string {
  const minutes = -time.getTimezoneOffset();
  const size = Math.abs(minutes);
  return `${minutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}${two(size % 60)}`;
}

function zoneName(time: Date): string {
  return /\((.*)\)$/.exec(time.toString()) === null
    ? zone(time)
    : (new Intl.DateTimeFormat('en-US', { timeZoneName: 'short' })
        .formatToParts(time)
        .find(({ type }) => type === 'timeZoneName')?.value ?? zone(time));
}
