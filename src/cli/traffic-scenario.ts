import type { BenchSettings } from '../bench/bench-settings.ts';
import type { DeliveryLedger } from '../bench/delivery-ledger.ts';
import { numberText } from '../bench/figure-text.ts';
import { quantileFigures } from '../bench/figures.ts';
import { OrderedLedger } from '../bench/ordered-ledger.ts';
import { SharedLedger } from '../bench/shared-ledger.ts';
import { Traffic } from '../bench/traffic.ts';
import {
  type BenchOutcome,
  type BenchScene,
  connectFigures,
  publishStrip,
  untilDone,
} from './bench-scene.ts';

/** How long to wait, when all has come, for what comes twice. */
const LATE_MS = 30;
const MB = 1_000_000;

/** Publishers and subscribers at once: all scenarios but `retained` and `connections`. */
export async function runTraffic(scene: BenchScene): Promise<BenchOutcome> {
  const { settings, stage } = scene;
  const traffic = await openTraffic(scene);
  if (settings.warmupMs > 0) await warmUp(scene, traffic);
  stage.isOrderly = true;
  const measured = await measure(scene, traffic);
  await untilDone(scene, traffic, () => traffic.isDone);
  await stage.sleepUntil(stage.clock.nowMs() + LATE_MS);
  const { disorderedCount, duplicateCount, strayCount, uniqueCount } = traffic.ledger;
  return {
    seconds: measured.seconds,
    figures: {
      published: traffic.sentCount,
      delivered: uniqueCount,
      lost: Math.max(0, traffic.sentCount * scene.plan.fan - uniqueCount),
      duplicates: duplicateCount,
      disordered: disorderedCount,
      stray: strayCount + traffic.strayAckCount,
      ...measured.figures,
      ...quantileFigures('latency', traffic.latency),
      ...quantileFigures('lateness', traffic.lateness),
      ...connectFigures(stage),
    },
  };
}

async function openTraffic(scene: BenchScene): Promise<Traffic> {
  const { plan, settings, stage, windowMax } = scene;
  const { ahead, payloadBytes, publishers, qos, subscribers } = settings;
  const traffic = new Traffic({
    clock: stage.clock,
    ledger: ledgerFor(settings),
    fan: plan.fan,
    payloadBytes,
    aheadMax: ahead,
  });
  scene.say(`connecting ${numberText(subscribers + publishers)} clients`);
  await stage.openAll(subscribers, async (index) => {
    const opened = await stage.open(`s${index}`);
    traffic.addSubscriber(opened.link, index);
    await opened.subscribe(plan.filtersOf(index), qos);
  });
  const links = await stage.openAll(publishers, (index) => stage.open(`p${index}`));
  for (const [index, { link }] of links.entries()) {
    traffic.addPublisher({ link, strip: publishStrip(scene, index, payloadBytes), windowMax });
  }
  stage.onTick((nowMs) => traffic.onTick(nowMs));
  return traffic;
}

function ledgerFor({ publishers, scenario, subscribers }: BenchSettings): DeliveryLedger {
  if (scenario === 'shared') return new SharedLedger(subscribers, publishers);
  return new OrderedLedger(subscribers, publishers, scenario === 'pairs');
}

async function warmUp(scene: BenchScene, traffic: Traffic): Promise<void> {
  const { settings, stage } = scene;
  scene.say('warming up');
  traffic.start({ count: Number.POSITIVE_INFINITY, rate: settings.rate });
  await stage.sleepUntil(stage.clock.nowMs() + settings.warmupMs);
  traffic.stop();
  await untilDone(scene, traffic, () => traffic.isDone);
}

/** Lets it run for its time, or its number of messages. */
async function measure(scene: BenchScene, traffic: Traffic): Promise<BenchOutcome> {
  const { meter, settings, stage } = scene;
  const { count, durationMs, payloadBytes, rate } = settings;
  const { ledger } = traffic;
  await meter.start();
  const startMs = stage.clock.nowMs();
  const before = { sent: traffic.sentCount, unique: ledger.uniqueCount };
  followProgress(scene, traffic, startMs);
  traffic.start({ count: count ?? Number.POSITIVE_INFINITY, rate });
  if (count === undefined) await stage.sleepUntil(startMs + durationMs);
  else await untilDone(scene, traffic, () => traffic.isDone);
  const endMs = count === undefined ? stage.clock.nowMs() : traffic.lastProgressMs;
  traffic.stop();
  const delivered = ledger.uniqueCount - before.unique;
  const published = traffic.sentCount - before.sent;
  // A clock that has not moved on is no reason for endless rates.
  const seconds = Math.max(endMs - startMs, 0.001) / 1000;
  return {
    seconds,
    figures: {
      published_per_s: published / seconds,
      delivered_per_s: delivered / seconds,
      delivered_mb_per_s: (delivered * payloadBytes) / seconds / MB,
      ...(await meter.stop(delivered)),
    },
  };
}

function followProgress(scene: BenchScene, { ledger }: Traffic, startMs: number): void {
  let before = { atMs: startMs, unique: ledger.uniqueCount };
  scene.stage.onTick((nowMs) => {
    const { uniqueCount } = ledger;
    const perSecond = ((uniqueCount - before.unique) * 1000) / Math.max(nowMs - before.atMs, 1);
    before = { atMs: nowMs, unique: uniqueCount };
    const seconds = ((nowMs - startMs) / 1000).toFixed(1);
    scene.say(`measuring: ${numberText(perSecond)} /s delivered, after ${seconds} s`);
  });
}
