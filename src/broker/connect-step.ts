import { Buffer } from 'node:buffer';
import type { ConnackPacket, ConnectPacket } from '../codec/packet.ts';
import type { PropertiesOf } from '../codec/properties.ts';
import type { ReasonName } from '../codec/reason-code.ts';
import { EXPIRY_NEVER } from './broker-config.ts';
import type { ClientSession, PendingWill } from './client-session.ts';
import type { ClientTerms, Connection } from './connection.ts';
import { VERSION_NAMES } from './connection-end.ts';
import { isReservedTopic } from './reserved-topic.ts';

/** What a client that names no limit takes: the protocol's own (section 3.1.2.11.4). */
const PACKET_BYTES_MAX = 268_435_460;
/** Enough that no two are ever the same, and within the 23 characters of MQTT 3.1. */
const ASSIGNED_ID_CHARS = 18;
const ASSIGNED_ID_PREFIX = 'auto-';

interface Refusal {
  readonly reason: ReasonName;
  readonly message: string;
}

/** Judges CONNECT (section 3.1.4), and answers it with CONNACK. */
export function onConnect(connection: Connection, packet: ConnectPacket): void {
  const { core } = connection;
  const isAssigned = packet.clientId === '';
  const clientId = isAssigned
    ? `${ASSIGNED_ID_PREFIX}${core.ports.randomText(ASSIGNED_ID_CHARS)}`
    : packet.clientId;
  connection.terms = termsOf(connection, packet);
  const refusal = findRefusal(connection, packet, clientId);
  if (refusal !== undefined) {
    refuse(connection, refusal);
    return;
  }
  const will = packet.will === undefined ? undefined : keepWill(packet);
  const properties = packet.properties;
  let isSettled = false;
  core.backend.sessions.claim(clientId, packet.isCleanStart, (error) => {
    if (error !== undefined) {
      refuse(connection, { reason: 'serverUnavailable', message: error.message });
    } else if (connection.isOpen) {
      connect(connection, { ...packet, clientId, properties }, { will, isAssigned });
    }
    isSettled = true;
    connection.resumeAfterVerdict();
  });
  if (!isSettled) connection.awaitVerdict();
}

interface Details {
  readonly will: PendingWill | undefined;
  readonly isAssigned: boolean;
}

function connect(connection: Connection, packet: ConnectPacket, details: Details): void {
  const { core } = connection;
  const { clientId, isCleanStart } = packet;
  const expirySeconds = expiryOf(connection, packet);
  const opened = core.sessions.open({ clientId, isCleanStart, expirySeconds }, connection);
  const { isPresent, session } = opened;
  session.will = details.will;
  connection.session = session;
  connection.clientId = clientId;
  session.attach(connection);
  core.backend.sessions.saveMeta(session, (error) => {
    if (error !== undefined) core.failConnection(connection, error);
    else if (connection.isOpen) accept(connection, packet, { ...details, session, isPresent });
  });
}

interface Accepted extends Details {
  readonly session: ClientSession;
  readonly isPresent: boolean;
}

function accept(connection: Connection, packet: ConnectPacket, accepted: Accepted): void {
  const { isAssigned, isPresent, session } = accepted;
  const connack: ConnackPacket = {
    type: 'connack',
    isSessionPresent: isPresent,
    reasonCode: 0,
    properties: connection.level === 5 ? announce(connection, packet, session, isAssigned) : {},
  };
  if (!connection.send(connack)) {
    // Not even a CONNACK fits into what the client takes (section 3.1.2.11.4).
    const message = `CONNACK does not fit into ${connection.terms.packetBytesMax} bytes`;
    connection.end({ by: 'server', message, keepsWill: true });
    return;
  }
  connection.onAccepted();
  logConnect(connection, packet, accepted);
  session.resume();
}

