import { CallerError } from '../base/caller-error.ts';
import { quoteText } from '../base/quote-text.ts';
import type { QoS, SubscriptionRequest } from '../codec/packet.ts';
import type { PropertiesOf } from '../codec/properties.ts';
import { type ReasonName, reasonCode } from '../codec/reason-code.ts';
import { SHARE_PREFIX } from '../codec/topic-grammar.ts';
import { reasonText } from './client-errors.ts';
import type { Publication } from './publication.ts';

/** What a server takes, by its CONNACK (section 3.2.2.3); all there is before 5.0. */
export interface ServerLimits {
  /** 1..65_535 messages of QoS 1 and 2 at a time. */
  readonly receiveMaximum: number;
  /** Bytes with the header; undefined if the protocol's own limit holds. */
  readonly maximumPacketSize: number | undefined;
  readonly maximumQos: QoS;
  readonly isRetainAvailable: boolean;
  /** 0 if no alias may be used. */
  readonly topicAliasMaximum: number;
  readonly hasWildcards: boolean;
  readonly hasSubscriptionIdentifiers: boolean;
  readonly hasSharedSubscriptions: boolean;
}

/** Reads the limits, with the standard's defaults for what is not said. */
export function serverLimits(said: PropertiesOf<'connack'>): ServerLimits {
  return {
    receiveMaximum: said.receiveMaximum ?? 65_535,
    maximumPacketSize: said.maximumPacketSize,
    maximumQos: (said.maximumQos ?? 2) as QoS,
    isRetainAvailable: said.retainAvailable !== 0,
    topicAliasMaximum: said.topicAliasMaximum ?? 0,
    hasWildcards: said.wildcardSubscriptionAvailable !== 0,
    hasSubscriptionIdentifiers: said.subscriptionIdentifierAvailable !== 0,
    hasSharedSubscriptions: said.sharedSubscriptionAvailable !== 0,
  };
}

/**
 * @throws CallerError refused if the server has said that it takes no such message
 *   [MQTT-3.2.2-11] [MQTT-3.2.2-14] [MQTT-3.2.2-17] [MQTT-3.2.2-18].
 */
export function requirePublishable(limits: ServerLimits, publication: Publication): void {
  const { isRetained, properties, qos, topicName } = publication;
  const what = `publish to ${quoteText(topicName)}`;
  if (qos > limits.maximumQos) {
    throw refused(what, 'qosNotSupported', `the broker takes QoS ${limits.maximumQos} at most`);
  }
  if (isRetained && !limits.isRetainAvailable) {
    throw refused(what, 'retainNotSupported', 'the broker keeps no retained messages');
  }
  const { topicAlias = 0 } = properties;
  if (topicAlias > limits.topicAliasMaximum) {
    const why = `the broker takes topic aliases up to ${limits.topicAliasMaximum}`;
    throw refused(what, 'topicAliasInvalid', why);
  }
}

/** @throws CallerError refused if the server has said that it has no such subscriptions. */
export function requireSubscribable(
  limits: ServerLimits,
  subscriptions: readonly SubscriptionRequest[],
  properties: PropertiesOf<'subscribe'>,
): void {
  for (const { topicFilter } of subscriptions) {
    const what = `subscription to ${quoteText(topicFilter)}`;
    if (!limits.hasWildcards && /[#+]/.test(topicFilter)) {
      throw refused(what, 'wildcardSubscriptionsNotSupported', 'the broker has no wildcards');
    }
    if (!limits.hasSharedSubscriptions && topicFilter.startsWith(SHARE_PREFIX)) {
      throw refused(what, 'sharedSubscriptionsNotSupported', 'the broker shares nothing');
    }
    if (!limits.hasSubscriptionIdentifiers && properties.subscriptionIdentifier !== undefined) {
      const why = 'the broker knows no subscription identifiers';
      throw refused(what, 'subscriptionIdentifiersNotSupported', why);
    }
  }
}

function refused(what: string, reason: ReasonName, why: string): CallerError {
  const code = reasonCode(reason);
  return new CallerError('refused', `${what} refused: ${reasonText('disconnect', code)}`, {
    why,
    reasonCode: code,
  });
}
