import { CallerError } from '../base/caller-error.ts';
import { quoteText } from '../base/quote-text.ts';
import type { Publication, PublishOutcome } from '../client/publication.ts';
import type { QoS } from '../codec/packet.ts';
import { reasonCode, reasonTitle } from '../codec/reason-code.ts';
import { parseTopicName } from '../topic/topic-name.ts';
import { type ClientTarget, topicsOr } from './client-options.ts';
import { clientOrder, ORDER_OPTIONS, ORDER_VARIABLES } from './client-order.ts';
import { type RunEnd, runClient } from './client-run.ts';
import { defineCommand } from './command.ts';
import { EXITS, type ExitCode } from './exit-codes.ts';
import { composeMessages, type PublishTarget } from './message-composer.ts';
import { messageSource, SOURCE_OPTIONS } from './message-source.ts';
import { parseQos } from './option-values.ts';
import type { Cancel, Platform } from './platform.ts';
import {
  addPublishProperties,
  PACE_OPTIONS,
  PUBLISH_PROPERTY_OPTIONS,
  publishPace,
} from './publish-options.ts';
import { showProgress } from './publish-progress.ts';
import {
  type Messages,
  type PublishPace,
  type PublishTally,
  PublishTask,
  type PublishWatcher,
} from './publish-task.ts';
import { pairQos } from './qos-pairing.ts';
import { chooseReporter, type Reporter } from './reporter.ts';
import { RunReport } from './run-report.ts';
import { signalExitCode } from './signal-exit.ts';

const GROUP = 'Message';
const NO_SUBSCRIBERS = reasonCode('noMatchingSubscribers');

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
    template: {
      type: 'boolean',
      describe: 'fill in topic and message: {{seq}} {{now}} {{iso}} {{uuid}} {{rand A B}} and more',
      group: GROUP,
    },
    'dry-run': {
      type: 'boolean',
      describe: 'print the packets in hex, and connect to nobody',
      group: GROUP,
    },
    ...PACE_OPTIONS,
    ...PUBLISH_PROPERTY_OPTIONS,
    ...ORDER_OPTIONS,
  },
  variables: ORDER_VARIABLES,
  examples: [
    { line: 'mqttk pub -t home/lamp -m on', does: 'sends one message to the broker here' },
    { line: 'mqttk pub -h 192.0.2.7 -t home/lamp -m on -q 1 -r', does: 'waits for its ack; kept' },
    { line: 'tail -f app.log | mqttk pub -t log -l', does: 'sends each line as it comes' },
    { line: 'mqttk pub -t photo -f cat.jpg', does: 'sends a file' },
    { line: 'mqttk pub -t home/lamp -r -n', does: 'deletes the kept message' },
  ],
  needsWords: true,
  async run(options, _positionals, platform) {
    const topics = topicsOr(options.topic, options.url?.topic, parseTopicName);
    const targets = publishTargets(topics, options.qos);
    const isStream = options.stdinLine === true;
    const { bag, target } = await clientOrder(
      options,
      {
        prefix: 'mqttkpub',
        isLong: isStream || options.repeat > 1,
        addProperties: (properties) => addPublishProperties(options, properties, platform),
      },
      platform,
    );
    const payloads = await messageSource(options, options.repeat, platform);
    const composition = {
      targets,
      isRetained: options.retain === true,
      properties: bag.for('publish'),
      clientId: target.connect.clientId,
      isTemplate: options.template === true,
      isStream,
    };
    const messages = composeMessages(payloads, composition, platform);
    if (options.dryRun === true) {
      await (await import('./dry-run.ts')).printPackets(target, messages, platform);
      return EXITS.ok.code;
    }
    return await new PublishRun(target, options, platform).run(
      messages,
      publishPace(options, isStream),
    );
  },
});

interface PublishHow {
  readonly quiet: boolean | undefined;
  readonly json: boolean | undefined;
  readonly progress: boolean | undefined;
  readonly requireSubscriber: boolean | undefined;
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

/** One run, from its first connection to its exit code. */
class PublishRun {
  readonly #target: ClientTarget;
  readonly #how: PublishHow;
  readonly #platform: Platform;
  readonly #reporter: Reporter;
  readonly #report: RunReport;
  #fault: { readonly error: unknown } | undefined = undefined;

