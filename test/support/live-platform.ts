import { setAlarm } from '../../src/cli/alarm.ts';
import type { Cancel } from '../../src/cli/platform.ts';
import { runProgram } from '../../src/cli/program.ts';
import { RecordedPlatform } from './recorded-platform.ts';

/** A process on paper whose time passes: for commands that wait for it. */
export class LivePlatform extends RecordedPlatform {
  override nowMs(): number {
    return performance.now();
  }

  override setAlarm(atMs: number, onDue: () => void): Cancel {
    return setAlarm(() => this.nowMs(), atMs, onDue);
  }
}

/** Waits for something to come true. */
export async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, 2));
}

/** `mqttk broker` in this process. */
export class LocalBroker {
  readonly port: string;
  readonly #platform: LivePlatform;
  readonly #done: Promise<void>;

  private constructor(platform: LivePlatform, done: Promise<void>, port: string) {
    this.#platform = platform;
    this.#done = done;
    this.port = port;
  }

  static async start(...words: readonly string[]): Promise<LocalBroker> {
    const platform = new LivePlatform();
    const done = runProgram(['broker', '--host', '127.0.0.1', '-p', '0', ...words], platform);
    await until(() => platform.signalListeners > 0);
    const [, port = ''] = /127\.0\.0\.1:(\d+)/.exec(platform.err) ?? [];
    return new LocalBroker(platform, done, port);
  }

  /** Its log so far. */
  get log(): string {
    return this.#platform.err;
  }

  async stop(): Promise<void> {
    this.#platform.sendSignal('SIGINT');
    await this.#done;
  }

  /** Runs `mqttk bench` with it, to its end. */
  async bench(...words: readonly string[]): Promise<LivePlatform> {
    const platform = new LivePlatform();
    await runProgram(['bench', ...words, '-h', '127.0.0.1', '-p', this.port], platform);
    return platform;
  }
}
