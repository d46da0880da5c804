import { CallerError } from '../base/caller-error.ts';
import type { Platform } from './platform.ts';

/** What another process has used so far. */
export interface ProcessUsage {
  /** Of all its threads. */
  readonly cpuSeconds: number;
  /** Memory that is resident now, and at most so far. */
  readonly residentBytes: number;
}

/** How many ticks /proc counts a second: the same in every Linux that runs Node. */
const TICKS_PER_SECOND = 100;
/** Fields of /proc/PID/stat behind the name, from 0: CPU time for itself, and in the kernel. */
const USER_TICKS = 11;
const SYSTEM_TICKS = 12;

/**
 * Asks Linux what a process has used.
 *
 * @throws CallerError environment if this is no Linux, usage if it has no such process.
 */
export async function readProcessUsage(
  pid: number,
  platform: Pick<Platform, 'read'>,
): Promise<ProcessUsage> {
  const stat = await readProc(`${pid}/stat`, pid, platform);
  const status = await readProc(`${pid}/status`, pid, platform);
  // The name stands in brackets, and may hold any character, brackets too.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = Number(fields[USER_TICKS]) + Number(fields[SYSTEM_TICKS]);
  const [, kilobytes = '0'] = /^VmRSS:\s+(\d+) kB$/m.exec(status) ?? [];
  return { cpuSeconds: ticks / TICKS_PER_SECOND, residentBytes: Number(kilobytes) * 1024 };
}

async function readProc(
  path: string,
  pid: number,
  platform: Pick<Platform, 'read'>,
): Promise<string> {
  try {
    return String(await platform.read(`/proc/${path}`));
  } catch (cause) {
    if (!(cause instanceof CallerError)) throw cause;
    throw (await isLinux(platform)) ? noProcess(pid, cause) : noProc(cause);
  }
}

async function isLinux(platform: Pick<Platform, 'read'>): Promise<boolean> {
  try {
    await platform.read('/proc/version');
    return true;
  } catch (cause) {
    if (!(cause instanceof CallerError)) throw cause;
    return false;
  }
}

function noProcess(pid: number, cause: CallerError): CallerError {
  return new CallerError('usage', `there is no process ${pid}`, {
    why: 'it has ended, or runs on another machine',
    remedy: 'give the broker\'s process id; "pgrep -a mosquitto", say, shows it',
    cause,
  });
}

function noProc(cause: CallerError): CallerError {
  return new CallerError('environment', '--broker-pid works on Linux only', {
    why: 'this system has no /proc',
    remedy: 'leave it out',
    cause,
  });
}
