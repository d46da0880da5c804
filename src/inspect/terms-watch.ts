import type { ConnackPacket, Packet, PublishPacket, SubscribePacket } from '../codec/packet.ts';
import { SHARE_PREFIX } from '../codec/topic-grammar.ts';
import { type ConnectionTerms, isAccepted } from './connection-terms.ts';
import type { RemarkName } from './remark-rules.ts';
import type { Outcome, SeenPacket } from './seen-packet.ts';

/** Packets that may tell why and how even a client that wants no such talk (section 3.1.2.11.7). */
const TALKATIVE: ReadonlySet<string> = new Set(['publish', 'connack', 'disconnect']);

/** Holds a packet against what CONNECT and CONNACK settled. */
export function checkTerms(seen: SeenPacket, terms: ConnectionTerms, out: Outcome): void {
  const { packet } = seen;
  const remark = (rule: RemarkName, what: string) => out.remarks.push({ rule, what });
  checkSize(seen, terms, remark);
  if (packet === undefined || seen.level !== 5) return;
  if (seen.sender === 'server') checkTalk(packet, terms, remark);
  if (seen.sender === 'client') checkClient(packet, terms, remark);
  if (packet.type === 'auth') checkMethod(packet, seen, terms, remark);
}

/** Whether a CONNACK fits its CONNECT. */
export function checkConnack(
  packet: ConnackPacket,
  { connect }: ConnectionTerms,
  out: Outcome,
): void {
  if (connect === undefined || !isAccepted(packet)) return;
  if (packet.isSessionPresent && connect.isCleanStart) {
    out.remarks.push({
      rule: 'sessionAfterCleanStart',
      what: 'a session is present after a clean start',
    });
  }
  const { assignedClientIdentifier: assigned, responseInformation } = packet.properties;
  if (connect.level !== 5) return;
  if (connect.clientId === '' && assigned === undefined) {
    out.remarks.push({ rule: 'assignedIdMissing', what: 'no client id is assigned' });
  }
  const isAsked = connect.properties.requestResponseInformation === 1;
  if (responseInformation !== undefined && !isAsked) {
    const what = 'response information that the client did not ask for';
    out.remarks.push({ rule: 'responseUnasked', what });
  }
}

type Remarker = (rule: RemarkName, what: string) => void;

function checkSize(
  { sender, size }: SeenPacket,
  { client, server }: ConnectionTerms,
  remark: Remarker,
): void {
  if (sender === 'either') return;
  const max = (sender === 'client' ? server : client)?.maximumPacketSize;
  if (max === undefined || size <= max) return;
  const rule = sender === 'client' ? 'clientPacketTooLarge' : 'serverPacketTooLarge';
  remark(rule, `${size} bytes are above the maximum packet size of ${max}`);
}

function checkTalk(packet: Packet, { client }: ConnectionTerms, remark: Remarker): void {
  if (client?.requestProblemInformation !== 0 || TALKATIVE.has(packet.type)) return;
  if (!('properties' in packet)) return;
  const properties: { readonly reasonString?: string; readonly userProperty?: unknown } =
    packet.properties;
  if (properties.reasonString === undefined && properties.userProperty === undefined) return;
  remark('problemUnasked', 'reasons in words, and the client wants none');
}

function checkClient(packet: Packet, { connect, server }: ConnectionTerms, remark: Remarker) {
  if (packet.type === 'publish' && server !== undefined) checkPublish(packet, server, remark);
  if (packet.type === 'subscribe' && server !== undefined) checkSubscribe(packet, server, remark);
  if (packet.type !== 'disconnect' || connect === undefined) return;
  const had = connect.properties.sessionExpiryInterval ?? 0;
  const wants = packet.properties.sessionExpiryInterval ?? 0;
  if (had === 0 && wants > 0) {
    remark('expiryRaised', `the session expiry goes from 0 to ${wants} s`);
  }
}

type ServerTerms = NonNullable<ConnectionTerms['server']>;

function checkPublish(packet: PublishPacket, server: ServerTerms, remark: Remarker): void {
  const { maximumQos = 2, retainAvailable } = server;
  if (packet.qos > maximumQos) {
    remark('qosAboveMaximum', `QoS ${packet.qos} is above the maximum of ${maximumQos}`);
  }
  if (packet.isRetained && retainAvailable === 0) {
    remark('retainUnavailable', 'retain 1, and the server retains nothing');
  }
}

function checkSubscribe(packet: SubscribePacket, server: ServerTerms, remark: Remarker): void {
  const filters = packet.subscriptions.map(({ topicFilter }) => topicFilter);
  if (server.wildcardSubscriptionAvailable === 0 && filters.some((one) => /[#+]/.test(one))) {
    remark('wildcardUnavailable', 'a wildcard, and the server takes none');
  }
  const hasId = packet.properties.subscriptionIdentifier !== undefined;
  if (server.subscriptionIdentifierAvailable === 0 && hasId) {
    remark('subIdUnavailable', 'a subscription identifier, and the server takes none');
  }
  const isShared = filters.some((one) => one.startsWith(SHARE_PREFIX));
  if (server.sharedSubscriptionAvailable === 0 && isShared) {
    remark('shareUnavailable', 'a shared subscription, and the server has none');
  }
}

function checkMethod(
  packet: Extract<Packet, { type: 'auth' }>,
  { sender }: SeenPacket,
  { client }: ConnectionTerms,
  remark: Remarker,
): void {
  if (client === undefined || sender === 'either') return;
  const agreed = client.authenticationMethod;
  if (agreed === undefined) {
    const rule = sender === 'client' ? 'authByPlainClient' : 'authUnasked';
    remark(rule, 'AUTH, and CONNECT names no authentication method');
    return;
  }
  const named = packet.properties.authenticationMethod;
  if (named !== undefined && named !== agreed) {
    remark('otherMethod', 'another authentication method than in CONNECT');
  }
}
