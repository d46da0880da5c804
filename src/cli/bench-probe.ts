import { Buffer } from 'node:buffer';
import { CallerError } from '../base/caller-error.ts';
import type { BenchSettings, TopicPlan } from '../bench/bench-settings.ts';
import type { ClientConnection } from '../client/client-connection.ts';
import type { Welcome } from '../client/client-host.ts';
import {
  requirePublishable,
  requireSubscribable,
  type ServerLimits,
} from '../client/server-limits.ts';
import type { ProtocolLevel } from '../codec/packet.ts';
import { NO_PROPERTIES } from '../codec/properties.ts';
import { reasonCode } from '../codec/reason-code.ts';
import { Interruption } from './bench-stage.ts';
import type { ClientTarget } from './client-options.ts';
import { type ClientTask, runClient } from './client-run.ts';
import type { Platform } from './platform.ts';
import { withAdvice } from './refusal-advice.ts';
import type { Reporter } from './reporter.ts';

const NO_BYTES = Buffer.alloc(0);

/** What one ordinary connection has found out for all the others. */
export interface BrokerTerms {
  /** The version that the broker speaks. */
  readonly level: ProtocolLevel;
  readonly limits: ServerLimits;
  /** Ours, or the broker's own; 0 is off. */
  readonly keepAliveSeconds: number;
}

/** Connects, and says goodbye. */
class ProbeTask implements ClientTask {
  terms: BrokerTerms | undefined = undefined;

  start(connection: ClientConnection, { keepAliveSeconds, limits }: Welcome): void {
    this.terms = { level: connection.level, limits, keepAliveSeconds };
    connection.end();
  }

  onMessage(message: { take(): void }): void {
    message.take();
  }

  onDrained(): void {}
  stop(): void {}

  progress(): string {
    return 'the broker to close';
  }
}

/**
 * Makes one connection as `pub` makes it, so that whatever is wrong with address, version or
 * password is told as there, once, and not by each of a thousand clients.
 *
 * @throws CallerError for what keeps it from connecting.
 */
export async function probeBroker(
  target: ClientTarget,
  platform: Platform,
  reporter: Reporter,
): Promise<BrokerTerms> {
  const task = new ProbeTask();
  const end = await runClient(target, task, platform, reporter);
  if (end.kind === 'signal') throw new Interruption(end.signal);
  if (task.terms !== undefined) return task.terms;
  throw withAdvice(end.error ?? new CallerError('lost', 'connection lost'), 'connect', target);
}

/**
 * @param frameBytes how large the packets are that publish.
 * @throws CallerError refused if the broker has said that it does not take what is to be sent.
 */
export function requireTaken(
  { limits }: BrokerTerms,
  { qos, scenario, subscribers }: BenchSettings,
  plan: TopicPlan,
  frameBytes: number,
): void {
  if (scenario === 'connections') return;
  const properties = NO_PROPERTIES;
  const isRetained = scenario === 'retained';
  const payload = NO_BYTES;
  requirePublishable(limits, { topicName: plan.topicOf(0), payload, qos, isRetained, properties });
  const how = { isNoLocal: false, isRetainAsPublished: false, retainHandling: 0 } as const;
  // One with a wildcard, where there are any.
  const topicFilter = plan.filtersOf(subscribers - 1)[0] ?? '';
  requireSubscribable(limits, [{ topicFilter, qos, ...how }], properties);
  const { maximumPacketSize = Number.POSITIVE_INFINITY } = limits;
  if (frameBytes <= maximumPacketSize) return;
  throw new CallerError('refused', `packets would have ${frameBytes} bytes`, {
    why: `the broker takes ${maximumPacketSize} at most`,
    remedy: 'give a smaller --size',
    reasonCode: reasonCode('packetTooLarge'),
  });
}
