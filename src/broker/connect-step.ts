import { Buffer } from 'node:buffer';
import { assert } from '../base/assert.ts';
import type { AuthPacket, ConnackPacket, ConnectPacket, Will } from '../codec/packet.ts';
import type { PropertiesOf } from '../codec/properties.ts';
import type { ReasonName } from '../codec/reason-code.ts';
import { Authentication } from './authentication.ts';
import { EXPIRY_NEVER } from './broker-config.ts';
import type { ClientSession, PendingWill } from './client-session.ts';
import { termsOf } from './client-terms.ts';
import type { Connection } from './connection.ts';
import { VERSION_NAMES } from './connection-end.ts';
import { findPayloadRefusal, findTopicRefusal, refusalText } from './publish-limits.ts';

/** Enough that no two are ever the same, and within the 23 characters of MQTT 3.1. */
const ASSIGNED_ID_CHARS = 18;
const ASSIGNED_ID_PREFIX = 'auto-';
/** A refusal shows this much of a text that the client chose. */
const SHOWN_MAX = 80;

interface Refusal {
  readonly reason: ReasonName;
  readonly message: string;
  /** The option that sets the limit, if it is one. */
  readonly limit?: string | undefined;
  /** For the log alone. */
  readonly cause?: string;
}

/** A CONNECT whose client id is known, and whose bytes are its own. */
export interface UnprovenRequest {
  readonly packet: ConnectPacket;
  readonly clientId: string;
  readonly will: PendingWill | undefined;
}

/** The same from a client that is who it says, or does not have to be. */
interface Request extends UnprovenRequest {
  /** What the method sends with CONNACK. */
  readonly authData?: Buffer | undefined;
  /** Called once it is answered. */
  readonly onJudged: () => void;
}

/** Judges CONNECT (section 3.1.4), and answers it with CONNACK. */
export function onConnect(connection: Connection, packet: ConnectPacket): void {
  const { core } = connection;
  const clientId = packet.clientId === '' ? assignClientId(connection) : packet.clientId;
  connection.clientId = clientId;
  connection.userName = packet.userName;
  connection.terms = termsOf(packet, core.config);
  const refusal = findRefusal(connection, packet);
  if (refusal !== undefined) {
    refuse(connection, refusal);
    return;
  }
  const request = { packet: ownPacket(packet), clientId, will: keepWill(packet) };
  const { authenticationData, authenticationMethod: method } = packet.properties;
  const begin = method === undefined ? undefined : core.authMethods.get(method);
  if (method === undefined || begin === undefined) {
    connection.judge((onJudged) => claimInTurn(connection, { ...request, onJudged }));
    return;
  }
  const client = { clientId, userName: packet.userName };
  const authentication = new Authentication(connection, method, () => begin(client));
  connection.authentication = authentication;
  connection.unproven = request;
  prove(connection, authentication, request, authenticationData);
}

/** AUTH before CONNACK: the client proves who it is (section 4.12). */
export function onConnectAuth(
  connection: Connection,
  authentication: Authentication,
  packet: AuthPacket,
): void {
  const { unproven } = connection;
  assert(unproven !== undefined, 'a client that is being authenticated has sent CONNECT');
  authentication.check(packet, 'continueAuthentication');
  prove(connection, authentication, unproven, packet.properties.authenticationData);
}

/** One step of the exchange: it asks for more, or CONNECT is judged by its end. */
function prove(
  connection: Connection,
  authentication: Authentication,
  request: UnprovenRequest,
  data: Buffer | undefined,
): void {
  connection.judge((onJudged) => {
    authentication.step(data, {
      onContinued: onJudged,
      onAccepted(authData) {
        connection.unproven = undefined;
        claimInTurn(connection, { ...request, authData, onJudged });
      },
      onRefused(reason, message) {
        refuse(connection, { reason, message });
        onJudged();
      },
    });
  });
}

function assignClientId({ core }: Connection): string {
  return `${ASSIGNED_ID_PREFIX}${core.ports.randomText(ASSIGNED_ID_CHARS)}`;
}

