import type { BenchResult } from '../bench/bench-result.ts';
import type { BenchSettings, Scenario, TopicPlan } from '../bench/bench-settings.ts';
import type { ProtocolLevel } from '../codec/packet.ts';
import { BenchMeter } from './bench-meter.ts';
import { probeBroker, requireTaken } from './bench-probe.ts';
import { type BenchOutcome, type BenchScene, publishStrip } from './bench-scene.ts';
import { BenchStage } from './bench-stage.ts';
import type { ClientTarget } from './client-options.ts';
import { runConnections } from './connections-scenario.ts';
import type { Platform } from './platform.ts';
import type { Reporter } from './reporter.ts';
import { runRetained } from './retained-scenario.ts';
import { startSpinner } from './terminal.ts';
import { runTraffic } from './traffic-scenario.ts';

/** What a run of `mqttk bench` is to do. */
export interface BenchOrder {
  readonly settings: BenchSettings;
  readonly target: ClientTarget;
  readonly plan: TopicPlan;
  readonly brokerPid: number | undefined;
}

const VERSIONS: Readonly<Record<ProtocolLevel, string>> = { 3: '3.1', 4: '3.1.1', 5: '5.0' };

/**
 * Measures. Rejects with a `CallerError` for what keeps any of its clients from going on, and with
 * an `Interruption` if the person intervenes before there is something to show.
 */
export async function runBench(
  { brokerPid, plan, settings, target }: BenchOrder,
  platform: Platform,
  reporter: Reporter,
): Promise<BenchResult> {
  const meter = new BenchMeter(brokerPid, platform);
  // Whether there is such a process is found out before anything is sent.
  await meter.residentBytes();
  const terms = await probeBroker(target, platform, reporter);
  const { keepAliveSeconds, level, limits } = terms;
  const own = { ...target, connect: { ...target.connect, keepAliveSeconds } };
  const frameBytes = publishStrip({ level, plan, settings }, 0, settings.payloadBytes).frameBytes;
  requireTaken(terms, settings, plan, frameBytes);
  const stage = new BenchStage(own, level, settings.qos, platform);
  const spinner = startSpinner(`connecting to ${target.server}`, platform);
  const windowMax =
    settings.qos === 0 ? undefined : Math.min(settings.window, limits.receiveMaximum);
  const say = (text: string) => spinner.say(`${settings.scenario}: ${text}`);
  meter.sample(stage);
  try {
    const scene = { settings, plan, level, windowMax, stage, meter, say };
    const { figures, seconds } = await runScenario(settings.scenario, scene);
    const wasInterrupted = stage.interruption !== undefined;
    const { server } = target;
    return { server, version: VERSIONS[level], settings, seconds, wasInterrupted, figures };
  } finally {
    spinner.stop();
    stage.close();
  }
}

function runScenario(scenario: Scenario, scene: BenchScene): Promise<BenchOutcome> {
  if (scenario === 'retained') return runRetained(scene);
  return scenario === 'connections' ? runConnections(scene) : runTraffic(scene);
}
