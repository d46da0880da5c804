import type { ThemeRole } from './theme.ts';

/** How a field is shown; a field without a row is shown under its own name, in words. */
interface FieldName {
  /** For a person; the words of the codec's name where it is left out. */
  readonly label?: string;
  /** For a program, in snake case; from the codec's name where it is left out. */
  readonly key?: string;
  readonly role?: ThemeRole;
  readonly unit?: string;
  /** What a number says: by value. */
  readonly meanings?: { readonly [value: number]: string };
}

const YES_NO = { meanings: { 0: 'no', 1: 'yes' } } as const;
const SECONDS = { unit: 's' } as const;

/** Fields by their name in the codec: its named reads and its table of properties. */
export const FIELD_NAMES: { readonly [name: string]: FieldName } = {
  remainingLength: { role: 'length' },
  propertyLength: { role: 'length' },
  protocolName: { role: 'text' },
  protocolLevel: { label: 'protocol version', key: 'protocol_version' },
  keepAlive: SECONDS,
  clientId: { role: 'text' },
  willTopic: { role: 'text' },
  willPayload: { role: 'payload' },
  topicName: { label: 'topic', role: 'text' },
  topicFilter: { role: 'text' },
  packetId: { role: 'id' },
  payload: { role: 'payload' },
  undecoded: { role: 'malformed' },
  payloadFormatIndicator: { meanings: { 0: 'bytes', 1: 'text' } },
  messageExpiryInterval: SECONDS,
  sessionExpiryInterval: { ...SECONDS, meanings: { 4294967295: 'never' } },
  willDelayInterval: SECONDS,
  serverKeepAlive: SECONDS,
  maximumPacketSize: { unit: 'bytes' },
  maximumQos: { label: 'maximum QoS' },
  requestProblemInformation: YES_NO,
  requestResponseInformation: YES_NO,
  retainAvailable: YES_NO,
  wildcardSubscriptionAvailable: YES_NO,
  subscriptionIdentifierAvailable: YES_NO,
  sharedSubscriptionAvailable: YES_NO,
};

/** Parts of a byte, by the group and name. A flag of one bit says yes or no. */
export const BIT_NAMES: { readonly [name: string]: FieldName } = {
  dup: YES_NO,
  qos: { label: 'QoS' },
  retain: YES_NO,
  userName: YES_NO,
  password: YES_NO,
  willRetain: YES_NO,
  willQos: { label: 'will QoS' },
  will: YES_NO,
  cleanStart: YES_NO,
  sessionPresent: YES_NO,
  retainHandling: {
    meanings: {
      0: 'send at subscribe',
      1: 'send if the subscription is new',
      2: 'do not send',
    },
  },
  retainAsPublished: YES_NO,
  noLocal: YES_NO,
};

/** What is masked unless asked for: their bytes never leave `decode`, in any form. */
export const SECRET_FIELDS: ReadonlySet<string> = new Set(['password', 'authenticationData']);
