import type { ReasonName } from './reason-code.ts';

type ClauseNumber = `${number}.${number}.${number}-${number}`;

/**
 * Where a rule stands: its conformance id in MQTT 5.0 or in 3.1.1 (`311:`), its row in our table of
 * what 3.1 does otherwise (`V31-`) or, for a rule without an id, its section in the text.
 */
export type SpecClause =
  | `MQTT-${ClauseNumber}`
  | `311:${ClauseNumber}`
  | `V31-${number}`
  | `section ${number}.${string}`
  | `311:section ${number}.${string}`;

interface Clauses {
  /** Another reason than the rule's own, for this subject. */
  readonly reason?: ReasonName;
  readonly v5?: readonly SpecClause[];
  /** Of 3.1.1, and of 3.1 unless `v31` says otherwise. */
  readonly v3?: readonly SpecClause[];
  readonly v31?: readonly SpecClause[];
}

interface Rule extends Clauses {
  /** What goes on the wire where the version can say it (section 4.13). */
  readonly reason: ReasonName;
  /** Further clauses, for a field, a packet or a side: they come after the rule's own. */
  readonly of?: { readonly [subject: string]: Clauses };
}

/**
 * Every rule by which a peer's bytes or packets are refused, with its clause in each version. The
 * names are those of the findings of `mqttk decode`; what they mean stands where they are used.
 */