  constructor(target: ClientTarget, how: PublishHow, platform: Platform) {
    const form = how.json === true ? 'json' : 'text';
    this.#target = target;
    this.#how = how;
    this.#platform = platform;
    this.#reporter = chooseReporter(how.quiet === true ? 'quiet' : form, 'mqttk pub', platform);
    this.#report = new RunReport(target, this.#reporter);
  }

  async run(messages: Messages, pace: PublishPace): Promise<ExitCode> {
    const task = new PublishTask(messages, pace, this.#watcher(), this.#platform);
    const stopProgress = this.#showProgress(task);
    const end = await runClient(this.#target, task, this.#platform, this.#reporter);
    stopProgress();
    if (this.#fault !== undefined) return this.#faultCode(this.#fault.error);
    const { doneCount, hasWorkLeft, sentCount } = task.tally;
    if (end.kind !== 'signal') return this.#exitCode(end, task.tally);
    if (!hasWorkLeft) return this.#report.refusalCode ?? EXITS.ok.code;
    this.#reporter.note(`interrupted: ${doneCount} of ${sentCount} messages published`);
    await this.#platform.endBy(end.signal);
    return signalExitCode(end.signal);
  }

  #watcher(): PublishWatcher {
    const { json, requireSubscriber } = this.#how;
    return {
      onRefused: (error) => this.#report.refuse(error, 'publish'),
      onFault: (error) => {
        this.#fault = { error };
      },
      onSettled: (publication, outcome, ms) => {
        if (json === true) this.#platform.print(resultLine(publication, outcome, ms));
        if (requireSubscriber !== true || outcome.kind !== 'answered') return;
        if (outcome.reasonCode === NO_SUBSCRIBERS)
          this.#report.refuse(unread(publication), 'publish');
      },
    };
  }

  #showProgress(task: PublishTask): Cancel {
    const { json, progress, quiet } = this.#how;
    const isWanted = progress ?? (this.#platform.isTerminal.stderr && json !== true);
    if (!isWanted || quiet === true) return () => {};
    return showProgress(() => task.tally, this.#platform);
  }

  #exitCode(
    end: Exclude<RunEnd, { readonly kind: 'signal' }>,
    { hasQos0, lostCount }: PublishTally,
  ): ExitCode {
    // What was acknowledged is safe, however the connection ends after it.
    const isMoot = end.kind === 'ended' && end.wasAsked && !hasQos0;
    const code = this.#report.end(end, isMoot);
    const isLossy = lostCount > 0 && code === EXITS.ok.code;
    const ended = isLossy ? this.#reporter.report(lostError(lostCount)) : code;
    return this.#report.refusalCode ?? ended;
  }

  /** The source could not be read. */
  #faultCode(error: unknown): ExitCode {
    if (!(error instanceof CallerError)) throw error;
    return this.#reporter.report(error);
  }
}

/** One message and its ack, for programs. */
function resultLine({ qos, topicName }: Publication, outcome: PublishOutcome, ms: number): string {
  const isAnswered = outcome.kind === 'answered';
  const code = isAnswered ? outcome.reasonCode : 0;
  const ack = qos === 2 ? 'pubrec' : 'puback';
  return `${JSON.stringify({
    v: 1,
    type: 'published',
    topic: topicName,
    qos,
    packet_id: isAnswered ? outcome.packetId : undefined,
    reason_code: code,
    reason: reasonTitle(ack, code),
    ms: Math.round(ms * 1000) / 1000,
  })}\n`;
}

function unread({ topicName }: Publication): CallerError {
  return new CallerError('refused', `nobody has subscribed to ${quoteText(topicName)}`, {
    why: 'the broker has taken the message, and passed it on to nobody (0x10)',
    reasonCode: NO_SUBSCRIBERS,
  });
}

function lostError(count: number): CallerError {
  return new CallerError('lost', `${count} messages of QoS 0 were lost with a connection`, {
    why: 'nobody acknowledges them, so that they cannot be sent again',
    remedy: 'use -q 1',
  });
}