/** Where a client id is taken over again and again it waits, and is then judged anew. */
function claimInTurn(connection: Connection, request: Request): void {
  const { clientId, onJudged, packet } = request;
  connection.core.flapping.inTurn(connection, clientId, (hasWaited) => {
    const refusal = hasWaited ? findRefusal(connection, packet) : undefined;
    if (refusal === undefined) {
      claim(connection, request);
      return;
    }
    refuse(connection, refusal);
    onJudged();
  });
}

/** Takes the client id over: from now on what others do under it is void. */
function claim(connection: Connection, request: Request): void {
  const { core } = connection;
  const { clientId, onJudged, packet } = request;
  core.backend.sessions.claim(clientId, packet.isCleanStart, (error, epoch) => {
    connection.guard(() => {
      if (error !== undefined) {
        refuse(connection, unavailable(error));
        onJudged();
      } else if (connection.isOpen) {
        openSession(connection, request, epoch);
      } else if (core.sessions.find(clientId) === undefined) {
        // The client did not wait: nobody owns what was claimed for it.
        core.release({ clientId, epoch, isDurable: true }, 'offline');
      }
    });
  });
}

function openSession(connection: Connection, request: Request, epoch: number): void {
  const { core } = connection;
  const { authData, clientId, onJudged, packet, will } = request;
  const { isCleanStart } = packet;
  const expirySeconds = expiryOf(connection, packet);
  const asked = { clientId, isCleanStart, expirySeconds, epoch };
  const { isPresent, session } = core.sessions.open(asked, connection);
  session.will = will; // What an older one left waiting is not sent [MQTT-3.1.3-9].
  connection.session = session;
  session.attach(connection);
  core.backend.sessions.saveMeta(session, (error) => {
    connection.guard(() => {
      if (error !== undefined) refuse(connection, unavailable(error));
      else if (connection.isOpen) accept(connection, packet, { session, isPresent, authData });
      onJudged();
    });
  });
}

interface Accepted {
  readonly session: ClientSession;
  readonly isPresent: boolean;
  readonly authData: Buffer | undefined;
}

function accept(connection: Connection, packet: ConnectPacket, accepted: Accepted): void {
  const { authData, isPresent, session } = accepted;
  const connack: ConnackPacket = {
    type: 'connack',
    isSessionPresent: isPresent,
    reasonCode: 0,
    properties: connection.level === 5 ? announce(connection, packet, session, authData) : {},
  };
  if (!connection.send(connack)) {
    // Not even a CONNACK fits into what the client takes (section 3.1.2.11.4).
    const message = `CONNACK does not fit into ${connection.terms.packetBytesMax} bytes`;
    connection.end({ by: 'server', message, keepsWill: false });
    return;
  }
  connection.onAccepted();
  logConnect(connection, packet, accepted);
  session.resume();
}

/** What CONNACK says of the server's limits, where they are not the standard's defaults. */
function announce(
  { authentication, core, terms }: Connection,
  packet: ConnectPacket,
  session: ClientSession,
  authData: Buffer | undefined,
): PropertiesOf<'connack'> {
  const { maximumQos, packetBytesMax, receiveMaximum, retainAvailable } = core.config;
  const { topicAliasMaximum } = core.config;
  const { keepAliveSeconds } = terms;
  const wanted = packet.properties.sessionExpiryInterval ?? 0;
  return {
    ...(session.expirySeconds === wanted ? {} : { sessionExpiryInterval: session.expirySeconds }),
    // What is not sent is what the client asked for [MQTT-3.2.2-22].
    ...(keepAliveSeconds === packet.keepAliveSeconds ? {} : { serverKeepAlive: keepAliveSeconds }),
    ...(packet.clientId === '' ? { assignedClientIdentifier: session.clientId } : {}),
    // A method that CONNECT named comes back with its success [MQTT-4.12.0-5].
    ...(authentication === undefined ? {} : { authenticationMethod: authentication.method }),
    ...(authData === undefined ? {} : { authenticationData: authData }),
    receiveMaximum,
    // Neither may be sent with the value that it has when it is absent [MQTT-3.2.2-9].
    ...(maximumQos === 2 ? {} : { maximumQos }),
    ...(retainAvailable === 1 ? {} : { retainAvailable }),
    maximumPacketSize: packetBytesMax,
    ...(topicAliasMaximum === 0 ? {} : { topicAliasMaximum }),
  };
}

