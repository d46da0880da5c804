import { Buffer } from 'node:buffer';
import { assert } from '../base/assert.ts';
import type { AuthPacket, ConnackPacket, ConnectPacket } from '../codec/packet.ts';
import type { PropertiesOf } from '../codec/properties.ts';
import { Authentication } from './authentication.ts';
import { StorageFullError } from './backend.ts';
import { EXPIRY_NEVER } from './broker-config.ts';
import type { ClientSession, PendingWill } from './client-session.ts';
import { termsOf } from './client-terms.ts';
import { findConnectRefusal, type Refusal } from './connect-refusal.ts';
import type { Connection } from './connection.ts';
import { peerFields } from './connection-end.ts';
import { NOT_KEPT } from './journal.ts';
import { responseInformationFor } from './response-information.ts';

/** Enough that no two are ever the same; 3.1 with its 23 characters has no such ids. */
const ASSIGNED_ID_CHARS = 22;

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
  const refusal = findConnectRefusal(connection, packet);
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
        const proven = { ...request, authData, onJudged };
        if (isStillWelcome(connection, proven)) claimInTurn(connection, proven);
      },
      onRefused(reason, message) {
        refuse(connection, { reason, message });
        onJudged();
      },
    });
  });
}

function assignClientId({ core }: Connection): string {
  return `${core.config.autoIdPrefix}${core.ports.randomText(ASSIGNED_ID_CHARS)}`;
}

/** Where a client id is taken over again and again it waits, and is then judged anew. */
function claimInTurn(connection: Connection, request: Request): void {
  connection.core.flapping.inTurn(connection, request.clientId, (hasWaited) => {
    if (!hasWaited || isStillWelcome(connection, request)) claim(connection, request);
  });
}

/** Others may have come while it waited, or proved who it is: refuses it if there is no room. */
function isStillWelcome(connection: Connection, { onJudged, packet }: Request): boolean {
  const refusal = findConnectRefusal(connection, packet);
  if (refusal === undefined) return true;
  refuse(connection, refusal);
  onJudged();
  return false;
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
        core.journal.release({ clientId, epoch, isDurable: true }, 'offline');
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
  core.journal.save(session, (error) => {
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
  const text = core.config.responseInformation;
  const responseInformation = responseInformationFor(packet, session.clientId, text);
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
    ...(responseInformation === undefined ? {} : { responseInformation }),
  };
}

function unavailable(error: Error): Refusal {
  const reason = error instanceof StorageFullError ? 'quotaExceeded' : 'serverUnavailable';
  return { reason, message: NOT_KEPT, cause: error.message };
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
  const { core, terms } = connection;
  const peer = peerFields(connection);
  // Field by field: to add to a copy of them costs 3 KB a client.
  const fields = {
    client: peer.client,
    addr: peer.addr,
    user: peer.user,
    listener: peer.listener,
    version: peer.version,
    clean: packet.isCleanStart ? 1 : 0,
    expiry: session.expirySeconds === EXPIRY_NEVER ? 'never' : session.expirySeconds,
    keepalive: terms.keepAliveSeconds,
    session: isPresent ? 'resumed' : 'new',
    queued: isPresent ? session.waitingCount : undefined,
    dropped: session.droppedCount > 0 ? session.droppedCount : undefined,
  };
  core.ports.log({
    level: core.config.logsConnections ? 'info' : 'debug',
    event: 'connect',
    fields,
  });
}
