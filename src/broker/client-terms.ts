import type { ConnectPacket } from '../codec/packet.ts';
import { PACKET_BYTES_MAX } from '../codec/packet-writer.ts';
import type { BrokerConfig } from './broker-config.ts';

/** What a client said about itself in CONNECT, and what holds for it by that. */
export interface ClientTerms {
  /** Which it asked for, or what the broker says instead (section 3.2.2.3.14). */
  readonly keepAliveSeconds: number;
  /** Topic aliases that it takes, within our own limit [MQTT-3.1.2-26] [MQTT-3.1.2-27]. */
  readonly topicAliasesOutMax: number;
  /** Largest packet that the client takes [MQTT-3.1.2-24]: any, if it names no limit. */
  readonly packetBytesMax: number;
  /** Unfinished messages that the client takes, within our own limit [MQTT-3.3.4-9]. */
  readonly inflightMax: number;
  /** Whether a Reason String is wanted (section 3.1.2.11.7). */
  readonly wantsProblemInformation: boolean;
  /** Whether the client asked for a session that outlives the connection, whatever it got. */
  readonly wantsExpiry: boolean;
}

/** What holds until CONNECT has come. */
export const NO_TERMS: ClientTerms = {
  keepAliveSeconds: 0,
  topicAliasesOutMax: 0,
  packetBytesMax: PACKET_BYTES_MAX,
  inflightMax: 1,
  wantsProblemInformation: true,
  wantsExpiry: false,
};

/** What holds by this CONNECT, within the broker's own limits. */
export function termsOf(
  { keepAliveSeconds, properties }: ConnectPacket,
  { inflightMax, keepAliveSecondsMax, topicAliasesOutMax }: BrokerConfig,
): ClientTerms {
  const { maximumPacketSize, receiveMaximum, requestProblemInformation } = properties;
  return {
    keepAliveSeconds: withinKeepAlive(keepAliveSeconds, keepAliveSecondsMax),
    topicAliasesOutMax: Math.min(topicAliasesOutMax, properties.topicAliasMaximum ?? 0),
    packetBytesMax: maximumPacketSize ?? PACKET_BYTES_MAX,
    inflightMax: Math.min(inflightMax, receiveMaximum ?? inflightMax),
    wantsProblemInformation: requestProblemInformation !== 0,
    wantsExpiry: (properties.sessionExpiryInterval ?? 0) > 0,
  };
}

/** What holds instead of this Keep Alive; 0 is no limit, and asks for none. */
function withinKeepAlive(seconds: number, secondsMax: number): number {
  if (secondsMax === 0) return seconds;
  return seconds === 0 ? secondsMax : Math.min(seconds, secondsMax);
}
