import type { Packet, ProtocolLevel } from '../codec/packet.ts';
import { NO_PROPERTIES, type PropertiesOf } from '../codec/properties.ts';
import type { ClientTerms } from './client-terms.ts';

/** To whom something is explained. */
export interface Listener {
  readonly level: ProtocolLevel;
  readonly terms: ClientTerms;
}

/** Empty for a client that knows none, or wants none. */
export interface Explanation {
  readonly reasonString?: string;
}

/** The Reason String of an answer, for a client that knows and wants such (section 3.1.2.11.7). */
export function explain({ level, terms }: Listener, reasonString: string): Explanation {
  return level === 5 && terms.wantsProblemInformation ? { reasonString } : NO_PROPERTIES;
}

/**
 * The packet without what only explains it, for a client that has no room for that: Reason String
 * and User Properties go [MQTT-3.2.2-19] [MQTT-3.2.2-20], those of a message never do; Response
 * Information is a favour, too. Undefined if there is nothing of the kind.
 */
export function withoutExplanation(packet: Packet): Packet | undefined {
  if (packet.type === 'publish' || !('properties' in packet)) return undefined;
  const given = packet.properties as PropertiesOf<'connack'>;
  const { reasonString, responseInformation, userProperty, ...properties } = given;
  const isNothing = [reasonString, responseInformation, userProperty].every(isUndefined);
  return isNothing ? undefined : ({ ...packet, properties } as Packet);
}

function isUndefined(value: unknown): boolean {
  return value === undefined;
}
