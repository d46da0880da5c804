import type { ClientTarget } from './client-options.ts';
import { clientOrder, ORDER_OPTIONS, ORDER_VARIABLES, type OrderTerms } from './client-order.ts';
import { type RunEnd, runClient } from './client-run.ts';
import { defineCommand } from './command.ts';
import { EXITS, type ExitCode } from './exit-codes.ts';
import { localTime } from './format-time.ts';
import { messageForm, OUTPUT_OPTIONS } from './output-options.ts';
import { chooseReporter } from './reporter.ts';
import { RunReport } from './run-report.ts';
import { signalExitCode } from './signal-exit.ts';
import {
  addSubscribeProperties,
  SUBSCRIBE_OPTIONS,
  type SubscribeOptions,
  subscriptionsOf,
} from './subscribe-options.ts';
import { type SubscribeOrder, type SubscribeTally, SubscribeTask } from './subscribe-task.ts';

const RECEIVE_MAXIMUM_MAX = 65_535;

/** `mqttk sub`. */
export const SUB_COMMAND = defineCommand({
  positionals: { usage: '', max: 0 },
  options: {
    ...SUBSCRIBE_OPTIONS,
    ...OUTPUT_OPTIONS,
    ...ORDER_OPTIONS,
  },
  variables: ORDER_VARIABLES,
  examples: [
    { line: 'mqttk sub -t home/lamp', does: 'prints each payload that is published there' },
    { line: "mqttk sub -t 'home/#' -v", does: 'prints topic and payload of all below home' },
    { line: 'mqttk sub -t home/lamp -C 1 -W 5', does: 'waits for one message, 5 s at most' },
    { line: "mqttk sub -t '#' --json -R", does: 'prints all that comes from now on, for programs' },
    { line: "mqttk sub -t 'room/#' --where '.temp > 30'", does: 'prints JSON that says so' },
    { line: 'mqttk sub -t photo -C 1 -N > cat.jpg', does: 'saves one payload as it is' },
  ],
  needsWords: true,
  async run(options, _positionals, platform) {
    const form = messageForm(options, platform);
    const subscriptions = subscriptionsOf(options, options.url?.topic);
    const terms: OrderTerms = {
      prefix: 'mqttksub',
      isLong: true,
      addProperties: (bag) => addSubscribeProperties(options, bag),
    };
    const { bag, target: wanted } = await clientOrder(options, terms, platform);
    const target = withReceiveMaximum(wanted, options.count);
    const how = options.json === true ? 'json' : 'text';
    const reporter = chooseReporter(options.quiet === true ? 'quiet' : how, 'mqttk sub', platform);
    const report = new RunReport(target, reporter);
    const order: SubscribeOrder = {
      ...orderOf(options),
      subscriptions,
      properties: bag.for('subscribe'),
      unsubscribeProperties: bag.for('unsubscribe'),
      form,
    };
    const task = new SubscribeTask(order, platform, {
      onRefused: (error) => report.refuse(error, 'subscribe'),
      onUnshown: (what) => reporter.note(`error: ${what}`),
    });
    const code = exitCode(await runClient(target, task, platform, reporter), report);
    if (options.stats === true) reporter.note(statsLine(task.tally));
    return code;
  },
});

function orderOf(options: SubscribeOptions) {
  const removal = options.dryRun === true ? ('name' as const) : ('delete' as const);
  return {
    unsubscriptions: options.unsubscribe,
    countMax: options.count,
    durationMs: options.duration,
    hidesRetained: options.skipRetained === true,
    filtersOut: options.filterOut,
    condition: options.where,
    share: options.randomFilter ?? 1,
    endsAfterSubscribe: options.exitAfterSubscribe === true,
    settleMs: options.retainedOnly === true ? options.settle : undefined,
    removal: options.removeRetained === true ? removal : ('none' as const),
  };
}

/** What was shown, for a person. */
function statsLine({ bytes, count, firstUs, lastUs }: SubscribeTally): string {
  const figures = `${count} messages, ${bytes} bytes`;
  if (firstUs === undefined || lastUs === undefined) return figures;
  const seconds = (lastUs - firstUs) / 1e6;
  const rate = seconds > 0 ? `, ${Math.round((count - 1) / seconds)} msg/s` : '';
  return `${figures}${rate}, from ${localTime(firstUs)} to ${localTime(lastUs)}`;
}

/** Of messages that will not be shown none is asked for. */
function withReceiveMaximum(target: ClientTarget, count: number | undefined): ClientTarget {
  const isSaid = target.connect.properties.receiveMaximum !== undefined;
  if (isSaid || count === undefined || count >= RECEIVE_MAXIMUM_MAX) return target;
  const properties = { ...target.connect.properties, receiveMaximum: count };
  return { ...target, connect: { ...target.connect, properties } };
}

function exitCode(end: RunEnd, report: RunReport): ExitCode {
  const { refusalCode = EXITS.ok.code } = report;
  if (end.kind === 'signal') return end.isSecond ? signalExitCode(end.signal) : refusalCode;
  // What was printed is there, however the connection ends after the goodbye.
  const code = report.end(end, end.kind === 'ended' && end.wasAsked);
  return code === EXITS.ok.code ? refusalCode : code;
}
