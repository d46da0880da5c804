import type { ReasonName } from '../codec/reason-code.ts';
import type { SpecClause } from '../codec/rules.ts';
import type { FindingCode, Severity } from './diagnosis.ts';

/** How a rule beyond one packet's bytes is explained. */
interface RemarkRule {
  readonly code: FindingCode;
  /** `protocol` where it is left out. */
  readonly severity?: Severity;
  /** Of 5.0, and of 3.1.1 and 3.1. */
  readonly v5?: readonly SpecClause[];
  readonly v3?: readonly SpecClause[];
  /** What its receiver tells the sender in 5.0; undefined where it has no reason to. */
  readonly reason?: ReasonName;
  /** The field or part of a byte that is pointed at, by its name in the codec; else the type. */
  readonly field?: string;
  /** What the rule asks for, in a few words, if what the packet does leaves that open. */
  readonly rule?: string;
}

const ODD = { severity: 'odd' } as const;
const BROKEN = { reason: 'protocolError' } as const;
const PACKET_ID = { field: 'packetId' } as const;
const TOO_MANY = { code: 'above-limit', reason: 'receiveMaximumExceeded', field: 'qos' } as const;
const TOO_LARGE = {
  code: 'above-limit',
  reason: 'packetTooLarge',
  field: 'remainingLength',
} as const;
const NO_ALIAS = { code: 'alias-too-high', reason: 'topicAliasInvalid' } as const;
const ALIAS_FIELD = { field: 'topicAlias' } as const;
const RESENT = {
  code: 'resend',
  rule: 'what was sent is sent again on a new connection only',
  v5: ['MQTT-4.4.0-1'],
  v3: ['311:4.4.0-1'],
} as const;

/**
 * The rules about what packets have to do with one another, and about what is legal and seldom
 * meant. A broker refuses by some of them only, and by those in its own words.
 */
