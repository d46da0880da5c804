import { CallerError } from '../base/caller-error.ts';
import type { QoS, SubscriptionRequest } from '../codec/packet.ts';
import { SHARE_PREFIX, shareFault } from '../codec/topic-grammar.ts';
import { topicError } from '../topic/topic-error.ts';
import { parseTopicFilter } from '../topic/topic-filter.ts';
import { type ClientTarget, topicsOr } from './client-options.ts';
import { clientOrder, ORDER_OPTIONS, ORDER_VARIABLES } from './client-order.ts';
import { type RunEnd, runClient } from './client-run.ts';
import { defineCommand } from './command.ts';
import { EXITS, type ExitCode } from './exit-codes.ts';
import { parseCount, parseQos } from './option-values.ts';
import type { Platform } from './platform.ts';
import { pairQos } from './qos-pairing.ts';
import type { MessageForm } from './render-message.ts';
import { chooseReporter } from './reporter.ts';
import { RunReport } from './run-report.ts';
import { signalExitCode } from './signal-exit.ts';
import { SubscribeTask } from './subscribe-task.ts';

const MESSAGES = 'Messages';
const OUTPUT = 'Output';
const RECEIVE_MAXIMUM_MAX = 65_535;

/** `mqttk sub`. */
export const SUB_COMMAND = defineCommand({
  positionals: { usage: '', max: 0 },
  options: {
    topic: {
      type: 'string',
      alias: 't',
      value: 'FILTER',
      array: true,
      coerce: parseFilter,
      describe: 'what to subscribe to; may be repeated',
      group: MESSAGES,
    },
    qos: {
      type: 'string',
      alias: 'q',
      value: 'QOS',
      array: true,
      coerce: parseQos,
      defaultDescription: '0',
      describe: '0, 1 or 2; one for each filter, or one for all',
      group: MESSAGES,
    },
    count: {
      type: 'string',
      alias: 'C',
      value: 'COUNT',
      coerce: parseCount,
      describe: 'end after so many messages',
      group: MESSAGES,
    },
    'skip-retained': {
      type: 'boolean',
      alias: 'R',
      describe: 'show no retained messages, and ask for none',
      group: MESSAGES,
    },
    verbose: { type: 'boolean', alias: 'v', describe: 'topic and payload', group: OUTPUT },
    json: { type: 'boolean', describe: 'one JSON object per message', group: OUTPUT },
    'no-newline': {
      type: 'boolean',
      alias: 'N',
      describe: 'no end of line behind the payload',
      group: OUTPUT,
    },
    ...ORDER_OPTIONS,
  },
  variables: ORDER_VARIABLES,
  examples: [
    { line: 'mqttk sub -t home/lamp', does: 'prints each payload that is published there' },
    { line: "mqttk sub -t 'home/#' -v", does: 'prints topic and payload of all below home' },
    { line: 'mqttk sub -t home/lamp -C 1 -W 5', does: 'waits for one message, 5 s at most' },
    { line: "mqttk sub -t '#' --json -R", does: 'prints all that comes from now on, for programs' },
    { line: 'mqttk sub -t photo -C 1 -N > cat.jpg', does: 'saves one payload as it is' },
  ],
  needsWords: true,
  async run(options, _positionals, platform) {
    if (options.json === true && (options.verbose === true || options.noNewline === true)) {
      const other = options.verbose === true ? '-v' : '-N';
      throw new CallerError('usage', `--json and ${other} exclude each other`, {
        remedy: 'leave one of them out',
      });
    }
    const hidesRetained = options.skipRetained === true;
    const filters = topicsOr(options.topic, options.url?.topic, parseFilter);
    const subscriptions = subscriptionRequests(filters, options.qos, hidesRetained);
    const terms = { prefix: 'mqttksub', isLong: true };
    const { bag, target: wanted } = await clientOrder(options, terms, platform);
    const target = withReceiveMaximum(wanted, options.count);
    const how = options.json === true ? 'json' : 'text';
    const reporter = chooseReporter(options.quiet === true ? 'quiet' : how, 'mqttk sub', platform);
    const report = new RunReport(target, reporter);
    const order = {
      subscriptions,
      properties: bag.for('subscribe'),
      form: formOf(options, platform),
      countMax: options.count,
      hidesRetained,
    };
    const task = new SubscribeTask(order, platform, (error) => report.refuse(error, 'subscribe'));
    return exitCode(await runClient(target, task, platform, reporter), report);
  },
});

/** A filter, or a shared one: `$share/NAME/FILTER`. */
function parseFilter(text: string): string {
  if (!text.startsWith(SHARE_PREFIX)) return parseTopicFilter(text);
  const fault = shareFault(text);
  if (fault !== undefined) throw topicError('filter', text, fault);
  return text;
}

function subscriptionRequests(
  filters: readonly string[],
  qualities: readonly QoS[],
  hidesRetained: boolean,
): readonly SubscriptionRequest[] {
  if (filters.length === 0) {
    throw new CallerError('usage', 'no filter to subscribe to', { remedy: 'name one with -t' });
  }
  const paired = pairQos(filters.length, qualities);
  return filters.map((topicFilter, index) => ({
    topicFilter,
    qos: paired[index] ?? 0,
    isNoLocal: false,
    isRetainAsPublished: false,
    retainHandling: hidesRetained ? 2 : 0,
  }));
}

/** Of messages that will not be shown none is asked for. */
function withReceiveMaximum(target: ClientTarget, count: number | undefined): ClientTarget {
  const isSaid = target.connect.properties.receiveMaximum !== undefined;
  if (isSaid || count === undefined || count >= RECEIVE_MAXIMUM_MAX) return target;
  const properties = { ...target.connect.properties, receiveMaximum: count };
  return { ...target, connect: { ...target.connect, properties } };
}

function formOf(
  options: {
    readonly json: boolean | undefined;
    readonly verbose: boolean | undefined;
    readonly noNewline: boolean | undefined;
  },
  { isTerminal }: Platform,
): MessageForm {
  const plain = options.verbose === true ? 'verbose' : 'payload';
  return {
    kind: options.json === true ? 'json' : plain,
    hasNewline: options.noNewline !== true,
    isTerminal: isTerminal.stdout,
  };
}

function exitCode(end: RunEnd, report: RunReport): ExitCode {
  const { refusalCode = EXITS.ok.code } = report;
  if (end.kind === 'signal') return end.isSecond ? signalExitCode(end.signal) : refusalCode;
  // What was printed is there, however the connection ends after the goodbye.
  const code = report.end(end, end.kind === 'ended' && end.wasAsked);
  return code === EXITS.ok.code ? refusalCode : code;
}
