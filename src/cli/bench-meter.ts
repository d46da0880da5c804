import type { Figures } from '../bench/figures.ts';
import type { BenchStage } from './bench-stage.ts';
import type { OwnUsage, Platform } from './platform.ts';
import { type ProcessUsage, readProcessUsage } from './process-usage.ts';

const SAMPLE_MS = 250;
const PER_MILLION = 1_000_000;

/** What both sides have used at one moment. */
interface Reading {
  readonly atMs: number;
  readonly own: OwnUsage;
  readonly broker: ProcessUsage | undefined;
}

/** What is used on both sides, over the time that is measured. */
export class BenchMeter {
  readonly #platform: Platform;
  readonly #brokerPid: number | undefined;
  #start: Reading | undefined = undefined;
  #peakBytes = 0;
  #isSampling = false;
  #sampledMs = 0;

  constructor(brokerPid: number | undefined, platform: Platform) {
    this.#platform = platform;
    this.#brokerPid = brokerPid;
  }

  /** The broker's memory now; undefined if nobody has asked for it. */
  async residentBytes(): Promise<number | undefined> {
    return (await this.#readBroker())?.residentBytes;
  }

  /** Looks at the broker's memory now and then, for the most that it takes. */
  sample(stage: Pick<BenchStage, 'onTick' | 'fail'>): void {
    if (this.#brokerPid === undefined) return;
    stage.onTick((nowMs) => {
      if (this.#isSampling || nowMs - this.#sampledMs < SAMPLE_MS) return;
      this.#isSampling = true;
      this.#sampledMs = nowMs;
      this.#readBroker().then(
        () => {
          this.#isSampling = false;
        },
        (error: unknown) => stage.fail(error),
      );
    });
  }

  /** From here on. */
  async start(): Promise<void> {
    this.#start = await this.#read();
  }

  /** Up to here; `count` is what CPU time is divided by. */
  async stop(count: number): Promise<Figures> {
    const start = this.#start;
    const end = await this.#read();
    if (start === undefined) return {};
    const ms = Math.max(end.atMs - start.atMs, 1);
    const own = {
      client_cpu: (end.own.cpuMs - start.own.cpuMs) / ms,
      client_loop: (end.own.busyMs - start.own.busyMs) / ms,
    };
    if (start.broker === undefined || end.broker === undefined) return own;
    const cpuSeconds = end.broker.cpuSeconds - start.broker.cpuSeconds;
    return {
      ...own,
      broker_cpu: (cpuSeconds * 1000) / ms,
      ...(count > 0 ? { broker_cpu_s_per_million: (cpuSeconds / count) * PER_MILLION } : {}),
      broker_rss_bytes: end.broker.residentBytes,
      broker_rss_peak_bytes: this.#peakBytes,
    };
  }

  async #read(): Promise<Reading> {
    const own = this.#platform.ownUsage();
    const atMs = this.#platform.nowMs();
    return { atMs, own, broker: await this.#readBroker() };
  }

  async #readBroker(): Promise<ProcessUsage | undefined> {
    if (this.#brokerPid === undefined) return undefined;
    const usage = await readProcessUsage(this.#brokerPid, this.#platform);
    this.#peakBytes = Math.max(this.#peakBytes, usage.residentBytes);
    return usage;
  }
}
