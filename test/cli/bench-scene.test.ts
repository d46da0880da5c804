import { expect, it } from 'vitest';
import { topicPlan } from '../../src/bench/bench-settings.ts';
import { OrderedLedger } from '../../src/bench/ordered-ledger.ts';
import { Traffic } from '../../src/bench/traffic.ts';
import { BenchMeter } from '../../src/cli/bench-meter.ts';
import {
  type BenchScene,
  connectFigures,
  publishStrip,
  untilDone,
} from '../../src/cli/bench-scene.ts';
import { BenchStage, Interruption } from '../../src/cli/bench-stage.ts';
import { CLIENT_OPTIONS, clientTarget } from '../../src/cli/client-options.ts';
import { parseOptions } from '../../src/cli/options.ts';
import { settingsOf } from '../support/bench-results.ts';
import { readFrame } from '../support/read-frame.ts';
import { RecordedPlatform } from '../support/recorded-platform.ts';

async function sceneOf(over: Parameters<typeof settingsOf>[0] = {}) {
  const platform = new RecordedPlatform();
  const target = await clientTarget(parseOptions(CLIENT_OPTIONS, []).options, 'bench', platform);
  const stage = new BenchStage(target, 4, 0, platform);
  const settings = settingsOf(over);
  const scene: BenchScene = {
    settings,
    plan: topicPlan(settings, 'x'),
    level: 4,
    windowMax: undefined,
    stage,
    meter: new BenchMeter(undefined, platform),
    say: () => {},
  };
  const traffic = new Traffic({
    clock: stage.clock,
    ledger: new OrderedLedger(1, 1, false),
    fan: 1,
    payloadBytes: 12,
    aheadMax: 1,
  });
  return { platform, scene, stage, traffic };
}

const soon = () => new Promise((resolve) => setImmediate(resolve));

it('gives each publisher packets of its own, in memory that all share', async () => {
  const few = publishStrip((await sceneOf({ publishers: 2 })).scene, 1, 100);
  expect(few.capacity).toBe(Math.floor(65_536 / few.frameBytes));
  const many = publishStrip((await sceneOf({ publishers: 1024 })).scene, 1, 100);
  expect(many.capacity).toBe(Math.floor(16_384 / many.frameBytes));
  const retained = (await sceneOf({ scenario: 'retained', qos: 1, topics: 10 })).scene;
  const frame = publishStrip(retained, 0, 0).frames(1);
  expect(readFrame(frame, 4, 'client')).toMatchObject({
    topicName: 'x/0/0',
    isRetained: true,
    qos: 1,
    payload: { length: 0 },
  });
});

it('knows connections and their times', async () => {
  const { stage } = await sceneOf();
  stage.connectionCount = 2;
  stage.connectTimes.record(7);
  expect(connectFigures(stage)).toMatchObject({ connections: 2, connect_p50_us: 7 });
});

it('waits until it is done', async () => {
  const { platform, scene, traffic } = await sceneOf();
  let isDone = false;
  let hasReturned = false;
  const waiting = untilDone(scene, traffic, () => isDone).then(() => {
    hasReturned = true;
  });
  platform.advanceTo(2);
  await soon();
  expect(hasReturned).toBe(false);
  isDone = true;
  platform.advanceTo(4);
  await waiting;
});

it('waits no longer than three seconds for something to happen', async () => {
  const { platform, scene, traffic } = await sceneOf();
  let hasReturned = false;
  const waiting = untilDone(scene, traffic, () => false).then(() => {
    hasReturned = true;
  });
  platform.advanceTo(2900);
  traffic.ledger.take(0, 0, 0);
  for (let atMs = 2902; atMs <= 5898; atMs += 14) {
    platform.advanceTo(atMs);
    await soon();
  }
  expect(hasReturned).toBe(false);
  for (let atMs = 5900; atMs <= 5930; atMs += 2) {
    platform.advanceTo(atMs);
    await soon();
  }
  expect(hasReturned).toBe(true);
  await waiting;
});

it('waits no longer where the person intervenes', async () => {
  const { platform, scene, stage, traffic } = await sceneOf();
  const waiting = untilDone(scene, traffic, () => false);
  stage.interruption = new Interruption('SIGINT');
  platform.advanceTo(2);
  await waiting;
});
