import { type ChildProcess, spawn } from 'node:child_process';
import process from 'node:process';
import { searchEnv } from './peers.ts';

/** How long a test waits for what a program is to say or do. */
const PATIENCE_MS = 10_000;

/** How a program ended. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** What runs, so that a test that fails leaves nothing behind. */
const RUNNING = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of RUNNING) child.kill('SIGKILL');
});

/** A program that a test has started, and what it has said so far. */
export class Child {
  readonly process: ChildProcess;
  out = '';
  err = '';
  readonly ended: Promise<Ended>;
  #onChange: () => void = () => {};
  #hasEnded = false;

  constructor(file: string, words: readonly string[]) {
    this.process = spawn(file, words, { env: searchEnv(), stdio: 'pipe' });
    RUNNING.add(this.process);
    this.process.stdout?.on('data', (chunk) => {
      this.out += String(chunk);
      this.#onChange();
    });
    this.process.stderr?.on('data', (chunk) => {
      this.err += String(chunk);
      this.#onChange();
    });
    // One that ends without reading its input is judged by how it ends.
    this.process.stdin?.on('error', () => {});
    this.ended = new Promise((resolve, reject) => {
      this.process.once('error', reject);
      this.process.once('close', (code, signal) => {
        this.#hasEnded = true;
        RUNNING.delete(this.process);
        this.#onChange();
        resolve({ code, signal });
      });
    });
  }

  /** Waits until what it has said fits; it may have ended by then. */
  async says(where: 'out' | 'err', pattern: RegExp): Promise<RegExpExecArray> {
    const endMs = Date.now() + PATIENCE_MS;
    for (;;) {
      const match = pattern.exec(this[where]);
      if (match !== null) return match;
      if (this.#hasEnded || Date.now() > endMs) {
        throw new Error(`no ${pattern} in ${where}:\n${this.out}\n${this.err}`);
      }
      await this.#changed();
    }
  }

  /** Writes to its standard input, which ends with that. */
  feed(text: string | Uint8Array): void {
    this.process.stdin?.end(text);
  }

  /** Asks it to end, and waits until it has; one that does not heed is killed. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<Ended> {
    if (!this.#hasEnded) this.process.kill(signal);
    const timer = setTimeout(() => this.process.kill('SIGKILL'), PATIENCE_MS);
    try {
      return await this.ended;
    } finally {
      clearTimeout(timer);
    }
  }

  #changed(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, 250);
      this.#onChange = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

/** Runs a program to its end. */
export async function run(
  file: string,
  words: readonly string[],
  input: string | Uint8Array = '',
): Promise<Ended & { readonly out: string; readonly err: string }> {
  const child = new Child(file, words);
  child.feed(input);
  const ended = await child.ended;
  return { ...ended, out: child.out, err: child.err };
}
