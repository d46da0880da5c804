import { describe, expect, it } from 'vitest';
import type { Packet, ProtocolLevel } from '../../src/codec/packet.ts';
import { NO_PROPERTIES } from '../../src/codec/properties.ts';
import {
  type ClientState,
  nextClientState,
  nextServerState,
  type ServerState,
} from '../../src/session/connection-state.ts';
import { ackPacket, connackPacket, connectPacket, publishPacket } from '../support/packets.ts';

const DISCONNECT: Packet = { type: 'disconnect', reasonCode: 0, properties: NO_PROPERTIES };

function refusal(rule: string, clause: string): unknown {
  return expect.objectContaining({ rule, clauses: [clause], reason: 'protocolError', offset: 0 });
}

describe('the server', () => {
  const AWAITING: ServerState = { kind: 'awaitingConnect' };

  it('judges a CONNECT by its level', () => {
    const state = nextServerState(AWAITING, connectPacket({ level: 4 }));
    expect(state).toEqual({ kind: 'judging', level: 4 });
  });

  it.each<Packet>([publishPacket(), DISCONNECT, { type: 'pingreq' }])(
    'refuses $type before CONNECT [MQTT-3.1.0-1]',
    (packet) => {
      expect(() => nextServerState(AWAITING, packet)).toThrow(
        refusal('connect-first', 'MQTT-3.1.0-1'),
      );
    },
  );

  it.each<[ProtocolLevel, string]>([
    [5, 'MQTT-3.1.0-2'],
    [4, '311:3.1.0-2'],
    [3, '311:3.1.0-2'],
  ])('refuses a second CONNECT at level %i [%s]', (level, clause) => {
    for (const kind of ['judging', 'connected'] as const) {
      expect(() => nextServerState({ kind, level }, connectPacket())).toThrow(
        refusal('connect-twice', clause),
      );
    }
  });

  it('stays connected by other packets, and is closed by DISCONNECT', () => {
    const state: ServerState = { kind: 'connected', level: 5 };
    expect(nextServerState(state, publishPacket())).toBe(state);
    expect(nextServerState(state, DISCONNECT)).toEqual({ kind: 'closed' });
  });

  it('stays closed', () => {
    expect(nextServerState({ kind: 'closed' }, connectPacket())).toEqual({ kind: 'closed' });
  });
});

describe('the client', () => {
  const AWAITING: ClientState = { kind: 'awaitingConnack', level: 5 };
  const CONNECTED: ClientState = { kind: 'connected', level: 5 };

  it('is connected by CONNACK 0, and closed by any other', () => {
    expect(nextClientState(AWAITING, connackPacket())).toEqual(CONNECTED);
    const refused = nextClientState(AWAITING, connackPacket({ reasonCode: 0x87 }));
    expect(refused).toEqual({ kind: 'closed' });
  });

  it('goes on waiting after AUTH', () => {
    const auth: Packet = { type: 'auth', reasonCode: 0x18, properties: NO_PROPERTIES };
    expect(nextClientState(AWAITING, auth)).toBe(AWAITING);
  });

  it.each<[ProtocolLevel, string]>([
    [5, 'MQTT-3.2.0-1'],
    [4, '311:3.2.0-1'],
  ])('refuses other packets before CONNACK at level %i [%s]', (level, clause) => {
    for (const packet of [publishPacket(), ackPacket('puback', 1), DISCONNECT]) {
      expect(() => nextClientState({ kind: 'awaitingConnack', level }, packet)).toThrow(
        refusal('before-connack', clause),
      );
    }
  });

  it.each<[ProtocolLevel, string]>([
    [5, 'MQTT-3.2.0-2'],
    [4, '311:4.8.0-1'],
  ])('refuses a second CONNACK at level %i [%s]', (level, clause) => {
    expect(() => nextClientState({ kind: 'connected', level }, connackPacket())).toThrow(
      refusal('connack-twice', clause),
    );
  });

  it('stays connected by other packets, and is closed by DISCONNECT', () => {
    expect(nextClientState(CONNECTED, publishPacket())).toBe(CONNECTED);
    expect(nextClientState(CONNECTED, DISCONNECT)).toEqual({ kind: 'closed' });
  });

  it.each<ClientState>([{ kind: 'ending', level: 5 }, { kind: 'closed' }])(
    'minds nothing any more when it is $kind',
    (state) => {
      expect(nextClientState(state, connackPacket())).toBe(state);
    },
  );
});
