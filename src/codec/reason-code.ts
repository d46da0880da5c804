import { assert } from '../base/assert.ts';
import type { PacketName } from './packet-type.ts';

/** Who may send a reason code in a packet; the standard restricts some of them to one side. */
type SentBy = 'either' | 'server' | 'client';

interface ReasonRow {
  readonly code: number;
  /** The standard's own name for it. */
  readonly title: string;
  /** The packets that may carry it, and from which side. */
  readonly in: { readonly [P in PacketName]?: SentBy };
}

/**
 * Reason codes, MQTT 5.0 section 2.4, with the packets of tables 3-1 and 3-4 to 3-15.
 *
 * Two rows differ from the letter of one table and follow another part of the text: 0x8C is in
 * DISCONNECT by table 2-6, and a client may send 0x9B by section 3.3.4.
 */
export const REASONS = {
  success: {
    code: 0x00,
    title: 'Success',
    in: {
      connack: 'server',
      puback: 'either',
      pubrec: 'either',
      pubrel: 'either',
      pubcomp: 'either',
      unsuback: 'server',
      auth: 'server',
    },
  },
  normalDisconnection: { code: 0x00, title: 'Normal disconnection', in: { disconnect: 'either' } },
  grantedQos0: { code: 0x00, title: 'Granted QoS 0', in: { suback: 'server' } },
  grantedQos1: { code: 0x01, title: 'Granted QoS 1', in: { suback: 'server' } },
  grantedQos2: { code: 0x02, title: 'Granted QoS 2', in: { suback: 'server' } },
  disconnectWithWillMessage: {
    code: 0x04,
    title: 'Disconnect with Will Message',
    in: { disconnect: 'client' },
  },
  noMatchingSubscribers: {
    code: 0x10,
    title: 'No matching subscribers',
    in: { puback: 'server', pubrec: 'server' },
  },
  noSubscriptionExisted: {
    code: 0x11,
    title: 'No subscription existed',
    in: { unsuback: 'server' },
  },
  continueAuthentication: { code: 0x18, title: 'Continue authentication', in: { auth: 'either' } },
  reAuthenticate: { code: 0x19, title: 'Re-authenticate', in: { auth: 'client' } },
  unspecifiedError: {
    code: 0x80,
    title: 'Unspecified error',
    in: {
      connack: 'server',
      puback: 'either',
      pubrec: 'either',
      suback: 'server',
      unsuback: 'server',
      disconnect: 'either',
    },
  },
  malformedPacket: {
    code: 0x81,
    title: 'Malformed Packet',
    in: { connack: 'server', disconnect: 'either' },
  },
  protocolError: {
    code: 0x82,
    title: 'Protocol Error',
    in: { connack: 'server', disconnect: 'either' },
  },
  implementationSpecificError: {
    code: 0x83,
    title: 'Implementation specific error',
    in: {
      connack: 'server',
      puback: 'either',
      pubrec: 'either',
      suback: 'server',
      unsuback: 'server',
      disconnect: 'either',
    },
  },
  unsupportedProtocolVersion: {
    code: 0x84,
    title: 'Unsupported Protocol Version',
    in: { connack: 'server' },
  },
  clientIdentifierNotValid: {
    code: 0x85,
    title: 'Client Identifier not valid',
    in: { connack: 'server' },
  },
  badUserNameOrPassword: {
    code: 0x86,
    title: 'Bad User Name or Password',
    in: { connack: 'server' },
  },
  notAuthorized: {
    code: 0x87,
    title: 'Not authorized',
    in: {
      connack: 'server',
      puback: 'either',
      pubrec: 'either',
      suback: 'server',
      unsuback: 'server',
      disconnect: 'server',
    },
  },
  serverUnavailable: { code: 0x88, title: 'Server unavailable', in: { connack: 'server' } },
  serverBusy: {
    code: 0x89,
    title: 'Server busy',
    in: { connack: 'server', disconnect: 'server' },
  },
  banned: { code: 0x8a, title: 'Banned', in: { connack: 'server' } },
  serverShuttingDown: {
    code: 0x8b,
    title: 'Server shutting down',
    in: { disconnect: 'server' },
  },
  badAuthenticationMethod: {
    code: 0x8c,
    title: 'Bad authentication method',
    in: { connack: 'server', disconnect: 'server' },
  },
  keepAliveTimeout: { code: 0x8d, title: 'Keep Alive timeout', in: { disconnect: 'server' } },
  sessionTakenOver: { code: 0x8e, title: 'Session taken over', in: { disconnect: 'server' } },
  topicFilterInvalid: {
    code: 0x8f,
    title: 'Topic Filter invalid',
    in: { suback: 'server', unsuback: 'server', disconnect: 'server' },
  },
  topicNameInvalid: {
    code: 0x90,
    title: 'Topic Name invalid',
    in: { connack: 'server', puback: 'either', pubrec: 'either', disconnect: 'either' },
  },
  packetIdentifierInUse: {
    code: 0x91,
    title: 'Packet Identifier in use',
    in: { puback: 'either', pubrec: 'either', suback: 'server', unsuback: 'server' },
  },
  packetIdentifierNotFound: {
    code: 0x92,
    title: 'Packet Identifier not found',
    in: { pubrel: 'either', pubcomp: 'either' },
  },
  receiveMaximumExceeded: {
    code: 0x93,
    title: 'Receive Maximum exceeded',
    in: { disconnect: 'either' },
  },
  topicAliasInvalid: { code: 0x94, title: 'Topic Alias invalid', in: { disconnect: 'either' } },
  packetTooLarge: {
    code: 0x95,
    title: 'Packet too large',
    in: { connack: 'server', disconnect: 'either' },
  },
  messageRateTooHigh: {
    code: 0x96,
    title: 'Message rate too high',
    in: { disconnect: 'either' },
  },
  quotaExceeded: {
    code: 0x97,
    title: 'Quota exceeded',
    in: {
      connack: 'server',
      puback: 'either',
      pubrec: 'either',
      suback: 'server',
      disconnect: 'either',
    },
  },
  administrativeAction: {
    code: 0x98,
    title: 'Administrative action',
    in: { disconnect: 'either' },
  },
  payloadFormatInvalid: {
    code: 0x99,
    title: 'Payload format invalid',
    in: { connack: 'server', puback: 'either', pubrec: 'either', disconnect: 'either' },
  },
  retainNotSupported: {
    code: 0x9a,
    title: 'Retain not supported',
    in: { connack: 'server', disconnect: 'server' },
  },
  qosNotSupported: {
    code: 0x9b,
    title: 'QoS not supported',
    in: { connack: 'server', disconnect: 'either' },
  },
  useAnotherServer: {
    code: 0x9c,
    title: 'Use another server',
    in: { connack: 'server', disconnect: 'server' },
  },
  serverMoved: {
    code: 0x9d,
    title: 'Server moved',
    in: { connack: 'server', disconnect: 'server' },
  },
  sharedSubscriptionsNotSupported: {
    code: 0x9e,
    title: 'Shared Subscriptions not supported',
    in: { suback: 'server', disconnect: 'server' },
  },
  connectionRateExceeded: {
    code: 0x9f,
    title: 'Connection rate exceeded',
    in: { connack: 'server', disconnect: 'server' },
  },
  maximumConnectTime: {
    code: 0xa0,
    title: 'Maximum connect time',
    in: { disconnect: 'server' },
  },
  subscriptionIdentifiersNotSupported: {
    code: 0xa1,
    title: 'Subscription Identifiers not supported',
    in: { suback: 'server', disconnect: 'server' },
  },
  wildcardSubscriptionsNotSupported: {
    code: 0xa2,
    title: 'Wildcard Subscriptions not supported',
    in: { suback: 'server', disconnect: 'server' },
  },
} as const satisfies Record<string, ReasonRow>;

