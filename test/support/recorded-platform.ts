import { Buffer } from 'node:buffer';
import { CallerError } from '../../src/base/caller-error.ts';
import { Deadlines } from '../../src/base/deadlines.ts';
import { Random } from '../../src/base/random.ts';
import type { ExitCode } from '../../src/cli/exit-codes.ts';
import type { Cancel, OwnUsage, Platform, Signal, UserSignal } from '../../src/cli/platform.ts';

/** What the process would have found there. */
export interface Surroundings {
  readonly env?: Readonly<Record<string, string>>;
  readonly isTerminal?: boolean;
  readonly columns?: number;
  /** By path; `-` is standard input. */
  readonly files?: Readonly<Record<string, Uint8Array | string>>;
}

/**
 * A process on paper: what a command said, where, and how it ended. Time stands still until
 * `advanceTo`; standard output takes everything until `endOutput`.
 */
export class RecordedPlatform implements Platform {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly pid = 4711;
  readonly runtime = 'Node.js on paper';
  readonly memoryBytes = 8 * 2 ** 30;
  readonly heapBytesMax = 8 * 2 ** 30;
  readonly isTerminal: Platform['isTerminal'];
  readonly columns: number | undefined;
  /** The bytes of standard output. */
  readonly printed: Buffer[] = [];
  readonly warned: string[] = [];
  /** How many files may be open. */
  openFiles: number | undefined = undefined;
  exitCode: ExitCode | undefined;
  /** What somebody types who is asked for a secret. */
  secret = '';
  areWordsHidden = false;
  isTerminalLost = false;
  readonly #files: Readonly<Record<string, Uint8Array | string>>;
  readonly #lines: [stream: 'out' | 'err' | 'exit', text: string][] = [];
  readonly #signalListeners = new Set<(signal: Signal) => void>();
  readonly #userSignalListeners = new Set<(signal: UserSignal) => void>();
  readonly #alarms = new Deadlines();
  readonly #random = new Random(1);
  #onOutputEnd: (error: Error | undefined) => void = () => {};
  #onFault: (error: unknown) => void = () => {};
  #isOutputOver = false;
  #nowMs = 0;

  constructor(surroundings: Surroundings = {}) {
    const { env = {}, isTerminal = false, columns, files = {} } = surroundings;
    this.env = env;
    this.isTerminal = { stdin: isTerminal, stdout: isTerminal, stderr: isTerminal };
    this.columns = columns;
    this.#files = files;
  }

  /** All of standard output as text. */
  get out(): string {
    return Buffer.concat(this.printed).toString();
  }

  /** All of standard error. */
  get err(): string {
    return this.warned.map((line) => `${line}\n`).join('');
  }

  /** Output, errors and end in order, each line with where it went: for golden files. */
  get transcript(): string {
    const lines = this.#lines.flatMap(([stream, text]) =>
      text.split('\n').map((line) => `${stream} ${line}`.trimEnd()),
    );
    return `${lines.join('\n')}\n`;
  }

  print(data: string | Uint8Array, onPrinted?: () => void): boolean {
    if (this.#isOutputOver) return true;
    const bytes = Buffer.from(data);
    this.printed.push(bytes);
    this.#lines.push(['out', bytes.toString().replace(/\n$/, '')]);
    if (onPrinted !== undefined) queueMicrotask(onPrinted);
    return true;
  }

  whenPrinted(): Promise<void> {
    return Promise.resolve();
  }

  onOutputEnd(listener: (error: Error | undefined) => void): void {
    this.#onOutputEnd = listener;
  }

  /** The reader of the pipe goes away, or `error` keeps output from being written. */
  endOutput(error?: Error): void {
    this.#isOutputOver = true;
    this.#onOutputEnd(error);
  }

  warn(line: string): void {
    this.warned.push(line);
    this.#lines.push(['err', line]);
  }

  async read(path: string): Promise<Buffer> {
    const content = this.#files[path];
    if (content !== undefined) return Buffer.from(content);
    const cause = Object.assign(new Error('no such file or directory'), { code: 'ENOENT' });
    throw new CallerError('file', `cannot read ${path}: ${cause.message}`, { cause });
  }

  async list(path: string): Promise<readonly string[]> {
    const folder = `${path}/`;
    const names = Object.keys(this.#files).filter((name) => name.startsWith(folder));
    if (names.length === 0) await this.read(path);
    return names.map((name) => name.slice(folder.length)).sort();
  }

  async *readChunks(path: string): AsyncGenerator<Buffer> {
    yield await this.read(path);
  }

  isOpenToOthers(path: string): boolean {
    return path.includes('open');
  }

  async askSecret(question: string): Promise<string> {
    this.warn(question);
    return this.secret;
  }

  hideWords(): void {
    this.areWordsHidden = true;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  date(): Date {
    return new Date(Date.UTC(2026, 10, 22, 10, 15, 30) + this.#nowMs);
  }

  setAlarm(atMs: number, onDue: () => void): Cancel {
    const waiter = { onDeadline: onDue };
    this.#alarms.set(waiter, atMs);
    return () => this.#alarms.set(waiter, undefined);
  }

  /** Lets time pass, and alarms ring on the way, each at its moment. */
  advanceTo(nowMs: number): void {
    for (let due = this.#alarms.nextMs(); due !== undefined && due <= nowMs; ) {
      this.#nowMs = Math.max(due, this.#nowMs);
      this.#alarms.advance(this.#nowMs);
      due = this.#alarms.nextMs();
    }
    this.#nowMs = nowMs;
  }

  /** Lets time pass in one turn of the event loop: what was due on the way comes late. */
  sleepTo(nowMs: number): void {
    this.#nowMs = nowMs;
    this.#alarms.advance(nowMs);
  }

  atTurnEnd(callback: () => void): void {
    setImmediate(callback);
  }

  randomBytes(length: number): Buffer {
    return Buffer.from(Array.from({ length }, () => this.#random.below(256)));
  }

  openFilesMax(): number | undefined {
    return this.openFiles;
  }

  /** Half as busy as it could be. */
  ownUsage(): OwnUsage {
    return { cpuMs: this.nowMs() / 2, busyMs: this.nowMs() / 2 };
  }

  onSignal(listener: (signal: Signal) => void): Cancel {
    this.#signalListeners.add(listener);
    return () => this.#signalListeners.delete(listener);
  }

  onUserSignal(listener: (signal: UserSignal) => void): Cancel {
    this.#userSignalListeners.add(listener);
    return () => this.#userSignalListeners.delete(listener);
  }

  sendUserSignal(signal: UserSignal): void {
    for (const listener of this.#userSignalListeners) listener(signal);
  }

  hasLostTerminal(): boolean {
    return this.isTerminalLost;
  }

  /** How many are told of signals. */
  get signalListeners(): number {
    return this.#signalListeners.size;
  }

  sendSignal(signal: Signal): void {
    for (const listener of this.#signalListeners) listener(signal);
  }

  onFault(listener: (error: unknown) => void): void {
    this.#onFault = listener;
  }

  /** Something was thrown where nobody caught it. */
  throwUncaught(error: unknown): void {
    this.#onFault(error);
  }

  /** Only noted: the command goes on to its exit code. */
  async endBy(signal: Signal): Promise<void> {
    this.#lines.push(['exit', `by ${signal}`]);
  }

  exit(code: ExitCode): void {
    this.exitCode = code;
    this.#lines.push(['exit', String(code)]);
  }
}
