import { quoteText } from '../base/quote-text.ts';
import type { ConnectPacket } from '../codec/packet.ts';
import type { ReasonName } from '../codec/reason-code.ts';
import type { Connection } from './connection.ts';
import { VERSION_NAMES } from './connection-end.ts';
import { findPayloadRefusal, findTopicRefusal, refusalText } from './publish-limits.ts';

/** Why a CONNECT is not accepted: what CONNACK says where the version can, and the log. */
export interface Refusal {
  readonly reason: ReasonName;
  readonly message: string;
  /** The option that sets the limit, if it is one. */
  readonly limit?: string | undefined;
  /** For the log alone, as what to do about it is. */
  readonly cause?: string;
  readonly next?: string;
  /** Where the client is to go instead. */
  readonly serverReference?: string | undefined;
}

type Check = (connection: Connection, packet: ConnectPacket) => Refusal | undefined;

/** A refusal shows this much of what a client wrote. */
const SHOWN_MAX = 80;

/** In the order in which they are asked: the first that refuses is what the client hears. */
const CHECKS: readonly Check[] = [
  checkGoodbye,
  checkVersion,
  checkClientId,
  checkAuthenticationMethod,
  checkKeepAlive,
  checkLoad,
  checkMemory,
  checkRoom,
  checkWill,
];

/** Why this broker does not accept a CONNECT that keeps the standard's rules. */
export function findConnectRefusal(
  connection: Connection,
  packet: ConnectPacket,
): Refusal | undefined {
  for (const check of CHECKS) {
    const refusal = check(connection, packet);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

function checkGoodbye({ core }: Connection): Refusal | undefined {
  if (core.goodbye === undefined) return undefined;
  const { connack: reason, message, serverReference } = core.goodbye;
  return { reason, message, serverReference };
}

function checkVersion({ core }: Connection, { level }: ConnectPacket): Refusal | undefined {
  if (core.config.protocolLevels.includes(level)) return undefined;
  const message = `MQTT ${VERSION_NAMES[level]} is not spoken here`;
  const next = 'have the client speak another version, or see --protocols';
  return { reason: 'unsupportedProtocolVersion', message, next };
}

function checkClientId({ core }: Connection, { clientId }: ConnectPacket): Refusal | undefined {
  if (clientId !== '' || core.config.assignsClientIds) return undefined;
  const next = 'give the client an id of its own, or leave --no-empty-client-id out';
  return { reason: 'clientIdentifierNotValid', message: 'the client id is empty', next };
}

function checkAuthenticationMethod(
  { core }: Connection,
  { properties }: ConnectPacket,
): Refusal | undefined {
  const { authenticationMethod: method } = properties;
  if (method === undefined || core.authMethods.has(method)) return undefined;
  const shown = quoteText(method.slice(0, SHOWN_MAX));
  const message = `authentication method ${shown} is not supported`;
  return { reason: 'badAuthenticationMethod', message };
}

function checkKeepAlive(
  { core, terms }: Connection,
  { keepAliveSeconds, level }: ConnectPacket,
): Refusal | undefined {
  if (level === 5 || terms.keepAliveSeconds === keepAliveSeconds) return undefined;
  const max = core.config.keepAliveSecondsMax;
  const message = `keep alive is ${keepAliveSeconds} s, and ${max} s is the most`;
  const next = 'lower the keep alive of the client, or raise --max-keep-alive';
  return { reason: 'clientIdentifierNotValid', limit: '--max-keep-alive', message, next };
}

function checkLoad({ core }: Connection): Refusal | undefined {
  if (core.arrivals.load !== 'tooHeavy') return undefined;
  const next = 'see the lines "overload": fewer clients or messages, or a faster machine';
  return { reason: 'serverBusy', message: 'the broker cannot keep up', next };
}

/** Sessions that are there go on: their clients take what they hold. */
function checkMemory({ clientId = '', core }: Connection): Refusal | undefined {
  if (!core.memory.isShort || core.sessions.find(clientId) !== undefined) return undefined;
  const message = 'memory is short: there are no new sessions for now';
  const next = 'see who holds so much, lower the limits of queues, or raise --max-memory';
  return { reason: 'quotaExceeded', limit: '--max-memory', message, next };
}

/** Who takes the place of its own older connection needs no further one. */
function checkRoom({ channel, clientId = '', core }: Connection): Refusal | undefined {
  const { config, sessions, waitingRoom } = core;
  const reason = 'quotaExceeded';
  const old = sessions.find(clientId)?.connection;
  if (old === undefined && !waitingRoom.hasSeat) {
    const message = `${config.connectionsMax} clients are connected, which is the most`;
    return { reason, limit: '--max-connections', message };
  }
  if (!waitingRoom.hasSeatAt(channel.host, old?.channel.host)) {
    const max = config.connectionsPerAddressMax;
    const message = `${max} clients of this address are connected, which is the most`;
    return { reason, limit: '--max-connections-per-ip', message };
  }
  if (sessions.hasRoomFor(clientId)) return undefined;
  const message = `${config.sessionsMax} sessions are kept, which is the most`;
  const next = 'raise --max-sessions, or have sessions end sooner: --max-session-expiry';
  return { reason, limit: '--max-sessions', message, next };
}

function checkWill({ core }: Connection, { will }: ConnectPacket): Refusal | undefined {
  if (will === undefined) return undefined;
  const { isRetained, payload, properties, qos, topicName } = will;
  const { maximumQos, retainAvailable } = core.config;
  if (qos > maximumQos) {
    const message = `the QoS of the will is ${qos}, ${maximumQos} is the highest`;
    return { reason: 'qosNotSupported', limit: '--max-qos', message };
  }
  if (isRetained && retainAvailable === 0) {
    const message = 'the will is to be retained, and nothing is retained here';
    return { reason: 'retainNotSupported', limit: '--no-retain', message };
  }
  const refusal =
    findTopicRefusal(topicName, core.config) ??
    findPayloadRefusal(payload, properties.payloadFormatIndicator, core.config);
  if (refusal === undefined) return undefined;
  const { limit, reason } = refusal;
  return { reason, limit, message: `the will: ${refusalText(refusal, topicName, core.config)}` };
}