function findRefusal(connection: Connection, packet: ConnectPacket): Refusal | undefined {
  const { authMethods, config, sessions, waitingRoom } = connection.core;
  const { authenticationMethod: method } = packet.properties;
  if (method !== undefined && !authMethods.has(method)) {
    const shown = JSON.stringify(method.slice(0, SHOWN_MAX));
    const message = `authentication method ${shown} is not supported`;
    return { reason: 'badAuthenticationMethod', message };
  }
  if (packet.level !== 5 && connection.terms.keepAliveSeconds !== packet.keepAliveSeconds) {
    const max = config.keepAliveSecondsMax;
    const message = `keep alive is ${packet.keepAliveSeconds} s, and ${max} s is the most`;
    return { reason: 'clientIdentifierNotValid', message };
  }
  // Who takes the place of its own older connection needs no further one.
  const isHere = sessions.find(connection.clientId ?? '')?.connection !== undefined;
  if (!isHere && !waitingRoom.hasSeat) {
    const message = `${config.connectionsMax} clients are connected, which is the most`;
    return { reason: 'quotaExceeded', limit: '--max-connections', message };
  }
  if (!sessions.hasRoomFor(connection.clientId ?? '')) {
    const message = `${config.sessionsMax} sessions are kept, which is the most`;
    return { reason: 'quotaExceeded', limit: '--max-sessions', message };
  }
  return packet.will === undefined ? undefined : findWillRefusal(connection, packet.will);
}

function findWillRefusal({ core }: Connection, will: Will): Refusal | undefined {
  const { isRetained, payload, properties, qos, topicName } = will;
  const { maximumQos, retainAvailable } = core.config;
  if (qos > maximumQos) {
    const message = `the QoS of the will is ${qos}, ${maximumQos} is the highest`;
    return { reason: 'qosNotSupported', message };
  }
  if (isRetained && retainAvailable === 0) {
    return { reason: 'retainNotSupported', message: 'the will is to be retained: nothing is here' };
  }
  const refusal =
    findTopicRefusal(topicName, core.config) ??
    findPayloadRefusal(payload, properties.payloadFormatIndicator, core.config);
  if (refusal === undefined) return undefined;
  const { limit, reason } = refusal;
  return { reason, limit, message: `the will: ${refusalText(refusal, topicName, core.config)}` };
}

function unavailable(error: Error): Refusal {
  const message = 'the state cannot be kept';
  return { reason: 'serverUnavailable', message, cause: error.message };
}

function refuse(connection: Connection, refusal: Refusal): void {
  connection.refuse({ by: 'server', ...refusal, keepsWill: false });
}

/** Before 5.0 a clean session ends with its connection, any other is kept (table section 2). */
function expiryOf({ core, level }: Connection, packet: ConnectPacket): number {
  const { sessionExpirySecondsMax: max } = core.config;
  const kept = packet.isCleanStart ? 0 : EXPIRY_NEVER;
  const wanted = level === 5 ? (packet.properties.sessionExpiryInterval ?? 0) : kept;
  return Math.min(wanted, max);
}

/** Without views into the bytes that it came in: an exchange takes more turns than one. */
function ownPacket(packet: ConnectPacket): ConnectPacket {
  return { ...packet, will: undefined, password: packet.password && Buffer.from(packet.password) };
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
  const { channel, core, level, terms } = connection;
  const fields = {
    client: session.clientId,
    addr: channel.peer,
    user: packet.userName,
    version: VERSION_NAMES[level],
    clean: packet.isCleanStart ? 1 : 0,
    expiry: session.expirySeconds === EXPIRY_NEVER ? 'never' : session.expirySeconds,
    keepalive: terms.keepAliveSeconds,
    session: isPresent ? 'resumed' : 'new',
    queued: isPresent ? session.waitingCount : undefined,
  };
  core.ports.log({ level: 'info', event: 'connect', fields });
}