export const RULES = {
  // The fixed header (sections 2.1 and 1.5.5).
  'length-too-long': { reason: 'malformedPacket', v5: ['MQTT-1.5.5-1'], v3: ['311:section 2.2.3'] },
  'length-not-minimal': { reason: 'malformedPacket', v5: ['MQTT-1.5.5-1'] },
  'packet-too-large': {
    reason: 'packetTooLarge',
    v3: ['311:section 2.2.3'],
    of: {
      client: { v5: ['MQTT-3.2.2-15'] },
      server: { v5: ['MQTT-3.1.2-24'] },
    },
  },
  'reserved-type': {
    reason: 'malformedPacket',
    v5: ['section 2.1.2'],
    v3: ['311:section 2.2.1'],
  },
  flags: {
    reason: 'malformedPacket',
    v5: ['MQTT-2.1.3-1'],
    v3: ['311:2.2.2-1', '311:2.2.2-2'],
    of: {
      pubrel: { v5: ['MQTT-3.6.1-1'], v3: ['311:3.6.1-1'] },
      subscribe: { v5: ['MQTT-3.8.1-1'], v3: ['311:3.8.1-1'] },
      unsubscribe: { v5: ['MQTT-3.10.1-1'], v3: ['311:3.10.1-1'] },
      disconnect: { v5: ['MQTT-3.14.1-1'], v3: ['311:3.14.1-1'] },
      auth: { v5: ['MQTT-3.15.1-1'] },
    },
  },
  direction: { reason: 'protocolError', v5: ['MQTT-4.13.1-1'], v3: ['311:4.8.0-1'] },

  // Lengths and fields.
  'wrong-length': { reason: 'malformedPacket', v5: ['MQTT-4.13.1-1'], v3: ['311:4.8.0-1'] },
  'field-overrun': { reason: 'malformedPacket', v5: ['MQTT-4.13.1-1'], v3: ['311:4.8.0-1'] },
  'trailing-bytes': { reason: 'malformedPacket', v5: ['MQTT-4.13.1-1'], v3: ['311:4.8.0-1'] },
  utf8: {
    reason: 'malformedPacket',
    v5: ['MQTT-1.5.4-1'],
    v3: ['311:1.5.3-1'],
    of: {
      clientId: { v5: ['MQTT-3.1.3-4'], v3: ['311:3.1.3-4'] },
      willTopic: { v5: ['MQTT-3.1.3-11'], v3: ['311:3.1.3-10'] },
      userName: { v5: ['MQTT-3.1.3-12'], v3: ['311:3.1.3-11'] },
      topicName: { v5: ['MQTT-3.3.2-1'], v3: ['311:3.3.2-1'] },
      responseTopic: { v5: ['MQTT-3.3.2-13'] },
      contentType: { v5: ['MQTT-3.3.2-19'] },
      userPropertyName: { v5: ['MQTT-1.5.7-1'] },
      userPropertyValue: { v5: ['MQTT-1.5.7-1'] },
      subscribe: { v5: ['MQTT-3.8.3-1'], v3: ['311:3.8.3-1'] },
      unsubscribe: { v5: ['MQTT-3.10.3-1'], v3: ['311:3.10.3-1'] },
    },
  },
  nul: {
    reason: 'malformedPacket',
    v5: ['MQTT-1.5.4-2'],
    v3: ['311:1.5.3-2'],
    of: {
      topicName: { v5: ['MQTT-4.7.3-2'], v3: ['311:4.7.3-2'] },
      willTopic: { v5: ['MQTT-4.7.3-2'], v3: ['311:4.7.3-2'] },
      subscribe: { v5: ['MQTT-4.7.3-2'], v3: ['311:4.7.3-2'] },
      unsubscribe: { v5: ['MQTT-4.7.3-2'], v3: ['311:4.7.3-2'] },
      userPropertyName: { v5: ['MQTT-1.5.7-1'] },
      userPropertyValue: { v5: ['MQTT-1.5.7-1'] },
    },
  },
  'text-odd': {
    reason: 'malformedPacket',
    v5: ['section 1.5.4'],
    v3: ['311:section 1.5.3'],
    of: {
      clientId: { reason: 'clientIdentifierNotValid' },
      userName: { reason: 'badUserNameOrPassword' },
    },
  },
  'packet-id-zero': {
    reason: 'protocolError',
    v3: ['311:2.3.1-1'],
    v31: ['V31-21'],
    of: {
      client: { v5: ['MQTT-2.2.1-3'] },
      server: { v5: ['MQTT-2.2.1-4'] },
    },
  },
  'reason-code': {
    reason: 'protocolError',
    of: {
      connack: { v5: ['MQTT-3.2.2-8'], v3: ['311:section 3.2.2.3'], v31: ['V31-16'] },
      puback: { v5: ['MQTT-3.4.2-1'] },
      pubrec: { v5: ['MQTT-3.5.2-1'] },
      pubrel: { v5: ['MQTT-3.6.2-1'] },
      pubcomp: { v5: ['MQTT-3.7.2-1'] },
      suback: { v5: ['MQTT-3.9.3-2'], v3: ['311:3.9.3-2'], v31: ['V31-17'] },
      unsuback: { v5: ['MQTT-3.11.3-2'] },
      disconnect: { v5: ['MQTT-3.14.2-1'] },
      auth: { v5: ['MQTT-3.15.2-1'] },
    },
  },

  // Properties (section 2.2.2).
  'property-length-missing': { reason: 'malformedPacket', v5: ['MQTT-2.2.2-1'] },
  'property-unknown': { reason: 'malformedPacket', v5: ['section 2.2.2.2'] },
  'property-misplaced': { reason: 'malformedPacket', v5: ['section 2.2.2.2'] },
  'property-twice': { reason: 'protocolError' },
  'property-range': { reason: 'protocolError' },
  'payload-format': { reason: 'protocolError' },
  'alias-zero': { reason: 'topicAliasInvalid', v5: ['MQTT-3.3.2-8'] },
  'response-topic-wildcard': { reason: 'protocolError', v5: ['MQTT-3.3.2-14'] },
  'sub-id-from-client': { reason: 'protocolError', v5: ['MQTT-3.3.4-6'] },
  'disconnect-expiry': {
    reason: 'protocolError',
    of: {
      server: { v5: ['MQTT-3.14.2-2'] },
      client: { v5: ['section 3.14.2.2.2'] },
    },
  },
  'auth-method': {
    reason: 'protocolError',
    of: {
      auth: { v5: ['MQTT-4.12.0-5'] },
      connect: { v5: ['section 3.1.2.11.10'] },
      again: { v5: ['MQTT-4.12.1-1'] },
      client: { v5: ['MQTT-4.12.0-7'] },
      server: { v5: ['MQTT-4.12.0-6'] },
    },
  },

  'auth-pending': { reason: 'protocolError', v5: ['MQTT-3.1.2-30'] },
  'auth-turn': { reason: 'protocolError', v5: ['MQTT-4.12.0-3'] },

  // CONNECT and CONNACK (sections 3.1 and 3.2).
  'protocol-name': {
    reason: 'unsupportedProtocolVersion',
    v5: ['MQTT-3.1.2-1'],
    v3: ['311:3.1.2-1'],
  },
  'protocol-level': {
    reason: 'unsupportedProtocolVersion',
    v5: ['MQTT-3.1.2-2'],
    v3: ['311:3.1.2-2'],
    v31: ['V31-30'],
  },
  'connect-reserved': {
    reason: 'malformedPacket',
    v5: ['MQTT-3.1.2-3'],
    v3: ['311:3.1.2-3'],
  },
  'will-bits': {
    reason: 'malformedPacket',
    of: {
      willQos: { v5: ['MQTT-3.1.2-11'], v3: ['311:3.1.2-11', '311:3.1.2-13'] },
      willRetain: { v5: ['MQTT-3.1.2-13'], v3: ['311:3.1.2-11', '311:3.1.2-15'] },
    },
  },
  'will-qos-3': { reason: 'malformedPacket', v5: ['MQTT-3.1.2-12'], v3: ['311:3.1.2-14'] },
  'connect-field-missing': {
    reason: 'malformedPacket',
    of: {
      clientId: { v5: ['MQTT-3.1.3-3'], v3: ['311:3.1.3-3'] },
      will: { v5: ['MQTT-3.1.2-9'], v3: ['311:3.1.2-9'] },
      userName: { v5: ['MQTT-3.1.2-17'], v3: ['311:3.1.2-19'] },
      password: { v5: ['MQTT-3.1.2-19'], v3: ['311:3.1.2-21'] },
    },
  },
  'connect-field-extra': {
    reason: 'malformedPacket',
    of: {
      userName: { v5: ['MQTT-3.1.2-16'], v3: ['311:3.1.2-18'] },
      password: { v5: ['MQTT-3.1.2-18'], v3: ['311:3.1.2-20'] },
    },
  },
  'password-alone': { reason: 'protocolError', v3: ['311:3.1.2-22'], v31: ['V31-12'] },
  'client-id-empty': {
    reason: 'clientIdentifierNotValid',
    v3: ['311:3.1.3-7', '311:3.1.3-8'],
    v31: ['V31-8'],
  },
  'client-id-long': { reason: 'clientIdentifierNotValid', v31: ['V31-7'] },
  'connack-flags': {
    reason: 'malformedPacket',
    v5: ['MQTT-3.2.2-1'],
    v3: ['311:section 3.2.2.1'],
  },
  'session-present': {
    reason: 'protocolError',
    v5: ['MQTT-3.2.2-6'],
    v3: ['311:3.2.2-4'],
  },

  // PUBLISH (section 3.3).
  'qos-3': { reason: 'malformedPacket', v5: ['MQTT-3.3.1-4'], v3: ['311:3.3.1-4'] },
  'dup-qos-0': { reason: 'malformedPacket', v5: ['MQTT-3.3.1-2'], v3: ['311:3.3.1-2'] },
  'topic-wildcard': {
    reason: 'malformedPacket',
    of: {
      topicName: {
        v5: ['MQTT-3.3.2-2', 'MQTT-4.7.0-1'],
        v3: ['311:3.3.2-2', '311:4.7.1-1'],
      },
      willTopic: { v5: ['MQTT-4.7.0-1'], v3: ['311:4.7.1-1'] },
    },
  },
  'topic-empty': {
    reason: 'protocolError',
    v5: ['MQTT-4.7.3-1'],
    v3: ['311:4.7.3-1'],
    of: {
      subscribe: { reason: 'malformedPacket' },
      unsubscribe: { reason: 'malformedPacket' },
    },
  },

  // SUBSCRIBE, UNSUBSCRIBE and their acks (sections 3.8 to 3.11, 4.7 and 4.8).
  'no-filters': {
    reason: 'protocolError',
    of: {
      subscribe: { v5: ['MQTT-3.8.3-2'], v3: ['311:3.8.3-3'] },
      unsubscribe: { v5: ['MQTT-3.10.3-2'], v3: ['311:3.10.3-2'] },
    },
  },
  'filter-wildcard': {
    reason: 'malformedPacket',
    of: {
      '#': { v5: ['MQTT-4.7.1-1'], v3: ['311:4.7.1-2'] },
      '+': { v5: ['MQTT-4.7.1-2'], v3: ['311:4.7.1-3'] },
    },
  },
  'share-grammar': {
    reason: 'malformedPacket',
    of: {
      name: { v5: ['MQTT-4.8.2-1'] },
      filter: { v5: ['MQTT-4.8.2-2'] },
    },
  },
  'share-no-local': { reason: 'protocolError', v5: ['MQTT-3.8.3-4'] },
  'options-reserved': { reason: 'malformedPacket', v5: ['MQTT-3.8.3-5'], v3: ['311:3.8.3-4'] },
  'options-qos-3': {
    reason: 'protocolError',
    v5: ['section 3.8.3.1'],
    v3: ['311:3.8.3-4'],
    v31: ['V31-18'],
  },
  'retain-handling-3': { reason: 'protocolError', v5: ['section 3.8.3.1'] },
  'ack-count': {
    reason: 'protocolError',
    v3: ['311:3.8.4-5'],
    of: {
      suback: { v5: ['MQTT-3.8.4-6'] },
      unsuback: { v5: ['MQTT-3.11.3-2'] },
    },
  },

  // The order of packets, and what one peer may have open (sections 3.1, 3.2, 4.3, 4.9).
  'connect-first': { reason: 'protocolError', v5: ['MQTT-3.1.0-1'], v3: ['311:3.1.0-1'] },
  'connect-twice': { reason: 'protocolError', v5: ['MQTT-3.1.0-2'], v3: ['311:3.1.0-2'] },
  'before-connack': { reason: 'protocolError', v5: ['MQTT-3.2.0-1'], v3: ['311:3.2.0-1'] },
  'connack-twice': { reason: 'protocolError', v5: ['MQTT-3.2.0-2'], v3: ['311:4.8.0-1'] },
  'session-unknown': { reason: 'protocolError', v5: ['MQTT-3.2.2-4'], v3: ['311:3.2.2-1'] },
  'receive-maximum': {
    reason: 'receiveMaximumExceeded',
    v3: ['311:section 4.3.3'],
    of: {
      client: { v5: ['MQTT-3.3.4-7'] },
      server: { v5: ['MQTT-3.3.4-9'] },
    },
  },
  'wrong-ack': { reason: 'protocolError', v5: ['MQTT-3.3.4-1'], v3: ['311:3.3.4-1'] },
  'ack-unknown': {
    reason: 'protocolError',
    v5: ['MQTT-2.2.1-6'],
    v3: ['311:2.3.1-7'],
  },
  'alias-too-high': {
    reason: 'topicAliasInvalid',
    of: {
      client: { v5: ['MQTT-3.3.2-9', 'MQTT-3.2.2-17', 'MQTT-3.2.2-18'] },
      server: { v5: ['MQTT-3.3.2-11', 'MQTT-3.1.2-26', 'MQTT-3.1.2-27'] },
    },
  },
  'alias-unknown': { reason: 'protocolError', v5: ['section 3.3.4'] },
  'above-limit': {
    reason: 'protocolError',
    of: {
      qos: { reason: 'qosNotSupported', v5: ['MQTT-3.2.2-11'] },
      retain: { reason: 'retainNotSupported', v5: ['MQTT-3.2.2-14'] },
    },
  },
} as const satisfies Record<string, Rule>;

export type RuleName = keyof typeof RULES;

/**
 * A rule's reason and clauses in one version, for the first subject (a field, a packet or a side)
 * that the rule tells apart.
 */
export function ruleFor(
  name: RuleName,
  level: 3 | 4 | 5,
  subjects: readonly string[],
): { readonly reason: ReasonName; readonly clauses: readonly SpecClause[] } {
  const rule: Rule = RULES[name];
  const subject = subjects.find((key) => rule.of !== undefined && Object.hasOwn(rule.of, key));
  const own = subject === undefined ? undefined : rule.of?.[subject];
  const ownClauses = own === undefined ? [] : clausesAt(own, level);
  return {
    reason: own?.reason ?? rule.reason,
    clauses: [...clausesAt(rule, level), ...ownClauses],
  };
}

function clausesAt(row: Clauses, level: 3 | 4 | 5): readonly SpecClause[] {
  if (level === 5) return row.v5 ?? [];
  return (level === 3 ? row.v31 : undefined) ?? row.v3 ?? [];
}
