import { setMaxListeners } from 'node:events';
import { BenchLink, type LinkEnd, type LinkOwner } from '../bench/bench-link.ts';
import { Histogram } from '../bench/histogram.ts';
import { TurnOutputs } from '../bench/link-output.ts';
import type { BenchClock } from '../bench/traffic.ts';
import { noConnack } from '../client/client-errors.ts';
import type { ProtocolLevel, QoS } from '../codec/packet.ts';
import { dial } from '../net/dialer.ts';
import { linkEndError } from './bench-end.ts';
import type { ClientTarget } from './client-options.ts';
import type { Cancel, Platform, Signal } from './platform.ts';

/** How many connections are on their way at a time. */
const DIALLED_MAX = 64;
/** How long a broker may leave everybody without an answer. */
const ANSWER_MS_MAX = 30_000;
const TICK_MS = 100;
/** In one SUBSCRIBE: no broker keeps its others waiting for long, nor finds the packet large. */
const FILTERS_MAX = 100;

/** The person, or the system, has ended a run that has nothing to tell yet. */
export class Interruption extends Error {
  readonly signal: Signal;

  constructor(signal: Signal) {
    super(`interrupted by ${signal}`);
    this.signal = signal;
  }
}

/** What a link is waited for. */
type Answer = 'connected' | 'subscribed' | 'pong';

/** A link, with promises for the answers to what it asks. */
export class OpenLink implements LinkOwner {
  readonly link: BenchLink;
  readonly #stage: BenchStage;
  #awaited: Answer | undefined = undefined;
  #resolve: () => void = () => {};

  constructor(stage: BenchStage, makeLink: (owner: LinkOwner) => BenchLink) {
    this.#stage = stage;
    this.link = makeLink(this);
  }

  /** Sends CONNECT; resolves with CONNACK. */
  start(): Promise<void> {
    return this.#answer('connected', () => this.link.start());
  }

  /** Resolves with the last SUBACK; sends some filters at a time. */
  async subscribe(topicFilters: readonly string[], qos: QoS): Promise<void> {
    for (let at = 0; at < topicFilters.length; at += FILTERS_MAX) {
      const some = topicFilters.slice(at, at + FILTERS_MAX);
      await this.#answer('subscribed', () => this.link.subscribe(some, qos));
    }
  }

  /** Resolves when the broker has read all that was sent before. */
  ping(): Promise<void> {
    return this.#answer('pong', () => this.link.ping());
  }

  onConnected(): void {
    this.#onAnswer('connected');
  }

  onSubscribed(): void {
    this.#onAnswer('subscribed');
  }

  onPong(): void {
    this.#onAnswer('pong');
  }

  onEnd(end: LinkEnd): void {
    this.#stage.onLinkEnd(end);
  }

  #answer(awaited: Answer, ask: () => void): Promise<void> {
    return this.#stage.promise((resolve) => {
      this.#awaited = awaited;
      this.#resolve = resolve;
      ask();
    });
  }

  #onAnswer(answer: Answer): void {
    this.#stage.onAnswer();
    if (this.#awaited !== answer) return;
    this.#awaited = undefined;
    this.#resolve();
  }
}

/**
 * What all scenarios play on: connections, time, and the ways in which a run can end before its
 * end. Whatever a scenario waits for is rejected once one of its links has failed.
 */
export class BenchStage {
  readonly clock: BenchClock;
  /** Microseconds from dialling, or from when it was due, to CONNACK. */
  readonly connectTimes = new Histogram();
  connectionCount = 0;
  /** The person has had enough: a scenario comes to its end, and shows what it has. */
  interruption: Interruption | undefined = undefined;
  /** Whether a scenario looks at `interruption`; until then, and for a second one, it fails. */
  isOrderly = false;
  readonly #target: ClientTarget;
  readonly #level: ProtocolLevel;
  readonly #qos: QoS;
  readonly #platform: Platform;
  readonly #outputs: TurnOutputs;
  readonly #links: BenchLink[] = [];
  readonly #abort = new AbortController();
  readonly #cancels = new Set<Cancel>();
  readonly #rejects = new Set<(error: unknown) => void>();
  readonly #wakes = new Set<() => void>();
  readonly #tickers: ((nowMs: number) => void)[] = [];
  #failure: { readonly error: unknown } | undefined = undefined;
  #lastAnswerMs: number;
  #keptAliveMs: number;

