import type { Buffer } from 'node:buffer';
import { createReadStream, statSync } from 'node:fs';
import { totalmem } from 'node:os';
import process from 'node:process';
import { isatty } from 'node:tty';
import { getHeapStatistics } from 'node:v8';
import { CallerError } from '../base/caller-error.ts';
import { systemErrorCode, systemErrorText } from '../net/system-error.ts';
import { setAlarm } from './alarm.ts';
import type { ExitCode } from './exit-codes.ts';
import type { Cancel, OwnUsage, Platform, Signal, UserSignal } from './platform.ts';

const SIGNALS: readonly Signal[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];
const USER_SIGNALS: readonly UserSignal[] = ['SIGUSR1', 'SIGUSR2'];
const STREAMS = ['stdin', 'stdout', 'stderr'] as const;

/** The part of Node's diagnostic report that is asked for; Windows has none. */
interface UserLimits {
  readonly userLimits?: { readonly open_files?: { readonly soft?: number | 'unlimited' } };
}

/** The real process, as commands see it. */
export class NodePlatform implements Platform {
  readonly env = process.env;
  readonly pid = process.pid;
  readonly runtime = `Node.js ${process.version} on ${process.platform} ${process.arch}`;
  readonly memoryBytes = memoryBytes();
  readonly heapBytesMax = getHeapStatistics().heap_size_limit;
  readonly isTerminal = { stdin: isatty(0), stdout: isatty(1), stderr: isatty(2) };
  #onOutputEnd: (error: Error | undefined) => void = () => {};
  #onFault: ((error: unknown) => void) | undefined;
  #hasPrinted = false;
  #hasWarned = false;
  #isOutputOver = false;

  get columns(): number | undefined {
    // 0 in a pseudo-terminal that nobody has told its size.
    return process.stdout.columns || undefined;
  }

