import type { BenchSettings, TopicPlan } from '../bench/bench-settings.ts';
import { type Figures, quantileFigures } from '../bench/figures.ts';
import { PublishStrip } from '../bench/publish-strip.ts';
import type { Traffic } from '../bench/traffic.ts';
import type { ProtocolLevel } from '../codec/packet.ts';
import type { BenchMeter } from './bench-meter.ts';
import type { BenchStage } from './bench-stage.ts';

/** What a scenario works with. */
export interface BenchScene {
  readonly settings: BenchSettings;
  readonly plan: TopicPlan;
  readonly level: ProtocolLevel;
  /** Messages of one publisher that wait for an ack; undefined at QoS 0. */
  readonly windowMax: number | undefined;
  readonly stage: BenchStage;
  readonly meter: BenchMeter;
  /** Tells who watches how far it is. */
  readonly say: (text: string) => void;
}

/** What came of a scenario. */
export interface BenchOutcome {
  /** How long it was measured. */
  readonly seconds: number;
  readonly figures: Figures;
}

/** So long nothing more has to come before what is missing is lost. */
const SILENCE_MS_MAX = 3000;
const POLL_MS = 2;
/** What all strips of packets may take, together, and one of them. */
const STRIPS_BYTES_MAX = 2 ** 24;
const STRIP_BYTES_MAX = 65_536;

/** The packets of one publisher, with this size of payload. */
export function publishStrip(
  { level, plan, settings }: Pick<BenchScene, 'level' | 'plan' | 'settings'>,
  publisher: number,
  payloadBytes: number,
): PublishStrip {
  const { publishers, qos, scenario, topics } = settings;
  const shape = {
    level,
    qos,
    isRetained: scenario === 'retained',
    topic: plan.topicOf(publisher),
    topicCount: topics,
    payloadBytes,
    publisher,
  };
  return new PublishStrip(shape, Math.min(STRIP_BYTES_MAX, STRIPS_BYTES_MAX / publishers));
}

/** What is known of the connections of a run. */
export function connectFigures({ connectTimes, connectionCount }: BenchStage): Figures {
  return { connections: connectionCount, ...quantileFigures('connect', connectTimes) };
}

/** Waits until it is done, or nothing more happens, or the person intervenes. */
export async function untilDone(
  { stage }: BenchScene,
  traffic: Traffic,
  isDone: () => boolean,
): Promise<void> {
  const { interruption } = stage;
  const progress = () => {
    return `${traffic.sentCount} ${traffic.inFlightCount} ${traffic.ledger.uniqueCount}`;
  };
  let seen = progress();
  let seenMs = stage.clock.nowMs();
  await stage.until(() => {
    const nowMs = stage.clock.nowMs();
    const now = progress();
    if (now !== seen) [seen, seenMs] = [now, nowMs];
    const isSilent = nowMs - seenMs > SILENCE_MS_MAX;
    return isDone() || isSilent || stage.interruption !== interruption;
  }, POLL_MS);
}
