import { type BenchResult, type Bottleneck, findBottleneck } from './bench-result.ts';
import { type BenchSettings, isScheduled } from './bench-settings.ts';
import { numberText, percentText, sizeText, timeText } from './figure-text.ts';
import type { Figures, TimeName } from './figures.ts';

const LABEL_WIDTH = 13;
const QUANTILES = [
  ['p50', 'p50'],
  ['p90', 'p90'],
  ['p99', 'p99'],
  ['p999', 'p99.9'],
  ['max', 'max'],
] as const;

const REMARKS: Readonly<Record<Bottleneck, string | undefined>> = {
  client: 'this side was the bottleneck: the broker can do more than these figures say',
  both: 'this side and the broker were both at their limit',
  'perhaps client': 'this side was at its limit, and perhaps the bottleneck: --broker-pid tells',
  broker: undefined,
  none: undefined,
};

const LATE = 'much of the latency is that this side sent late: it, or its machine, was too busy';

/** A result as a person reads it: the lines of a table. */
export function renderResult(result: BenchResult): readonly string[] {
  const { figures, server, settings, version } = result;
  const remarks = [
    limitText(result),
    isBelowRate(result) ? 'the rate that was asked for was not reached' : undefined,
    result.wasInterrupted ? 'interrupted: it was not measured as long as it should be' : undefined,
  ];
  return [
    `${settings.scenario} at ${server}, MQTT ${version}`,
    settingsText(settings),
    '',
    ...row('delivered', rateText(figures.delivered_per_s, figures.delivered_mb_per_s)),
    ...row('published', rateText(figures.published_per_s, undefined)),
    ...row('latency', timesText('latency', figures), latencyNote(settings)),
    ...row('sent late by', timesText('lateness', figures)),
    ...row('all retained', timesText('burst', figures), 'from SUBSCRIBE to the last one'),
    ...row('connections', connectionsText(figures)),
    ...row('connecting', timesText('connect', figures)),
    ...row('messages', messagesText(figures)),
    ...row('this side', clientText(figures), clientNote(settings)),
    ...row('broker', brokerText(figures)),
    ...remarks.flatMap((remark) => (remark === undefined ? [] : [`note: ${remark}`])),
  ];
}

function limitText(result: BenchResult): string | undefined {
  const bottleneck = findBottleneck(result);
  const isLate = isScheduled(result.settings) && bottleneck.includes('client');
  return isLate ? LATE : REMARKS[bottleneck];
}

function row(label: string, text: string | undefined, note = ''): readonly string[] {
  if (text === undefined) return [];
  return [`${label.padEnd(LABEL_WIDTH)}${text}${note === '' ? '' : `  (${note})`}`];
}

/** What was done, in words: `4 publishers, 1 subscriber, QoS 0, 100 bytes, 4 s`. */
function settingsText(settings: BenchSettings): string {
  const { count, payloadBytes, publishers, qos, rate, scenario, subscribers, topics } = settings;
  const seconds = `${settings.durationMs / 1000} s`;
  if (scenario === 'connections') {
    const pace = rate === undefined ? '' : `, ${numberText(rate)} a second`;
    return `${plural(subscribers, 'connection')}${pace}, held for ${seconds}`;
  }
  const parts = [
    plural(publishers, 'publisher'),
    plural(subscribers, 'subscriber'),
    scenario === 'retained' ? plural(topics, 'retained message') : undefined,
    scenario !== 'retained' && topics > 1 ? `${numberText(topics)} topics each` : undefined,
    scenario === 'match' ? plural(settings.filters, 'filter') : undefined,
    `QoS ${qos}`,
    plural(payloadBytes, 'byte'),
    qos === 0 ? undefined : `window ${numberText(settings.window)}`,
    rate === undefined ? undefined : `${numberText(rate)} messages a second`,
    count === undefined ? seconds : plural(count, 'message'),
  ];
  return parts.filter((part) => part !== undefined).join(', ');
}

function plural(count: number, noun: string): string {
  return `${numberText(count)} ${noun}${count === 1 ? '' : 's'}`;
}

function rateText(perSecond: number | undefined, mbPerSecond: number | undefined) {
  if (perSecond === undefined) return undefined;
  const volume = mbPerSecond === undefined ? '' : `  ${numberText(mbPerSecond)} MB/s`;
  return `${numberText(perSecond)} /s${volume}`;
}

function latencyNote({ rate }: BenchSettings): string {
  return rate === undefined ? 'from sending, with full queues' : 'from when it was due';
}

function timesText(name: TimeName, figures: Figures): string | undefined {
  if (figures[`${name}_max_us`] === undefined) return undefined;
  return QUANTILES.map(
    ([key, label]) => `${label} ${timeText(figures[`${name}_${key}_us`] ?? 0)}`,
  ).join('  ');
}

function connectionsText({ connections, connections_per_s: perSecond }: Figures) {
  if (connections === undefined) return undefined;
  const rate = perSecond === undefined ? '' : `, ${numberText(perSecond)} /s`;
  return `${numberText(connections)}${rate}`;
}

/** Where all is well, a line that says so; where not, what is not. */
function messagesText(figures: Figures): string | undefined {
  const { delivered, disordered = 0, duplicates = 0, lost = 0, stray = 0 } = figures;
  if (delivered === undefined) return undefined;
  const strays = stray > 0 ? `, ${numberText(stray)} that nobody asked for` : '';
  const wrong = `${numberText(lost)} lost, ${numberText(duplicates)} twice`;
  const late = `${numberText(disordered)} out of order`;
  return `${numberText(delivered)} delivered, ${wrong}, ${late}${strays}`;
}

function clientText({ client_cpu: cpu, client_loop: loop }: Figures): string | undefined {
  if (cpu === undefined || loop === undefined) return undefined;
  return `CPU ${percentText(cpu)}, event loop ${percentText(loop)} busy`;
}

/** Or somebody takes it for work. */
function clientNote(settings: BenchSettings): string {
  return isScheduled(settings) ? 'it waits for each moment awake' : '';
}

function brokerText(figures: Figures): string | undefined {
  const { broker_cpu: cpu, broker_rss_bytes: rss, broker_rss_peak_bytes: peak } = figures;
  if (cpu === undefined || rss === undefined) return undefined;
  const perMillion = figures.broker_cpu_s_per_million;
  const each = figures.broker_bytes_per_connection;
  return [
    `CPU ${percentText(cpu)}`,
    perMillion === undefined ? undefined : `${perMillion.toFixed(3)} CPU s per million`,
    `memory ${sizeText(rss)}`,
    peak === undefined ? undefined : `peak ${sizeText(peak)}`,
    each === undefined ? undefined : `${numberText(each)} bytes per connection`,
  ]
    .filter((part) => part !== undefined)
    .join(', ');
}

function isBelowRate({ figures, settings, wasInterrupted }: BenchResult): boolean {
  const { rate } = settings;
  const reached = figures.published_per_s ?? figures.connections_per_s;
  return !wasInterrupted && rate !== undefined && reached !== undefined && reached < rate * 0.95;
}