  print(data: string | Uint8Array, onPrinted?: () => void): boolean {
    if (this.#isOutputOver) return true;
    if (!this.#hasPrinted) process.stdout.on('error', (error) => this.#endOutput(error));
    this.#hasPrinted = true;
    process.stdout.write(data, (error) => {
      if (error === null || error === undefined) onPrinted?.();
    });
    return !process.stdout.writableNeedDrain;
  }

  whenPrinted(): Promise<void> {
    return this.#hasPrinted ? whenWritten(process.stdout) : Promise.resolve();
  }

  onOutputEnd(listener: (error: Error | undefined) => void): void {
    this.#onOutputEnd = listener;
  }

  warn(line: string): void {
    // Where standard error itself fails there is nobody left to tell.
    if (!this.#hasWarned) process.stderr.on('error', () => {});
    this.#hasWarned = true;
    process.stderr.write(`${line}\n`);
  }

  async read(path: string): Promise<Buffer> {
    try {
      if (path !== '-') return await (await import('node:fs/promises')).readFile(path);
      const { buffer } = await import('node:stream/consumers');
      return await buffer(process.stdin);
    } catch (error) {
      throw unreadable(path, error);
    }
  }

  async list(path: string): Promise<readonly string[]> {
    try {
      return (await (await import('node:fs/promises')).readdir(path)).sort();
    } catch (error) {
      throw unreadable(path, error);
    }
  }

  async *readChunks(path: string): AsyncGenerator<Buffer> {
    const stream = path === '-' ? process.stdin : createReadStream(path);
    try {
      yield* stream as AsyncIterable<Buffer>;
    } catch (error) {
      throw unreadable(path, error);
    }
  }

  isOpenToOthers(path: string): boolean {
    // Windows has no such bits, and shows the same for all.
    return process.platform !== 'win32' && (statSync(path).mode & 0o044) !== 0;
  }

  async askSecret(question: string): Promise<string> {
    return await (await import('./ask-secret.ts')).askSecret(question);
  }

  hideWords(): void {
    process.title = 'mqttk';
  }

  nowMs(): number {
    return performance.now();
  }

  date(): Date {
    return new Date();
  }

  setAlarm(atMs: number, onDue: () => void): Cancel {
    return setAlarm(this.nowMs, atMs, onDue);
  }

  atTurnEnd(callback: () => void): void {
    setImmediate(callback);
  }

  randomBytes(length: number): Buffer {
    // Loaded by who needs it: it is a tenth of what `mqttk pub` costs.
    return process.getBuiltinModule('node:crypto').randomBytes(length);
  }

  openFilesMax(): number | undefined {
    // Node has no other way to ask; with sockets open it would also look up their peers' names.
    const report = process.report?.getReport() as UserLimits | undefined;
    const soft = report?.userLimits?.open_files?.soft;
    return typeof soft === 'number' ? soft : undefined;
  }

  ownUsage(): OwnUsage {
    const { system, user } = process.cpuUsage();
    return {
      cpuMs: (system + user) / 1000,
      busyMs: performance.eventLoopUtilization().active,
    };
  }

  onSignal(listener: (signal: Signal) => void): Cancel {
    return listen(SIGNALS, listener);
  }

  onUserSignal(listener: (signal: UserSignal) => void): Cancel {
    return listen(USER_SIGNALS, listener);
  }

  hasLostTerminal(): boolean {
    return STREAMS.some((name, descriptor) => this.isTerminal[name] && !isatty(descriptor));
  }

  onFault(listener: (error: unknown) => void): void {
    if (this.#onFault === undefined) {
      process.on('uncaughtException', (error) => this.#onFault?.(error));
      process.once('beforeExit', () => {
        this.#onFault?.(new Error('Bug in mqttk: it waits for nothing that could still happen'));
      });
    }
    this.#onFault = listener;
  }

  async endBy(signal: Signal): Promise<void> {
    await this.#whenOut();
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  }

  exit(code: ExitCode): void {
    process.exitCode = code;
    // Node aborts where it cannot set the terminal back; its signal is what nobody is surprised by.
    if (this.hasLostTerminal()) {
      void this.endBy('SIGHUP');
      return;
    }
    // Not left to the event loop: what a command has left open must not keep the process alive.
    void this.#whenOut().then(() => process.exit());
  }

  async #whenOut(): Promise<void> {
    await this.whenPrinted();
    if (this.#hasWarned) await whenWritten(process.stderr);
  }

  #endOutput(error: Error): void {
    if (this.#isOutputOver) return;
    this.#isOutputOver = true;
    const isClosedPipe = systemErrorCode(error) === 'EPIPE';
    this.#onOutputEnd(isClosedPipe ? undefined : unwritable(error));
  }
}

function listen<S extends Signal | UserSignal>(
  signals: readonly S[],
  listener: (signal: S) => void,
): Cancel {
  const onSignal = listener as (signal: string) => void;
  for (const signal of signals) process.on(signal, onSignal);
  return () => {
    for (const signal of signals) process.off(signal, onSignal);
  };
}

/** A limit of the container (cgroup v1 or v2) counts where it is lower; 0 and huge are none. */
function memoryBytes(): number {
  const constrained = process.constrainedMemory();
  return constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
}

/** Resolves when all that was written before has left the process, or failed to. */
function whenWritten(stream: NodeJS.WriteStream): Promise<void> {
  if (stream.writableLength === 0) return Promise.resolve();
  return new Promise((resolve) => {
    stream.write('', () => resolve());
  });
}

function unreadable(path: string, cause: unknown): CallerError {
  const name = path === '-' ? 'standard input' : path;
  const remedy = path === '-' ? undefined : 'name a file that exists and that you may read';
  return new CallerError('file', `cannot read ${name}: ${systemErrorText(cause)}`, {
    remedy,
    cause,
  });
}

function unwritable(cause: unknown): CallerError {
  const what = `cannot write to standard output: ${systemErrorText(cause)}`;
  return new CallerError('file', what, { cause });
}
