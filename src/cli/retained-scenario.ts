import { BurstLedger } from '../bench/burst-ledger.ts';
import { numberText } from '../bench/figure-text.ts';
import { quantileFigures } from '../bench/figures.ts';
import { Histogram } from '../bench/histogram.ts';
import { Traffic } from '../bench/traffic.ts';
import {
  type BenchOutcome,
  type BenchScene,
  connectFigures,
  publishStrip,
  untilDone,
} from './bench-scene.ts';
import type { OpenLink } from './bench-stage.ts';

const MB = 1_000_000;

/**
 * Stores retained messages, and lets subscribers ask for all of them, again and again: what is
 * measured is the time from SUBSCRIBE to the last of them. The broker is left without them, unless
 * it is gone.
 */
export async function runRetained(scene: BenchScene): Promise<BenchOutcome> {
  const { settings, stage } = scene;
  scene.say('connecting');
  const publisher = await stage.open('p0');
  const subscribers = await stage.openAll(settings.subscribers, (i) => stage.open(`s${i}`));
  stage.isOrderly = true;
  try {
    scene.say(`storing ${numberText(settings.topics)} retained messages`);
    await publishAll(scene, publisher, settings.payloadBytes);
    return await new Bursts(scene, subscribers).run();
  } finally {
    scene.say('removing the retained messages');
    for (const { link } of subscribers) link.end();
    await publishAll(scene, publisher, 0);
  }
}

/** Publishes to each topic once, and waits until the broker has taken all. */
async function publishAll(
  scene: BenchScene,
  opened: OpenLink,
  payloadBytes: number,
): Promise<void> {
  const { settings, stage, windowMax } = scene;
  const ledger = new BurstLedger(0, 0);
  const traffic = new Traffic({ clock: stage.clock, ledger, fan: 0, payloadBytes, aheadMax: 0 });
  const strip = publishStrip(scene, 0, payloadBytes);
  traffic.addPublisher({ link: opened.link, strip, windowMax });
  traffic.start({ count: settings.topics, rate: undefined });
  await untilDone(scene, traffic, () => traffic.isDone);
  traffic.stop();
  await opened.ping();
}

class Bursts {
  readonly #scene: BenchScene;
  readonly #subscribers: readonly OpenLink[];
  readonly #ledger: BurstLedger;
  readonly #traffic: Traffic;
  readonly #times = new Histogram();
  #expected = 0;

  constructor(scene: BenchScene, subscribers: readonly OpenLink[]) {
    const { settings, stage } = scene;
    const { payloadBytes, topics } = settings;
    this.#scene = scene;
    this.#subscribers = subscribers;
    this.#ledger = new BurstLedger(subscribers.length, topics);
    this.#traffic = new Traffic({
      clock: stage.clock,
      ledger: this.#ledger,
      fan: 0,
      payloadBytes,
      aheadMax: 0,
    });
    for (const [index, { link }] of subscribers.entries()) this.#traffic.addSubscriber(link, index);
  }

  async run(): Promise<BenchOutcome> {
    const { meter, settings, stage } = this.#scene;
    this.#scene.say('warming up');
    await this.#repeat(settings.warmupMs);
    const { uniqueCount: before } = this.#ledger;
    this.#scene.say('measuring');
    await meter.start();
    const seconds = (await this.#repeat(Math.max(settings.durationMs, 1), this.#times)) / 1000;
    if (stage.interruption !== undefined && seconds === 0) throw stage.interruption;
    const delivered = this.#ledger.uniqueCount - before;
    return {
      seconds,
      figures: { ...this.#figures(delivered, seconds), ...(await meter.stop(delivered)) },
    };
  }

  #figures(delivered: number, seconds: number) {
    const { settings, stage } = this.#scene;
    const { duplicateCount, strayCount, uniqueCount } = this.#ledger;
    return {
      published: settings.topics,
      delivered: uniqueCount,
      lost: this.#expected - uniqueCount,
      duplicates: duplicateCount,
      stray: strayCount,
      delivered_per_s: delivered / seconds,
      delivered_mb_per_s: (delivered * settings.payloadBytes) / seconds / MB,
      ...quantileFigures('burst', this.#times),
      ...connectFigures(stage),
    };
  }

  /** Subscribes again until so much time has passed; returns how long it took in all. */
  async #repeat(durationMs: number, times?: Histogram): Promise<number> {
    const { clock } = this.#scene.stage;
    const endMs = clock.nowMs() + durationMs;
    let sumMs = 0;
    while (clock.nowMs() < endMs && this.#scene.stage.interruption === undefined) {
      const ms = await this.#burst();
      sumMs += ms;
      times?.record(Math.round(ms * 1000));
    }
    return sumMs;
  }

  /** Who subscribes to what it has subscribed to gets it once more [MQTT-3.8.4-3]. */
  async #burst(): Promise<number> {
    const { plan, settings, stage } = this.#scene;
    const traffic = this.#traffic;
    const startMs = stage.clock.nowMs();
    this.#ledger.restart();
    this.#expected += this.#subscribers.length * settings.topics;
    const subscribed = this.#subscribers.map((opened, index) =>
      opened.subscribe(plan.filtersOf(index), settings.qos),
    );
    await Promise.all(subscribed);
    await untilDone(this.#scene, traffic, () => this.#ledger.uniqueCount >= this.#expected);
    return Math.max(traffic.lastProgressMs - startMs, 0);
  }
}
