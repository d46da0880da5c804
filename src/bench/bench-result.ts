import { type BenchSettings, isScheduled } from './bench-settings.ts';
import type { Figures } from './figures.ts';

/** What kept a run from being faster, as far as can be told. */
export type Bottleneck = 'client' | 'broker' | 'both' | 'perhaps client' | 'none';

/** What came of a run. */
export interface BenchResult {
  /** How the person calls the broker: `localhost:1883`. */
  readonly server: string;
  /** Of MQTT: `3.1`, `3.1.1` or `5.0`. */
  readonly version: string;
  readonly settings: BenchSettings;
  /** How long it was measured. */
  readonly seconds: number;
  /** Whether it was ended before its time. */
  readonly wasInterrupted: boolean;
  readonly figures: Figures;
}

/** From this share of a core on there is no room left. */
const BUSY = 0.85;
const LATE_US = 1000;

/** Says which side was at its limit. */
export function findBottleneck({ figures, settings }: BenchResult): Bottleneck {
  const { broker_cpu: brokerCpu, client_cpu: cpu = 0, client_loop: loop = 0 } = figures;
  const isBrokerBusy = brokerCpu !== undefined && brokerCpu >= BUSY;
  // On a schedule it is lateness that tells.
  const isClientBusy = isScheduled(settings) ? isLate(figures) : Math.max(cpu, loop) >= BUSY;
  if (!isClientBusy) return isBrokerBusy ? 'broker' : 'none';
  if (isBrokerBusy) return 'both';
  return brokerCpu === undefined ? 'perhaps client' : 'client';
}

/** Whether half of the latency, or more, is that messages were sent late. */
function isLate({ lateness_p99_us: late = 0, latency_p99_us: latency = 0 }: Figures): boolean {
  return late >= LATE_US && late >= latency / 2;
}

/** What a broker did that the quality of service forbids: a sentence for each. */
export function findFaults({ figures, settings }: BenchResult): readonly string[] {
  const { delivered = 0, duplicates = 0, lost = 0 } = figures;
  const { qos } = settings;
  const faults: string[] = [];
  if (qos > 0 && lost > 0)
    faults.push(`${lost} of ${delivered + lost} messages of QoS ${qos} lost`);
  if (qos === 2 && duplicates > 0) faults.push(`${duplicates} messages of QoS 2 came twice`);
  return faults;
}