/** What CONNACK says of the server's limits, where they are not the standard's defaults. */
function announce(
  { core }: Connection,
  packet: ConnectPacket,
  session: ClientSession,
  isAssigned: boolean,
): PropertiesOf<'connack'> {
  const { packetBytesMax, receiveMaximum, topicAliasMaximum } = core.config;
  const wanted = packet.properties.sessionExpiryInterval ?? 0;
  return {
    ...(session.expirySeconds === wanted ? {} : { sessionExpiryInterval: session.expirySeconds }),
    ...(isAssigned ? { assignedClientIdentifier: session.clientId } : {}),
    receiveMaximum,
    maximumPacketSize: packetBytesMax,
    ...(topicAliasMaximum === 0 ? {} : { topicAliasMaximum }),
  };
}

function findRefusal(
  connection: Connection,
  packet: ConnectPacket,
  clientId: string,
): Refusal | undefined {
  const { config, connections, sessions } = connection.core;
  const { authenticationMethod } = packet.properties;
  if (authenticationMethod !== undefined) {
    const message = `authentication method ${JSON.stringify(authenticationMethod)} is not supported`;
    return { reason: 'badAuthenticationMethod', message };
  }
  if (connections.size > config.connectionsMax) {
    const message = `${config.connectionsMax} clients are connected, which is the most`;
    return { reason: 'quotaExceeded', message };
  }
  if (!sessions.hasRoomFor(clientId)) {
    const message = `${config.sessionsMax} sessions are kept, which is the most`;
    return { reason: 'quotaExceeded', message };
  }
  if (packet.will !== undefined && isReservedTopic(packet.will.topicName)) {
    return { reason: 'notAuthorized', message: 'the will goes to a topic of the broker' };
  }
  return undefined;
}

function refuse(connection: Connection, { message, reason }: Refusal): void {
  connection.refuse({ by: 'server', reason, message, keepsWill: false });
}

function termsOf(
  { core }: Connection,
  { keepAliveSeconds, properties }: ConnectPacket,
): ClientTerms {
  const { maximumPacketSize, receiveMaximum, requestProblemInformation } = properties;
  return {
    keepAliveSeconds,
    packetBytesMax: maximumPacketSize ?? PACKET_BYTES_MAX,
    inflightMax: Math.min(core.config.inflightMax, receiveMaximum ?? core.config.inflightMax),
    wantsProblemInformation: requestProblemInformation !== 0,
  };
}

/** Before 5.0 a clean session ends with its connection, any other is kept (table section 2). */
function expiryOf({ core, level }: Connection, packet: ConnectPacket): number {
  const { sessionExpirySecondsMax: max } = core.config;
  const kept = packet.isCleanStart ? 0 : EXPIRY_NEVER;
  const wanted = level === 5 ? (packet.properties.sessionExpiryInterval ?? 0) : kept;
  return Math.min(wanted, max);
}

function keepWill({ will }: ConnectPacket): PendingWill | undefined {
  if (will === undefined) return undefined;
  const { correlationData } = will.properties;
  return {
    ...will,
    payload: Buffer.from(will.payload),
    properties: {
      ...will.properties,
      ...(correlationData === undefined ? {} : { correlationData: Buffer.from(correlationData) }),
    },
    delaySeconds: will.properties.willDelayInterval ?? 0,
  };
}

function logConnect(connection: Connection, packet: ConnectPacket, accepted: Accepted): void {
  const { isPresent, session } = accepted;
  const { channel, core, level } = connection;
  const fields = {
    client: session.clientId,
    addr: channel.peer,
    user: packet.userName,
    version: VERSION_NAMES[level],
    clean: packet.isCleanStart ? 1 : 0,
    expiry: session.expirySeconds === EXPIRY_NEVER ? 'never' : session.expirySeconds,
    keepalive: packet.keepAliveSeconds,
    session: isPresent ? 'resumed' : 'new',
    queued: isPresent ? session.waitingCount : undefined,
  };
  core.ports.log({ level: 'info', event: 'connect', fields });
}