  constructor(target: ClientTarget, level: ProtocolLevel, qos: QoS, platform: Platform) {
    this.#qos = qos;
    this.#target = target;
    this.#level = level;
    this.#platform = platform;
    // Each connection on its way listens: Node would take so many for a leak.
    setMaxListeners(0, this.#abort.signal);
    this.#lastAnswerMs = platform.nowMs();
    this.#keptAliveMs = platform.nowMs();
    this.#outputs = new TurnOutputs((callback) => platform.atTurnEnd(callback));
    this.clock = {
      nowMs: () => platform.nowMs(),
      atTurnEnd: (callback) => platform.atTurnEnd(callback),
      setAlarm: (atMs, onDue) => this.#setAlarm(atMs, onDue),
    };
    this.#cancels.add(platform.onSignal((signal) => this.#onSignal(signal)));
    this.#awaitTick();
  }

  /** Names one more who is called about ten times a second. */
  onTick(ticker: (nowMs: number) => void): void {
    this.#tickers.push(ticker);
  }

  /** Connects one more client, whose id ends with `name`. */
  async open(name: string, dueMs = this.clock.nowMs()): Promise<OpenLink> {
    const { connect } = this.#target;
    const channel = await dial(this.#target.dial, this.#abort.signal);
    const clientId = `${connect.clientId}${name}`;
    const packet = { type: 'connect', ...connect, clientId, level: this.#level } as const;
    const opened = new OpenLink(this, (owner) => {
      return new BenchLink(channel, packet, this.#outputs, owner);
    });
    this.#links.push(opened.link);
    await opened.start();
    this.connectTimes.record(Math.round((this.clock.nowMs() - dueMs) * 1000));
    this.connectionCount += 1;
    return opened;
  }

  /** Opens `count` of them, some at a time; they are returned by their number. */
  async openAll<T>(count: number, open: (index: number) => Promise<T>): Promise<T[]> {
    const opened: T[] = [];
    let next = 0;
    const work = async () => {
      for (let index = next; index < count; index = next) {
        next += 1;
        opened[index] = await open(index);
      }
    };
    await Promise.all(Array.from({ length: Math.min(DIALLED_MAX, count) }, work));
    return opened;
  }

  /** A promise that is rejected when the run fails. */
  promise(start: (resolve: () => void) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) {
        reject(this.#failure.error);
        return;
      }
      this.#rejects.add(reject);
      start(() => {
        this.#rejects.delete(reject);
        resolve();
      });
    });
  }

  /** Waits until then, or until the person has had enough. */
  sleepUntil(atMs: number): Promise<void> {
    if (this.interruption !== undefined) return Promise.resolve();
    return this.promise((resolve) => {
      const wake = () => {
        this.#wakes.delete(wake);
        resolve();
      };
      this.#wakes.add(wake);
      this.#setAlarm(atMs, wake);
    });
  }

  /** Asks again and again, `everyMs`, until it is so. */
  async until(isSo: () => boolean, everyMs: number): Promise<void> {
    while (!isSo()) {
      await this.promise((resolve) => this.#setAlarm(this.clock.nowMs() + everyMs, resolve));
    }
  }

  /** Ends the run: all that is waited for is rejected. */
  fail(error: unknown): void {
    if (this.#failure !== undefined) return;
    this.#failure = { error };
    const rejects = [...this.#rejects];
    this.#rejects.clear();
    for (const reject of rejects) reject(error);
  }

  /** Says goodbye to all, and lets go of everything. */
  close(): void {
    for (const cancel of this.#cancels) cancel();
    this.#abort.abort(new Error('the run is over'));
    for (const link of this.#links) link.end();
    this.fail(new Error('the run is over'));
  }

  onLinkEnd(end: LinkEnd): void {
    this.fail(linkEndError(end, this.#target, this.#qos));
  }

  onAnswer(): void {
    this.#lastAnswerMs = this.clock.nowMs();
  }

  #setAlarm(atMs: number, onDue: () => void): void {
    const cancel = this.#platform.setAlarm(atMs, () => {
      this.#cancels.delete(cancel);
      onDue();
    });
    this.#cancels.add(cancel);
  }

  #awaitTick(): void {
    this.#setAlarm(this.clock.nowMs() + TICK_MS, () => {
      this.#awaitTick();
      this.#tick(this.clock.nowMs());
    });
  }

  #tick(nowMs: number): void {
    for (const ticker of this.#tickers) ticker(nowMs);
    const isConnecting = this.#links.length > this.connectionCount;
    if (isConnecting && nowMs - this.#lastAnswerMs > ANSWER_MS_MAX) {
      this.fail(noConnack(this.#target.server));
    }
    const { keepAliveSeconds } = this.#target.connect;
    // Looked at twice within the time, so that no more than all of it passes in silence.
    if (keepAliveSeconds === 0 || nowMs - this.#keptAliveMs < keepAliveSeconds * 500) return;
    this.#keptAliveMs = nowMs;
    for (const link of this.#links) link.keepAlive();
  }

  #onSignal(signal: Signal): void {
    const interruption = new Interruption(signal);
    if (!this.isOrderly || this.interruption !== undefined) {
      this.fail(interruption);
      return;
    }
    this.interruption = interruption;
    for (const wake of [...this.#wakes]) wake();
  }
}
