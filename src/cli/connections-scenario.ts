import { numberText } from '../bench/figure-text.ts';
import { quantileFigures } from '../bench/figures.ts';
import { Histogram } from '../bench/histogram.ts';
import { Schedule } from '../bench/schedule.ts';
import { type BenchOutcome, type BenchScene, connectFigures } from './bench-scene.ts';

/** Connects clients, as many at a time as go or on a schedule, and holds them for a while. */
export async function runConnections(scene: BenchScene): Promise<BenchOutcome> {
  const { meter, settings, stage } = scene;
  const { durationMs, rate, subscribers: count } = settings;
  const before = await meter.residentBytes();
  await meter.start();
  const startMs = stage.clock.nowMs();
  stage.onTick(() => {
    scene.say(`${numberText(stage.connectionCount)} of ${numberText(count)} connections`);
  });
  const lateness = new Histogram();
  if (rate === undefined) await stage.openAll(count, (index) => stage.open(`c${index}`));
  else await openOnSchedule(scene, new Schedule(startMs, rate), lateness);
  const seconds = Math.max(stage.clock.nowMs() - startMs, 0.001) / 1000;
  const used = await meter.stop(count);
  stage.isOrderly = true;
  await stage.sleepUntil(stage.clock.nowMs() + durationMs);
  const after = await meter.residentBytes();
  const held =
    before === undefined || after === undefined
      ? {}
      : { broker_rss_bytes: after, broker_bytes_per_connection: (after - before) / count };
  return {
    seconds,
    figures: {
      ...connectFigures(stage),
      connections_per_s: count / seconds,
      ...quantileFigures('lateness', lateness),
      ...used,
      ...held,
    },
  };
}

/** Dials each when it is due, whatever became of those before it. */
async function openOnSchedule(
  { settings, stage }: BenchScene,
  schedule: Schedule,
  lateness: Histogram,
): Promise<void> {
  const opened: Promise<unknown>[] = [];
  for (let index = 0; index < settings.subscribers; index += 1) {
    const dueMs = schedule.dueMs(index);
    if (dueMs > stage.clock.nowMs()) await stage.sleepUntil(dueMs);
    lateness.record(Math.max(0, Math.round((stage.clock.nowMs() - dueMs) * 1000)));
    const open = stage.open(`c${index}`, dueMs);
    // One that fails ends the run at once, not when all are dialled.
    open.catch((error: unknown) => stage.fail(error));
    opened.push(open);
  }
  await Promise.all(opened);
}
