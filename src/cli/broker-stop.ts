import { CallerError } from '../base/caller-error.ts';
import type { Farewell } from '../broker/drain.ts';
import { parseDurationMs, unusableValue } from './option-values.ts';
import { renderDuration } from './render-duration.ts';

const DAY_MS = 86_400_000;
const SHUTDOWN_DEFAULT = '10s';
/** Names and ports, with blanks between them: a client has to keep it in mind. */
const REFERENCE_CHARS_MAX = 1_000;
const CONTROLS = /\p{Cc}/u;

/** How a broker stops. */
export interface StopPlan extends Farewell {
  readonly spreadMs: number;
  /** From the signal to the moment at which who is still there is cut off. */
  readonly timeoutMs: number;
}

/** How `mqttk broker` stops, each with its option. */
export const STOP_OPTIONS = {
  drain: {
    type: 'string',
    value: 'TIME',
    group: 'Stopping',
    default: '0',
    coerce: parseTime,
    describe:
      'spread the ends of the connections over this time, so that not all come back at once',
  },
  'shutdown-timeout': {
    type: 'string',
    value: 'TIME',
    group: 'Stopping',
    default: SHUTDOWN_DEFAULT,
    coerce: parseTime,
    describe: 'cut off who is still there so long after the signal, and exit with 1',
  },
  'server-reference': {
    type: 'string',
    value: 'TEXT',
    group: 'Stopping',
    coerce: parseReference,
    describe: 'where clients of 5.0 are to go meanwhile: NAME:PORT, or several with blanks between',
  },
} as const;

/** @throws CallerError usage for a time to spread over that is not within the time there is. */
export function stopPlanFrom(options: {
  readonly drain: number;
  readonly shutdownTimeout: number;
  readonly serverReference: string | undefined;
}): StopPlan {
  const { drain: spreadMs, serverReference, shutdownTimeout: timeoutMs } = options;
  if (spreadMs < timeoutMs) return { spreadMs, timeoutMs, serverReference };
  const [spread, timeout] = [renderDuration(spreadMs), renderDuration(timeoutMs)];
  throw new CallerError('usage', `--drain ${spread} does not end before --shutdown-timeout`, {
    why: `all who are connected ${timeout} after the signal are cut off`,
    remedy: `add --shutdown-timeout ${renderDuration(spreadMs + 10_000)}`,
  });
}

function parseTime(text: string, option: string): number {
  const ms = parseDurationMs(text, option);
  if (ms <= DAY_MS) return ms;
  throw unusableValue(option, text, 'give one day at most');
}

function parseReference(text: string, option: string): string {
  const isUsable = text.trim() !== '' && text.length <= REFERENCE_CHARS_MAX;
  if (isUsable && !CONTROLS.test(text) && text.isWellFormed()) return text;
  throw unusableValue(option, text, 'name a server that clients can reach: broker2.example:1883');
}