export const REMARK_RULES = {
  // The order of packets.
  connectFirst: {
    ...BROKEN,
    code: 'connect-first',
    v5: ['MQTT-3.1.0-1'],
    v3: ['311:3.1.0-1'],
    rule: 'the first packet of a client is CONNECT',
  },
  connectTwice: {
    ...BROKEN,
    code: 'connect-twice',
    v5: ['MQTT-3.1.0-2'],
    v3: ['311:3.1.0-2'],
    rule: 'a client sends CONNECT once',
  },
  beforeConnack: {
    ...BROKEN,
    code: 'before-connack',
    v5: ['MQTT-3.2.0-1'],
    v3: ['311:3.2.0-1'],
    rule: 'the first packet of a server is CONNACK',
  },
  connackTwice: {
    ...BROKEN,
    code: 'connack-twice',
    v5: ['MQTT-3.2.0-2'],
    rule: 'a server sends CONNACK once',
  },
  afterDisconnect: {
    code: 'after-disconnect',
    v5: ['MQTT-3.14.4-1'],
    v3: ['311:3.14.4-2'],
    rule: 'nothing follows DISCONNECT',
  },
  afterRefusal: {
    code: 'after-refusal',
    v5: ['MQTT-3.2.2-7'],
    v3: ['311:3.2.2-5'],
    rule: 'a server that refuses closes',
  },

  // What CONNECT and CONNACK settle.
  sessionAfterCleanStart: {
    ...BROKEN,
    code: 'session-present',
    v5: ['MQTT-3.2.2-2'],
    v3: ['311:3.2.2-1'],
    field: 'sessionPresent',
    rule: 'a clean start has no session',
  },
  assignedIdMissing: {
    ...BROKEN,
    code: 'assigned-id-missing',
    v5: ['MQTT-3.2.2-16'],
    rule: 'who accepts an empty client id assigns one',
  },
  responseUnasked: {
    ...BROKEN,
    code: 'not-requested',
    v5: ['MQTT-3.1.2-28'],
    field: 'responseInformation',
  },
  problemUnasked: { ...BROKEN, code: 'not-requested', v5: ['MQTT-3.1.2-29'] },
  expiryRaised: {
    ...BROKEN,
    code: 'disconnect-expiry',
    v5: ['section 3.14.2.2.2'],
    field: 'sessionExpiryInterval',
    rule: 'a session that CONNECT lets expire at once is not prolonged',
  },
  otherMethod: {
    ...BROKEN,
    code: 'auth-method',
    v5: ['MQTT-4.12.0-5'],
    field: 'authenticationMethod',
    rule: 'the authentication method is that of CONNECT',
  },
  authUnasked: { ...BROKEN, code: 'auth-method', v5: ['MQTT-4.12.0-6'] },
  authByPlainClient: { ...BROKEN, code: 'auth-method', v5: ['MQTT-4.12.0-7'] },
  qosAboveMaximum: {
    code: 'above-limit',
    v5: ['MQTT-3.2.2-11'],
    reason: 'qosNotSupported',
    field: 'qos',
  },
  retainUnavailable: {
    code: 'above-limit',
    v5: ['MQTT-3.2.2-14'],
    reason: 'retainNotSupported',
    field: 'retain',
  },
  clientPacketTooLarge: { ...TOO_LARGE, v5: ['MQTT-3.2.2-15'] },
  serverPacketTooLarge: { ...TOO_LARGE, v5: ['MQTT-3.1.2-24'] },
  clientReceiveMaximum: { ...TOO_MANY, v5: ['MQTT-3.3.4-7'] },
  serverReceiveMaximum: { ...TOO_MANY, v5: ['MQTT-3.3.4-9'] },
  wildcardUnavailable: {
    code: 'above-limit',
    v5: ['section 3.2.2.3.11'],
    reason: 'wildcardSubscriptionsNotSupported',
    field: 'topicFilter',
  },
  subIdUnavailable: {
    code: 'above-limit',
    v5: ['section 3.2.2.3.12'],
    reason: 'subscriptionIdentifiersNotSupported',
    field: 'subscriptionIdentifier',
  },
  shareUnavailable: {
    code: 'above-limit',
    v5: ['section 3.2.2.3.13'],
    reason: 'sharedSubscriptionsNotSupported',
    field: 'topicFilter',
  },
  clientAliasTooHigh: { ...NO_ALIAS, ...ALIAS_FIELD, v5: ['MQTT-3.3.2-9', 'MQTT-3.2.2-17'] },
  clientAliasUnasked: { ...NO_ALIAS, ...ALIAS_FIELD, v5: ['MQTT-3.2.2-18'] },
  serverAliasTooHigh: { ...NO_ALIAS, ...ALIAS_FIELD, v5: ['MQTT-3.3.2-11', 'MQTT-3.1.2-26'] },
  serverAliasUnasked: { ...NO_ALIAS, ...ALIAS_FIELD, v5: ['MQTT-3.1.2-27'] },
  aliasUnknown: {
    ...BROKEN,
    ...ALIAS_FIELD,
    code: 'alias-unknown',
    v5: ['section 3.3.4'],
    rule: 'an alias is set by a PUBLISH of this connection that has its topic, too',
  },

  // Requests and their acks.
  clientIdInUse: {
    ...PACKET_ID,
    code: 'packet-id-in-use',
    v5: ['MQTT-2.2.1-3'],
    v3: ['311:2.3.1-2'],
    rule: 'an id is free once its exchange has ended',
  },
  serverIdInUse: {
    ...PACKET_ID,
    code: 'packet-id-in-use',
    v5: ['MQTT-2.2.1-4'],
    v3: ['311:2.3.1-4'],
    rule: 'an id is free once its exchange has ended',
  },
  wrongAck: { ...BROKEN, code: 'wrong-ack', v5: ['MQTT-3.3.4-1'], v3: ['311:3.3.4-1'] },
  ackUnknown: {
    ...PACKET_ID,
    code: 'ack-unknown',
    severity: 'note',
    v5: ['MQTT-2.2.1-5'],
    v3: ['311:2.3.1-6'],
  },
  subackUnknown: {
    ...PACKET_ID,
    code: 'ack-unknown',
    v5: ['MQTT-2.2.1-6'],
    v3: ['311:2.3.1-7'],
  },
  subackCount: { ...BROKEN, code: 'ack-count', v5: ['MQTT-3.8.4-6'], v3: ['311:3.8.4-5'] },
  unsubackCount: { ...BROKEN, code: 'ack-count', v5: ['MQTT-3.11.3-2'] },
  resent: RESENT,
  resentBefore5: { ...RESENT, ...ODD },
  resentUnmarked: {
    code: 'resend',
    v5: ['MQTT-3.3.1-1'],
    v3: ['311:3.3.1-1'],
    field: 'dup',
    rule: 'a repeated PUBLISH has dup 1',
  },
  resentAfterRelease: {
    ...PACKET_ID,
    code: 'resend',
    v5: ['MQTT-4.3.3-6'],
    v3: ['311:4.3.3-1'],
    rule: 'no PUBLISH follows the PUBREL of its id',
  },
  pubackOrder: {
    ...PACKET_ID,
    code: 'ack-order',
    v5: ['MQTT-4.6.0-2'],
    v3: ['311:4.6.0-2'],
    rule: 'PUBACKs go out in the order of their PUBLISHes',
  },
  pubrecOrder: {
    ...PACKET_ID,
    code: 'ack-order',
    v5: ['MQTT-4.6.0-3'],
    v3: ['311:4.6.0-3'],
    rule: 'PUBRECs go out in the order of their PUBLISHes',
  },
  pubrelOrder: {
    ...PACKET_ID,
    code: 'ack-order',
    v5: ['MQTT-4.6.0-4'],
    v3: ['311:4.6.0-4'],
    rule: 'PUBRELs go out in the order of their PUBRECs',
  },

  // Legal, and seldom meant.
  oddText: { ...ODD, code: 'text-odd', v5: ['section 1.5.4'], v3: ['311:section 1.5.3'] },
  byteOrderMark: { ...ODD, code: 'text-odd', v5: ['MQTT-1.5.4-3'], v3: ['311:1.5.3-3'] },
  oddClientId: {
    ...ODD,
    code: 'client-id-odd',
    v5: ['MQTT-3.1.3-5'],
    v3: ['311:3.1.3-5'],
    field: 'clientId',
    rule: 'a server need not take it',
  },
  oddKeepAlive: {
    ...ODD,
    code: 'keep-alive-odd',
    v5: ['section 3.1.2.10'],
    v3: ['311:section 3.1.2.10'],
    field: 'keepAlive',
  },
  oddTopic: { ...ODD, code: 'topic-odd', v5: ['section 4.7.1.1'], v3: ['311:section 4.7.1.1'] },
  dollarTopic: {
    ...ODD,
    code: 'topic-odd',
    v5: ['section 4.7.2'],
    v3: ['311:section 4.7.2'],
    field: 'topicName',
    rule: 'such topics are for servers to use',
  },
  filterTwice: {
    ...ODD,
    code: 'filter-twice',
    v5: ['section 3.8.4'],
    v3: ['311:section 3.8.4'],
    rule: 'the last one replaces the others',
  },
  payloadNotText: {
    ...ODD,
    code: 'payload-format',
    v5: ['section 3.3.2.3.2'],
    rule: 'format indicator 1 announces text in UTF-8',
  },
  passwordAlone: {
    ...ODD,
    code: 'password-alone',
    v5: ['section 3.1.2.9'],
    field: 'password',
    rule: 'versions before 5.0 forbid it',
  },
  brokenShare: {
    ...ODD,
    code: 'share-grammar',
    v3: ['311:section 4.7.1'],
    rule: 'before 5.0 an ordinary filter, and some brokers share it',
  },
  // What 3.1 leaves unchecked, and later versions do not.
  flagsOf31: { ...ODD, code: 'flags', v3: ['V31-4', 'V31-5'], field: 'flags' },
  connectReservedOf31: { ...ODD, code: 'connect-reserved', v3: ['V31-3'], field: 'reserved' },
  willBitsOf31: { ...ODD, code: 'will-bits', v3: ['V31-13'], field: 'willQos' },
  userNameMissingOf31: {
    ...ODD,
    code: 'connect-field-missing',
    v3: ['V31-11'],
    field: 'userName',
  },
  passwordMissingOf31: {
    ...ODD,
    code: 'connect-field-missing',
    v3: ['V31-11'],
    field: 'password',
  },
  optionsOf31: { ...ODD, code: 'options-reserved', v3: ['V31-18'] },

  // Time.
  keepAliveLate: {
    ...ODD,
    code: 'keep-alive-late',
    v5: ['MQTT-3.1.2-20'],
    v3: ['311:3.1.2-23'],
  },
  keepAliveLateV5Server: { ...ODD, code: 'keep-alive-late', v5: ['MQTT-3.1.2-21'] },
  keepAliveIgnored: {
    code: 'keep-alive-late',
    v5: ['MQTT-3.1.2-22'],
    v3: ['311:3.1.2-24'],
    rule: 'after 1.5 times the keep alive the server closes',
  },
} as const satisfies Record<string, RemarkRule>;

export type RemarkName = keyof typeof REMARK_RULES;

/** A rule as code that serves all of them sees it. */
export function remarkRule(name: RemarkName): RemarkRule {
  return REMARK_RULES[name];
}
