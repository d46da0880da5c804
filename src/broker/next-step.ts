import type { ProtocolError } from '../codec/protocol-error.ts';
import type { RuleName } from '../codec/rules.ts';
import type { BrokerConfig } from './broker-config.ts';
import type { ConnectionEnd } from './connection-end.ts';

/** Some advice names a limit as it is set. */
type Advice = string | ((config: BrokerConfig) => string);

/** What to do about a rule that a client breaks: for the log, and who looks after the client. */
const BY_RULE: { readonly [R in RuleName]?: Advice } = {
  'packet-too-large': ({ connectBytesMax, packetBytesMax }) =>
    `send less at a time, or raise --max-packet-size, now ${packetBytesMax} ` +
    `(CONNECT: --max-connect-size, now ${connectBytesMax})`,
  'connect-first': 'speak MQTT over TCP here: TLS, HTTP and WebSocket are not understood',
  'qos-3': 'the client sets both QoS bits: check its QoS argument (0 to 2)',
  'topic-wildcard': '# and + are for subscribing: publish to one topic',
  'text-odd': 'leave control characters out; or --utf8 spec, where all clients can take them',
  'receive-maximum': ({ receiveMaximum }) =>
    `the client ignores the Receive Maximum of ${receiveMaximum}: lower what it has in flight`,
  'connect-twice': 'the client sends CONNECT on a connection that is open',
  'protocol-level': 'use MQTT 3.1, 3.1.1 or 5.0',
  'alias-too-high': ({ topicAliasMaximum }) =>
    `the client ignores the Topic Alias Maximum of ${topicAliasMaximum}, ` +
    'or keeps aliases over a reconnect',
  'alias-unknown': 'the client keeps topic aliases over a reconnect: they end with the connection',
  'length-too-long': 'the bytes are no MQTT at this place, or one was lost',
};

/** The options that set the limits of rules. */
const LIMITS: { readonly [R in RuleName]?: string } = {
  'receive-maximum': '--receive-maximum',
  'alias-too-high': '--topic-alias-max',
};

/** What to do about a refusal of this broker's own. */
const BY_REASON: { readonly [R in NonNullable<ConnectionEnd['reason']>]?: string } = {
  keepAliveTimeout: 'the client is gone, or does not send PINGREQ in time',
  sessionTakenOver: 'if both go on like this, two clients use one client id: give each its own',
  quotaExceeded: 'this limit is fixed: the client has to send less at a time',
  badAuthenticationMethod: 'connect without enhanced authentication',
};

/** What to do about an end that is somebody's fault; undefined where nobody knows. */
export function nextStep(end: ConnectionEnd, config: BrokerConfig): string | undefined {
  const { by, error, limit, next, reason } = end;
  if (by !== 'server') return undefined;
  const advice = error === undefined ? undefined : BY_RULE[error.rule];
  const byRule = typeof advice === 'function' ? advice(config) : advice;
  const byReason = reason === undefined ? undefined : BY_REASON[reason];
  return next ?? byRule ?? raiseLimit(limit) ?? byReason;
}

/** The option that set the limit where a rule is about one; undefined for all other rules. */
export function limitOf({ reason, rule }: ProtocolError, isConnect: boolean): string | undefined {
  if (rule === 'packet-too-large') return isConnect ? '--max-connect-size' : '--max-packet-size';
  if (rule === 'above-limit') return reason === 'qosNotSupported' ? '--max-qos' : '--no-retain';
  return LIMITS[rule];
}

/** What to do where a limit is too low; undefined for one that is fixed. */
export function raiseLimit(option: string | undefined): string | undefined {
  if (option === '--max-memory') return 'see who holds so much (event overload), or raise it';
  if (option === '--no-retain') return 'publish without RETAIN, or leave --no-retain out';
  return option && `the client asks for too much; if it is meant to, raise ${option}`;
}

/** What speaks to this port although it is no MQTT: told from its first bytes. */
export function foreignProtocol(firstByte: number, packetBytes: number): string | undefined {
  // A TLS record: type 0x16, then 0x03 for its version, which reads as a packet of 5 bytes.
  if (firstByte === 0x16 && packetBytes === 5) return 'a TLS hello';
  const isHttp = /^[CDGHOPT]$/.test(String.fromCharCode(firstByte)) && packetBytes > 60;
  return isHttp ? 'an HTTP request' : undefined;
}
