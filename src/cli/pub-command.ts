import { CallerError } from '../base/caller-error.ts';
import type { QoS } from '../codec/packet.ts';
import { parseTopicName } from '../topic/topic-name.ts';
import { CLIENT_OPTIONS, type ClientTarget, clientTarget } from './client-options.ts';
import { type RunEnd, runClient } from './client-run.ts';
import { defineCommand } from './command.ts';
import { EXITS, type ExitCode } from './exit-codes.ts';
import { messageSource, SOURCE_OPTIONS } from './message-source.ts';
import { parseQos } from './option-values.ts';
import { type PublishTally, type PublishTarget, PublishTask } from './publish-task.ts';
import { pairQos } from './qos-pairing.ts';
import { withAdvice } from './refusal-advice.ts';
import { chooseReporter, type Reporter } from './reporter.ts';
import { signalExitCode } from './signal-exit.ts';

const GROUP = 'Message';

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
    const target = await clientTarget(options, 'mqttkpub', platform);
    const payloads = await messageSource(options, platform);
    const reporter = chooseReporter(
      options.quiet === true ? 'quiet' : 'text',
      'mqttk pub',
      platform,
    );
    const run = new PublishRun(target, reporter);
    const how = { targets, isRetained: options.retain === true };
    const task = new PublishTask(
      payloads,
      how,
      (error) => run.report(error, 'publish'),
      (error) => run.onFault(error),
    );
    const end = await runClient(target, task, platform, reporter);
    const { doneCount, hasWorkLeft, sentCount } = task.tally;
    if (end.kind !== 'signal' || !hasWorkLeft) return run.exitCode(end, task.tally);
    reporter.note(`interrupted: ${doneCount} of ${sentCount} messages published`);
    await platform.endBy(end.signal);
    return signalExitCode(end.signal);
  },
});

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

/** What one run has met, and what it therefore exits with. */
class PublishRun {
  readonly #target: ClientTarget;
  readonly #reporter: Reporter;
  /** Of the first refusal. */
  #refusalCode: ExitCode | undefined = undefined;
  #fault: { readonly error: unknown } | undefined = undefined;

  constructor(target: ClientTarget, reporter: Reporter) {
    this.#target = target;
    this.#reporter = reporter;
  }

  report(error: CallerError, deed: 'connect' | 'publish'): ExitCode {
    const code = this.#reporter.report(withAdvice(error, deed, this.#target));
    if (deed === 'publish') this.#refusalCode ??= code;
    return code;
  }

  /** The source could not be read. */
  onFault(error: unknown): void {
    this.#fault = { error };
  }

  exitCode(end: RunEnd, tally: PublishTally): ExitCode {
    if (this.#fault !== undefined) return this.#faultCode(this.#fault.error);
    if (end.kind === 'signal') return this.#refusalCode ?? EXITS.ok.code;
    // What was acknowledged is safe, however the connection ends after it.
    const isMoot = end.kind === 'ended' && end.wasAsked && !tally.hasQos0;
    const code =
      end.error === undefined || isMoot ? EXITS.ok.code : this.report(end.error, 'connect');
    return this.#refusalCode ?? code;
  }

  #faultCode(error: unknown): ExitCode {
    if (!(error instanceof CallerError)) throw error;
    return this.#reporter.report(error);
  }
}
