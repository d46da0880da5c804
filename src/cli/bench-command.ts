import { CallerError } from '../base/caller-error.ts';
import { type BenchResult, findFaults } from '../bench/bench-result.ts';
import { type BenchSettings, topicPlan } from '../bench/bench-settings.ts';
import { compareFigures, type FigureChange } from '../bench/compare-figures.ts';
import { renderComparison } from '../bench/render-comparison.ts';
import { renderResult } from '../bench/render-result.ts';
import { renderResultJson } from '../bench/result-json.ts';
import { type Baseline, readBaseline } from './bench-baseline.ts';
import { BENCH_CONNECTION_OPTIONS, benchSettings, LOAD_OPTIONS } from './bench-options.ts';
import { type BenchOrder, runBench } from './bench-run.ts';
import { Interruption } from './bench-stage.ts';
import { clientTarget } from './client-options.ts';
import { defineCommand } from './command.ts';
import { EXITS, type ExitCode } from './exit-codes.ts';
import { percentShare, wholeNumber } from './option-values.ts';
import type { Platform } from './platform.ts';
import { randomText } from './random-text.ts';
import { chooseReporter } from './reporter.ts';
import { signalExitCode } from './signal-exit.ts';
import { VERSION } from './version.ts';

const OUTPUT = 'Output';
const PID_MAX = 2 ** 31 - 1;
const RUN_ID_LENGTH = 8;

/** `mqttk bench`. */
export const BENCH_COMMAND = defineCommand({
  positionals: { usage: 'SCENARIO', max: 1 },
  options: {
    ...LOAD_OPTIONS,
    json: { type: 'boolean', describe: 'the result as one JSON object', group: OUTPUT },
    compare: {
      type: 'string',
      value: 'FILE',
      describe: 'compare with a former --json; exit 1 if it is worse',
      group: OUTPUT,
    },
    tolerance: {
      type: 'string',
      value: 'PERCENT',
      coerce: percentShare,
      defaultDescription: '10',
      describe: 'how much worse it may be',
      group: OUTPUT,
    },
    'broker-pid': {
      type: 'string',
      value: 'PID',
      coerce: wholeNumber(1, PID_MAX),
      describe: 'measure CPU and memory of this process, too (Linux)',
      group: OUTPUT,
    },
    ...BENCH_CONNECTION_OPTIONS,
  },
  examples: [
    { line: 'mqttk bench fan-in', does: '4 publishers, 1 subscriber, as fast as it goes' },
    { line: 'mqttk bench fan-out --subscribers 500 -q 1', does: '1 publisher, 500 subscribers' },
    { line: 'mqttk bench pairs --clients 100', does: '100 publishers, each with a subscriber' },
    { line: 'mqttk bench shared', does: '4 publishers, 4 subscribers that share the messages' },
    { line: 'mqttk bench latency --rate 10000', does: 'percentiles at 10,000 messages a second' },
    { line: 'mqttk bench retained --topics 20000', does: '20,000 of them to a new subscriber' },
    { line: 'mqttk bench match', does: '30,000 filters, and topics in turn' },
    { line: 'mqttk bench connections --clients 10000', does: 'time and memory to connect them' },
    {
      line: 'mqttk bench fan-in --broker-pid "$(pgrep -x mosquitto)" --json > before.json',
      does: 'with CPU and memory of the broker, for programs',
    },
    { line: 'mqttk bench fan-in --compare before.json', does: 'exit 1 if it became slower' },
  ],
  needsWords: true,
  async run(options, [scenario], platform) {
    const settings = benchSettings(scenario, options);
    const baseline = await readBaseline(options, settings, platform);
    const target = await clientTarget(
      { ...options, id: undefined, timeout: undefined, quiet: undefined },
      'bench',
      platform,
    );
    const how = options.json === true ? 'json' : 'text';
    const reporter = chooseReporter(how, 'mqttk bench', platform);
    const runId = randomText(RUN_ID_LENGTH, (count) => platform.randomBytes(count));
    const plan = topicPlan(settings, `${options.topic ?? 'mqttk-bench'}/${runId}`);
    const order: BenchOrder = { settings, target, plan, brokerPid: options.brokerPid };
    try {
      const result = await runBench(order, platform, reporter);
      return show({ result, settings, baseline, isJson: options.json === true }, platform);
    } catch (error) {
      if (error instanceof CallerError) return reporter.report(error);
      if (!(error instanceof Interruption)) throw error;
      await platform.endBy(error.signal);
      return signalExitCode(error.signal);
    }
  },
});

interface Shown {
  readonly result: BenchResult;
  readonly settings: BenchSettings;
  readonly baseline: Baseline | undefined;
  readonly isJson: boolean;
}

/** Prints what came of it, and says what is wrong with it. */
function show({ baseline, isJson, result, settings }: Shown, platform: Platform): ExitCode {
  const changes =
    baseline && compareFigures(baseline.figures, result.figures, settings, baseline.tolerance);
  if (isJson) {
    const date = platform.date().toISOString();
    const origin = { tool: `mqttk ${VERSION}`, date, runtime: platform.runtime };
    platform.print(`${renderResultJson(result, origin, changes)}\n`);
  } else {
    const lines = [...renderResult(result)];
    if (baseline !== undefined && changes !== undefined) {
      lines.push('', ...renderComparison(changes, baseline.path, baseline.tolerance));
    }
    platform.print(`${lines.join('\n')}\n`);
  }
  const wrong = [...findFaults(result), ...regressionText(changes ?? [])];
  for (const what of wrong) platform.warn(`mqttk bench: ${what}`);
  return wrong.length === 0 ? EXITS.ok.code : EXITS.failed.code;
}

function regressionText(changes: readonly FigureChange[]): readonly string[] {
  const worse = changes.filter(({ isRegression }) => isRegression).map(({ figure }) => figure);
  return worse.length === 0 ? [] : [`worse than before: ${worse.join(', ')}`];
}
