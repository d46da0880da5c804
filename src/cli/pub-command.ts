import type { Buffer } from 'node:buffer';
import { CallerError } from '../base/caller-error.ts';
import type { Publication } from '../client/publication.ts';
import type { QoS } from '../codec/packet.ts';
import { NO_PROPERTIES } from '../codec/properties.ts';
import { parseTopicName } from '../topic/topic-name.ts';
import { CLIENT_OPTIONS, clientTarget } from './client-options.ts';
import { type RunEnd, runClient } from './client-run.ts';
import { defineCommand } from './command.ts';
import { EXITS, type ExitCode } from './exit-codes.ts';
import { messageSource, type Payloads, SOURCE_OPTIONS } from './message-source.ts';
import { parseQos } from './option-values.ts';
import {
  type Messages,
  type PublishPace,
  type PublishTally,
  PublishTask,
  type PublishWatcher,
} from './publish-task.ts';
import { pairQos } from './qos-pairing.ts';
import { RECONNECT_OPTIONS, reconnectPolicy } from './reconnect-options.ts';
import { chooseReporter, type Reporter } from './reporter.ts';
import { RunReport } from './run-report.ts';
import { SESSION_OPTIONS, withSession } from './session-options.ts';
import { signalExitCode } from './signal-exit.ts';

const GROUP = 'Message';
const PACE: PublishPace = {
  inFlightMax: 20,
  batchDelayMs: 0,
  perSecond: Number.POSITIVE_INFINITY,
};

/** `mqttk pub`. */
export const PUB_COMMAND = defineCommand({
  positionals: { usage: '', max: 0 },
  options: {
    topic: {
      type: 'string',
      alias: 't',
      value: 'TOPIC',
      array: true,
      coerce: (text) => parseTopicName(text),
      describe: 'where to; may be repeated: each message goes to every topic',
      group: GROUP,
    },
    qos: {
      type: 'string',
      alias: 'q',
      value: 'QOS',
      array: true,
      coerce: parseQos,
      defaultDescription: '0',
      describe: '0, 1 or 2; one for each topic, or one for all',
      group: GROUP,
    },
    retain: {
      type: 'boolean',
      alias: 'r',
      describe: 'let the broker keep it for later subscribers',
      group: GROUP,
    },
    ...SOURCE_OPTIONS,
    ...CLIENT_OPTIONS,
    ...RECONNECT_OPTIONS,
    ...SESSION_OPTIONS,
  },
  examples: [
    { line: 'mqttk pub -t home/lamp -m on', does: 'sends one message to the broker here' },
    { line: 'mqttk pub -h 192.0.2.7 -t home/lamp -m on -q 1 -r', does: 'waits for its ack; kept' },
    { line: 'tail -f app.log | mqttk pub -t log -l', does: 'sends each line as it comes' },
    { line: 'mqttk pub -t photo -f cat.jpg', does: 'sends a file' },
    { line: 'mqttk pub -t home/lamp -r -n', does: 'deletes the kept message' },
  ],
  needsWords: true,
  async run(options, _positionals, platform) {
    const targets = publishTargets(options.topic, options.qos);
    const target = {
      ...withSession(await clientTarget(options, 'mqttkpub', platform), options),
      reconnect: reconnectPolicy(options, options.stdinLine === true),
    };
    const payloads = await messageSource(options, platform);
    const how = options.quiet === true ? 'quiet' : 'text';
    const reporter = chooseReporter(how, 'mqttk pub', platform);
    const report = new RunReport(target, reporter);
    let fault: { readonly error: unknown } | undefined;
    const watcher: PublishWatcher = {
      onRefused: (error) => report.refuse(error, 'publish'),
      onFault: (error) => {
        fault = { error };
      },
    };
    const messages = compose(payloads, targets, options.retain === true);
    const task = new PublishTask(messages, PACE, watcher, platform);
    const end = await runClient(target, task, platform, reporter);
    if (fault !== undefined) return faultCode(fault.error, reporter);
    const { doneCount, hasWorkLeft, sentCount } = task.tally;
    if (end.kind !== 'signal') return exitCode(end, task.tally, report, reporter);
    if (!hasWorkLeft) return report.refusalCode ?? EXITS.ok.code;
    reporter.note(`interrupted: ${doneCount} of ${sentCount} messages published`);
    await platform.endBy(end.signal);
    return signalExitCode(end.signal);
  },
});

interface PublishTarget {
  readonly topicName: string;
  readonly qos: QoS;
}

function publishTargets(
  topics: readonly string[],
  qualities: readonly QoS[],
): readonly PublishTarget[] {
  if (topics.length === 0) {
    throw new CallerError('usage', 'no topic to publish to', { remedy: 'name one with -t' });
  }
  const paired = pairQos(topics.length, qualities);
  return topics.map((topicName, index) => ({ topicName, qos: paired[index] ?? 0 }));
}

/** Each payload for each topic. */
async function* compose(
  payloads: Payloads,
  targets: readonly PublishTarget[],
  isRetained: boolean,
): Messages {
  for await (const batch of payloads) yield composeBatch(batch, targets, isRetained);
}

function* composeBatch(
  batch: readonly Buffer[],
  targets: readonly PublishTarget[],
  isRetained: boolean,
): Iterable<Publication> {
  for (const payload of batch) {
    for (const { qos, topicName } of targets) {
      yield { topicName, payload, qos, isRetained, properties: NO_PROPERTIES };
    }
  }
}

function exitCode(
  end: Exclude<RunEnd, { readonly kind: 'signal' }>,
  { hasQos0, lostCount }: PublishTally,
  report: RunReport,
  reporter: Reporter,
): ExitCode {
  // What was acknowledged is safe, however the connection ends after it.
  const isMoot = end.kind === 'ended' && end.wasAsked && !hasQos0;
  const code = report.end(end, isMoot);
  const lost =
    lostCount > 0 && code === EXITS.ok.code ? reporter.report(lostError(lostCount)) : code;
  return report.refusalCode ?? lost;
}

function lostError(count: number): CallerError {
  return new CallerError('lost', `${count} messages of QoS 0 were lost with a connection`, {
    why: 'nobody acknowledges them, so that they cannot be sent again',
    remedy: 'use -q 1',
  });
}

/** The source could not be read. */
function faultCode(error: unknown, reporter: Reporter): ExitCode {
  if (!(error instanceof CallerError)) throw error;
  return reporter.report(error);
}
