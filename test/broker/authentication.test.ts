import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import type { AuthAnswer, AuthExchange, AuthMethods } from '../../src/broker/authentication.ts';
import type { BrokerConfig } from '../../src/broker/broker-config.ts';
import type { AuthPacket, ConnectPacket } from '../../src/codec/packet.ts';
import { BrokerWorld, connackOf, connectPacket, type TestClient } from '../support/broker-world.ts';
import { hex } from '../support/hex.ts';

const CONTINUE = 0x18;
const AGAIN = 0x19;
const METHOD = 'REPEAT';

/** Asks the client to send its client id, then the word `now`; refuses anything else. */
class Repeat implements AuthExchange {
  readonly #clientId: string;
  #asked = 0;

  constructor(clientId: string) {
    this.#clientId = clientId;
  }

  next(data: Buffer | undefined, answer: (answer: AuthAnswer) => void): void {
    const expected = [undefined, this.#clientId, 'now'][this.#asked];
    this.#asked += 1;
    if (data?.toString() !== expected) {
      answer({ kind: 'refuse', reason: 'notAuthorized', message: 'wrong answer' });
    } else if (this.#asked === 3) answer({ kind: 'accept', data: Buffer.from('welcome') });
    else answer({ kind: 'continue', data: Buffer.from(`question ${this.#asked}`) });
  }
}

function worldOf(
  make: (clientId: string) => AuthExchange = (id) => new Repeat(id),
  config: Partial<BrokerConfig> = {},
): BrokerWorld {
  const methods: AuthMethods = new Map([[METHOD, ({ clientId }) => make(clientId)]]);
  return new BrokerWorld(config, undefined, methods);
}

function connecting(world: BrokerWorld, over: Partial<ConnectPacket> = {}): TestClient {
  return world.connect({ properties: { authenticationMethod: METHOD }, ...over });
}

function auth(reasonCode: number, text?: string, method = METHOD): AuthPacket {
  const data = text === undefined ? {} : { authenticationData: Buffer.from(text) };
  return { type: 'auth', reasonCode, properties: { authenticationMethod: method, ...data } };
}

/** A client that has proven who it is. */
function proven(world: BrokerWorld): TestClient {
  const client = connecting(world);
  client.send(auth(CONTINUE, 'c1'));
  client.send(auth(CONTINUE, 'now'));
  client.received.length = 0;
  return client;
}

describe('before CONNACK', () => {
  it('asks with 0x18 and the method of CONNECT [MQTT-4.12.0-2] [MQTT-4.12.0-5]', () => {
    const client = connecting(worldOf());
    expect(client.received).toMatchObject([
      {
        type: 'auth',
        reasonCode: CONTINUE,
        properties: { authenticationMethod: METHOD, authenticationData: Buffer.from('question 1') },
      },
    ]);
  });

  it(
    'says nothing in AUTH that a client may have no room for [MQTT-3.15.2-2] ' + '[MQTT-3.15.2-3]',
    () => {
      const asked = connecting(worldOf());
      const maximumPacketSize = asked.bytesReceived;
      const properties = { authenticationMethod: METHOD, maximumPacketSize };
      const narrow = connecting(worldOf(), { properties });
      expect(narrow.received).toEqual([auth(CONTINUE, 'question 1')]);
    },
  );

  it('sends no DISCONNECT where not even AUTH has room [MQTT-3.14.0-1] [MQTT-3.2.0-1]', () => {
    const maximumPacketSize = connecting(worldOf()).bytesReceived - 1;
    const properties = { authenticationMethod: METHOD, maximumPacketSize };
    const client = connecting(worldOf(), { properties });
    expect([client.received, client.isClosed]).toEqual([[], true]);
  });

  it('accepts the client at the end, with the method again [MQTT-4.12.0-5]', () => {
    const client = connecting(worldOf());
    client.send(auth(CONTINUE, 'c1'));
    client.received.length = 0;
    client.send(auth(CONTINUE, 'now'));
    expect(connackOf(client)).toMatchObject({
      reasonCode: 0,
      properties: { authenticationMethod: METHOD, authenticationData: Buffer.from('welcome') },
    });
    client.send({ type: 'pingreq' });
    expect(client.last).toEqual({ type: 'pingresp' });
  });

  it('refuses a client that does not prove itself, and closes [MQTT-4.12.0-4]', () => {
    const world = worldOf();
    const client = connecting(world);
    client.send(auth(CONTINUE, 'somebody else'));
    expect(client.last).toMatchObject({ type: 'connack', reasonCode: 0x87 });
    expect([client.isClosed, world.core.sessions.size]).toEqual([true, 0]);
  });

  it('takes nothing but AUTH and DISCONNECT [MQTT-3.1.2-30]', () => {
    const eager = connecting(worldOf());
    eager.send({ type: 'pingreq' });
    expect(eager.last).toMatchObject({ type: 'connack', reasonCode: 0x82 });
    expect(eager.isClosed).toBe(true);
    const leaving = connecting(worldOf());
    leaving.send({ type: 'disconnect', reasonCode: 0, properties: {} });
    expect([leaving.received.length, leaving.isClosed]).toEqual([1, true]);
  });

  it.each([
    ['the reason of another step [MQTT-4.12.0-3]', auth(AGAIN, 'c1')],
    ['another method [MQTT-4.12.0-5] [trap 60]', auth(CONTINUE, 'c1', 'OTHER')],
  ])('refuses AUTH with %s', (_what, packet) => {
    const client = connecting(worldOf());
    client.send(packet);
    expect(client.last).toMatchObject({ type: 'connack', reasonCode: 0x82 });
    expect(client.isClosed).toBe(true);
  });

  it('takes over nobody before the client has proven itself', () => {
    const world = worldOf();
    const first = proven(world);
    connecting(world);
    expect(first.isClosed).toBe(false);
  });

  it('refuses a method that it does not know [MQTT-4.12.0-1] [trap 60]', () => {
    const client = connecting(worldOf(), { properties: { authenticationMethod: 'OTHER' } });
    expect(client.received).toMatchObject([{ type: 'connack', reasonCode: 0x8c }]);
    expect(client.isClosed).toBe(true);
  });

  it('sends no AUTH to a client that named no method [MQTT-4.12.0-6]', () => {
    const client = worldOf().connect();
    expect(client.received).toHaveLength(1);
    expect(connackOf(client).properties.authenticationMethod).toBeUndefined();
  });
});

describe('a method that takes its time', () => {
  const ACCEPT: AuthAnswer = { kind: 'accept', data: undefined };
  let answers: ((answer: AuthAnswer) => void)[] = [];
  const slow = (): AuthExchange => ({ next: (_data, answer) => answers.push(answer) });

  it('keeps what the client sends meanwhile, until it is accepted [MQTT-3.1.4-6] [trap 4]', () => {
    answers = [];
    const world = worldOf(slow);
    const client = world.open();
    const connect = connectPacket({ properties: { authenticationMethod: METHOD } });
    client.send(connect, { type: 'pingreq' });
    expect(client.received).toEqual([]);
    answers[0]?.(ACCEPT);
    world.settle();
    expect(client.received.map(({ type }) => type)).toEqual(['connack', 'pingresp']);
  });

  it('is not listened to by a client that did not wait', () => {
    answers = [];
    const world = worldOf(slow);
    connecting(world).drop();
    answers[0]?.(ACCEPT);
    world.settle();
    expect([world.core.sessions.size, world.core.connections.size]).toEqual([0, 0]);
  });

  it('has data of its own, whatever becomes of the bytes in which it came', () => {
    const given: (Buffer | undefined)[] = [];
    const world = worldOf(() => ({
      next(data, answer) {
        given.push(data);
        if (given.length < 3) answer({ kind: 'continue', data: undefined });
      },
    }));
    const client = world.open();
    const authenticationData = Buffer.from('connect');
    const properties = { authenticationMethod: METHOD, authenticationData };
    const packets = [connectPacket({ properties }), auth(CONTINUE, 'one'), auth(CONTINUE, 'two')];
    for (const packet of packets) {
      const bytes = client.encode(packet);
      client.sendBytes(bytes);
      bytes.fill(0);
    }
    expect(given.map(String)).toEqual(['connect', 'one', 'two']);
  });

  it('accepts no more clients than there may be, however many prove themselves at a time', () => {
    answers = [];
    const world = worldOf(slow, { connectionsMax: 1 });
    const clients = ['a', 'b'].map((clientId) => connecting(world, { clientId }));
    for (const answer of answers) answer(ACCEPT);
    world.settle();
    expect(clients.map((client) => connackOf(client).reasonCode)).toEqual([0, 0x97]);
    expect(clients.map(({ isClosed }) => isClosed)).toEqual([false, true]);
  });

  it('is not asked twice at a time [MQTT-4.12.0-3]', () => {
    answers = [];
    const world = worldOf(slow);
    const client = connecting(world);
    answers[0]?.(ACCEPT);
    world.settle();
    client.send(auth(AGAIN));
    client.send(auth(CONTINUE));
    expect(client.last).toMatchObject({ type: 'disconnect', reasonCode: 0x82 });
  });
});

describe('on a connection that is up', () => {
  it('is done again with the same method, while all else goes on [MQTT-4.12.1-1] [trap 60]', () => {
    const client = proven(worldOf());
    client.send(auth(AGAIN));
    client.send({ type: 'pingreq' });
    client.send(auth(CONTINUE, 'c1'));
    client.send(auth(CONTINUE, 'now'));
    expect(client.received).toMatchObject([
      { type: 'auth', reasonCode: CONTINUE },
      { type: 'pingresp' },
      { type: 'auth', reasonCode: CONTINUE },
      { type: 'auth', reasonCode: 0, properties: { authenticationMethod: METHOD } },
    ]);
    expect(client.isClosed).toBe(false);
  });

  it('ends the connection if it fails [MQTT-4.12.1-2] [trap 60]', () => {
    const client = proven(worldOf());
    client.send(auth(AGAIN), auth(CONTINUE, 'somebody else'));
    expect(client.last).toMatchObject({ type: 'disconnect', reasonCode: 0x87 });
    expect(client.isClosed).toBe(true);
  });

  it.each([
    ['another method [MQTT-4.12.1-1]', auth(AGAIN, undefined, 'OTHER')],
    ['0x18 where nothing was asked [MQTT-4.12.0-3]', auth(CONTINUE, 'c1')],
  ])('refuses %s', (_what, packet) => {
    const client = proven(worldOf());
    client.send(packet);
    expect(client.last).toMatchObject({ type: 'disconnect', reasonCode: 0x82 });
  });

  it('refuses an AUTH that names no method at all [MQTT-4.12.0-5] [trap 60]', () => {
    const client = proven(worldOf());
    client.sendBytes(hex`f0 00`);
    expect(client.last).toMatchObject({ type: 'disconnect', reasonCode: 0x82 });
  });
});
