import { Buffer } from 'node:buffer';
import type { QoS } from '../codec/packet.ts';
import { PacketWriter } from '../codec/packet-writer.ts';
import type { PropertiesOf } from '../codec/properties.ts';
import { writeProperties } from '../codec/property-section.ts';
import type { ClientSession } from './client-session.ts';
import type { OutboundFlow } from './outbound-flow.ts';

/** The properties before 5.0, which has none. */
export const NO_PROPERTY_BYTES = Buffer.alloc(0);
/** The properties of a PUBLISH that has none. */
const NO_SECTION = Buffer.from([0]);

/** What one subscriber asks for by its subscriptions to a topic. */
interface TargetTerms {
  /** The highest that is granted [MQTT-3.3.4-2]. */
  readonly qos: QoS;
  readonly isNoLocal: boolean;
  readonly isRetainAsPublished: boolean;
  /** Of each subscription that has one [MQTT-3.3.4-4]; undefined if none has. */
  readonly identifiers: readonly number[] | undefined;
}

/** Where a topic's messages go: one subscriber, and how it is to get them. */
export class RouteTarget implements TargetTerms {
  readonly outbound: OutboundFlow;
  readonly qos: QoS;
  readonly isNoLocal: boolean;
  readonly isRetainAsPublished: boolean;
  readonly identifiers: readonly number[] | undefined;
  /** The properties of what goes to it, with their length, where a message brings none. */
  readonly section: Buffer;

  /** A list of it alone: one for all topics that go to nobody else. */
  readonly alone: readonly RouteTarget[];

  constructor(outbound: OutboundFlow, terms: TargetTerms) {
    this.outbound = outbound;
    this.qos = terms.qos;
    this.isNoLocal = terms.isNoLocal;
    this.isRetainAsPublished = terms.isRetainAsPublished;
    this.identifiers = terms.identifiers;
    this.alone = [this];
    this.section = propertySection(terms.identifiers);
  }

  /** Whether these are its terms, and neither has identifiers. */
  hasTerms({ identifiers, isNoLocal, isRetainAsPublished, qos }: TargetTerms): boolean {
    if (identifiers !== undefined || this.identifiers !== undefined) return false;
    const isSame = isNoLocal === this.isNoLocal && isRetainAsPublished === this.isRetainAsPublished;
    return isSame && qos === this.qos;
  }

  /** One copy for two subscriptions of the same client: the highest QoS, every identifier. */
  with(other: RouteTarget): RouteTarget {
    const identifiers = [...(this.identifiers ?? []), ...(other.identifiers ?? [])];
    return new RouteTarget(this.outbound, {
      qos: Math.max(this.qos, other.qos) as QoS,
      isNoLocal: this.isNoLocal || other.isNoLocal,
      isRetainAsPublished: this.isRetainAsPublished || other.isRetainAsPublished,
      identifiers: identifiers.length === 0 ? undefined : identifiers,
    });
  }
}

/**
 * The target of a subscription: the client's last one again if the terms are the same, as they
 * mostly are. Topics that come in turn then share what a message touches (match: 1.2 times).
 */
export function routeTarget(session: ClientSession, terms: TargetTerms): RouteTarget {
  const { lastTarget, outbound } = session;
  if (lastTarget?.hasTerms(terms) === true) return lastTarget;
  const target = new RouteTarget(outbound, terms);
  session.lastTarget = target;
  return target;
}

/** The properties of a PUBLISH, with their length, that has subscription identifiers at most. */
export function propertySection(subscriptionIdentifier: readonly number[] | undefined): Buffer {
  return subscriptionIdentifier === undefined
    ? NO_SECTION
    : writtenSection({ subscriptionIdentifier });
}

/** The properties of a PUBLISH as bytes, with their length. */
export function writtenSection(properties: PropertiesOf<'publish'>): Buffer {
  const w = new PacketWriter();
  w.begin();
  const start = w.position;
  writeProperties(w, 'publish', properties, 5);
  const length = w.position - start;
  const bytes = w.end(0);
  return Buffer.from(bytes.subarray(bytes.length - length));
}
