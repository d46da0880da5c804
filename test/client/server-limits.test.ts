import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import type { Publication } from '../../src/client/publication.ts';
import {
  requirePublishable,
  requireSubscribable,
  serverLimits,
} from '../../src/client/server-limits.ts';
import type { SubscriptionRequest } from '../../src/codec/packet.ts';
import { NO_PROPERTIES, type PropertiesOf } from '../../src/codec/properties.ts';

function publication(over: Partial<Publication> = {}): Publication {
  return {
    topicName: 'a',
    payload: Buffer.alloc(0),
    qos: 0,
    isRetained: false,
    properties: NO_PROPERTIES,
    ...over,
  };
}

function request(topicFilter: string): SubscriptionRequest {
  return { topicFilter, qos: 2, isNoLocal: false, isRetainAsPublished: false, retainHandling: 0 };
}

it('are as wide as the protocol where the server says nothing [MQTT-3.2.2-18]', () => {
  expect(serverLimits(NO_PROPERTIES)).toEqual({
    receiveMaximum: 65_535,
    maximumPacketSize: undefined,
    maximumQos: 2,
    isRetainAvailable: true,
    topicAliasMaximum: 0,
    hasWildcards: true,
    hasSubscriptionIdentifiers: true,
    hasSharedSubscriptions: true,
  });
});

describe('a message', () => {
  it.each<[string, PropertiesOf<'connack'>, Partial<Publication>, number]>([
    ['of a QoS above the maximum [MQTT-3.2.2-11]', { maximumQos: 1 }, { qos: 2 }, 155],
    ['to be retained [MQTT-3.2.2-14]', { retainAvailable: 0 }, { isRetained: true }, 154],
    [
      'with an alias above the maximum [MQTT-3.2.2-17] [MQTT-3.3.2-9]',
      { topicAliasMaximum: 3 },
      { properties: { topicAlias: 4 } },
      148,
    ],
    ['with any alias [MQTT-3.2.2-18]', {}, { properties: { topicAlias: 1 } }, 148],
  ])('is refused before it is sent: %s', (_, said, over, code) => {
    expect(() => requirePublishable(serverLimits(said), publication(over))).toThrow(
      expect.objectContaining({ kind: 'refused', reasonCode: code }),
    );
  });

  it('within the limits is not', () => {
    const limits = serverLimits({ maximumQos: 1, retainAvailable: 0, topicAliasMaximum: 3 });
    const message = publication({ qos: 1, properties: { topicAlias: 3 } });
    expect(() => requirePublishable(limits, message)).not.toThrow();
    const retained = publication({ qos: 2, isRetained: true });
    expect(() => requirePublishable(serverLimits(NO_PROPERTIES), retained)).not.toThrow();
  });

  it('is named, with the reason and its code', () => {
    const limits = serverLimits({ maximumQos: 0 });
    expect(() => requirePublishable(limits, publication({ qos: 1 }))).toThrow(
      expect.objectContaining({
        message: 'publish to "a" refused: QoS not supported (0x9B)',
        why: 'the broker takes QoS 0 at most',
      }),
    );
  });
});

describe('a subscription', () => {
  it.each<[string, PropertiesOf<'connack'>, string, number]>([
    ['+', { wildcardSubscriptionAvailable: 0 }, 'a/+', 162],
    ['#', { wildcardSubscriptionAvailable: 0 }, '#', 162],
    ['a share', { sharedSubscriptionAvailable: 0 }, '$share/g/a', 158],
    ['an identifier', { subscriptionIdentifierAvailable: 0 }, 'a', 161],
  ])('is refused before it is sent: %s', (_, said, filter, code) => {
    const properties = { subscriptionIdentifier: [7] };
    const requests = [request('plain'), request(filter)];
    expect(() => requireSubscribable(serverLimits(said), requests, properties)).toThrow(
      expect.objectContaining({ kind: 'refused', reasonCode: code }),
    );
  });

  it('with a QoS above the maximum is not: the server grants less [MQTT-3.2.2-10]', () => {
    const limits = serverLimits({ maximumQos: 0, wildcardSubscriptionAvailable: 0 });
    expect(() => requireSubscribable(limits, [request('a')], NO_PROPERTIES)).not.toThrow();
  });
});