export type ReasonName = keyof typeof REASONS;

/** Return codes of CONNACK before MQTT 5.0 (3.1.1 section 3.2.2.3), and what 5.0 calls them. */
export const RETURN_CODES: readonly { readonly title: string; readonly reason: ReasonName }[] = [
  { title: 'Connection Accepted', reason: 'success' },
  { title: 'unacceptable protocol version', reason: 'unsupportedProtocolVersion' },
  { title: 'identifier rejected', reason: 'clientIdentifierNotValid' },
  { title: 'Server unavailable', reason: 'serverUnavailable' },
  { title: 'bad user name or password', reason: 'badUserNameOrPassword' },
  { title: 'not authorized', reason: 'notAuthorized' },
];

/** How 3.1 and 3.1.1 say a 5.0 refusal; a reason that is missing here closes without CONNACK. */
const RETURN_CODE_OF: { readonly [R in ReasonName]?: number } = {
  success: 0,
  unsupportedProtocolVersion: 1,
  clientIdentifierNotValid: 2,
  serverUnavailable: 3,
  serverBusy: 3,
  quotaExceeded: 3,
  connectionRateExceeded: 3,
  useAnotherServer: 3,
  serverMoved: 3,
  badUserNameOrPassword: 4,
  notAuthorized: 5,
  banned: 5,
  badAuthenticationMethod: 5,
};

const ROWS = Object.entries(REASONS) as [ReasonName, ReasonRow][];

/** The row of a code in one packet: 0x00 alone has a name that depends on the packet. */
const ROWS_BY_PACKET = new Map<
  PacketName,
  Map<number, ReasonRow & { readonly name: ReasonName }>
>();
for (const [name, row] of ROWS) {
  for (const packet of Object.keys(row.in) as PacketName[]) {
    const rows = ROWS_BY_PACKET.get(packet) ?? new Map();
    ROWS_BY_PACKET.set(packet, rows.set(row.code, { ...row, name }));
  }
}

/** The byte of a reason: 0x00..0xA2. */
export function reasonCode(name: ReasonName): number {
  return REASONS[name].code;
}

/** Whether a code says that something was not done (section 2.4). */
export function isFailure(code: number): boolean {
  return code >= 0x80;
}

/** The return code by which 3.1 and 3.1.1 say this in CONNACK; undefined: close without one. */
export function returnCode(name: ReasonName): number | undefined {
  return RETURN_CODE_OF[name];
}

/** The name of a code in a packet of MQTT 5.0; undefined if the packet may not carry it. */
export function findReason(packet: PacketName, code: number): ReasonName | undefined {
  return ROWS_BY_PACKET.get(packet)?.get(code)?.name;
}

/** What the standard calls a code in this packet, or `unknown reason`. */
export function reasonTitle(packet: PacketName, code: number): string {
  return ROWS_BY_PACKET.get(packet)?.get(code)?.title ?? 'unknown reason';
}

/** Whether this side may send the code in this packet (MQTT 5.0). */
export function maySendReason(packet: PacketName, code: number, sender: SenderSide): boolean {
  const sentBy = ROWS_BY_PACKET.get(packet)?.get(code)?.in[packet];
  if (sentBy === undefined) return false;
  return sentBy === 'either' || sender === 'either' || sender === sentBy;
}

/** One end of a connection; `either` where it is not known, as in a dump without addresses. */
export type SenderSide = 'client' | 'server' | 'either';

for (const [name, row] of ROWS) {
  assert(row.code <= 0xff, `${name} fits in a byte`);
}
