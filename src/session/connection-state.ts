import { assertNever } from '../base/assert.ts';
import type { Packet, ProtocolLevel } from '../codec/packet.ts';
import { ProtocolError } from '../codec/protocol-error.ts';
import type { RuleName } from '../codec/rules.ts';

/** Where a connection is in its life, as the server sees it. */
export type ServerState =
  | { readonly kind: 'awaitingConnect' }
  /**
   * CONNECT has come, and is being judged: what follows it waits [MQTT-3.1.4-6], but for what
   * proves who the client is.
   */
  | { readonly kind: 'judging'; readonly level: ProtocolLevel }
  | { readonly kind: 'connected'; readonly level: ProtocolLevel }
  | { readonly kind: 'closed' };

/** Where a connection is in its life, as the client sees it; it sends CONNECT at once. */
export type ClientState =
  | { readonly kind: 'awaitingConnack'; readonly level: ProtocolLevel }
  | { readonly kind: 'connected'; readonly level: ProtocolLevel }
  /** It has sent DISCONNECT, and waits for the server to close; what comes is dropped. */
  | { readonly kind: 'ending'; readonly level: ProtocolLevel }
  | { readonly kind: 'closed' };

/**
 * What a client's packet makes of the server's state.
 *
 * @throws ProtocolError for what no client may send then.
 */
export function nextServerState(state: ServerState, packet: Packet): ServerState {
  switch (state.kind) {
    case 'awaitingConnect':
      if (packet.type === 'connect') return { kind: 'judging', level: packet.level };
      throw breach('connect-first', `${packet.type.toUpperCase()} came before CONNECT`, 5);
    case 'judging':
    case 'connected':
      if (packet.type === 'connect') throw secondConnect(state.level);
      if (packet.type === 'disconnect') return { kind: 'closed' };
      if (state.kind === 'judging' && packet.type !== 'auth') {
        const message = `${packet.type.toUpperCase()} came before the client was authenticated`;
        throw breach('auth-pending', message, state.level);
      }
      return state;
    case 'closed':
      return state;
    default:
      return assertNever(state);
  }
}

/** A CONNECT that is not the first: whatever it holds, it ends the connection [MQTT-3.1.0-2]. */
export function secondConnect(level: ProtocolLevel): ProtocolError {
  return breach('connect-twice', 'a second CONNECT', level);
}

/**
 * What a server's packet makes of the client's state. A refusing CONNACK closes.
 *
 * @throws ProtocolError for what no server may send then.
 */
export function nextClientState(state: ClientState, packet: Packet): ClientState {
  switch (state.kind) {
    case 'awaitingConnack':
      if (packet.type === 'auth') return state;
      if (packet.type !== 'connack') {
        const message = `${packet.type.toUpperCase()} came before CONNACK`;
        throw breach('before-connack', message, state.level);
      }
      return packet.reasonCode === 0
        ? { kind: 'connected', level: state.level }
        : { kind: 'closed' };
    case 'connected':
      if (packet.type === 'connack') throw breach('connack-twice', 'a second CONNACK', state.level);
      return packet.type === 'disconnect' ? { kind: 'closed' } : state;
    case 'ending':
    case 'closed':
      return state;
    default:
      return assertNever(state);
  }
}

function breach(rule: RuleName, message: string, level: ProtocolLevel): ProtocolError {
  return new ProtocolError(rule, message, { level, offset: 0 });
}
