import { describe, expect, it } from 'vitest';
import { brokerConfig } from '../../src/broker/broker-config.ts';
import { foreignProtocol, nextStep } from '../../src/broker/next-step.ts';
import { ProtocolError } from '../../src/codec/protocol-error.ts';
import { BrokerWorld } from '../support/broker-world.ts';
import { hex } from '../support/hex.ts';
import { publishPacket } from '../support/packets.ts';

const CONFIG = brokerConfig({ receiveMaximum: 7, packetBytesMax: 100 });
const END = { by: 'server', message: '', keepsWill: true } as const;

it('says what to do about a broken rule, and about a refusal of our own', () => {
  const error = new ProtocolError('qos-3', 'both QoS bits are set', { level: 5 });
  expect(nextStep({ ...END, reason: 'malformedPacket', error }, CONFIG)).toContain('0 to 2');
  expect(nextStep({ ...END, reason: 'sessionTakenOver' }, CONFIG)).toContain('client id');
  expect(nextStep({ ...END, reason: 'quotaExceeded', next: 'wait' }, CONFIG)).toBe('wait');
});

it.each([
  ['receive-maximum', 'Receive Maximum of 7'],
  ['packet-too-large', '--max-packet-size, now 100 (CONNECT: --max-connect-size, now 100000)'],
  ['alias-too-high', 'Topic Alias Maximum of 32'],
] as const)('names the limit as it is set: %s', (rule, text) => {
  const error = new ProtocolError(rule, 'too much', { level: 5 });
  expect(nextStep({ ...END, error }, CONFIG)).toContain(text);
});

/** The option that the last line names; one that does says what to do, too. */
function lastLimit(world: BrokerWorld): unknown {
  const { limit, next } = world.events.at(-1)?.fields ?? {};
  if (limit !== undefined) expect(next).toEqual(expect.any(String));
  return limit;
}

describe('the log names the option of a limit', () => {
  const large = { topicName: 'a', payload: Buffer.alloc(2_000) };

  it.each([
    [{ packetBytesMax: 500 }, publishPacket(large), '--max-packet-size'],
    [{ maximumQos: 0 }, publishPacket({ qos: 1, packetId: 1 }), '--max-qos'],
    [{ retainAvailable: 0 }, publishPacket({ isRetained: true }), '--no-retain'],
    [{}, publishPacket({ properties: { topicAlias: 33 } }), '--topic-alias-max'],
    [{}, { type: 'pingreq' } as const, undefined],
  ])('of %j', (config, packet, limit) => {
    const world = new BrokerWorld(config);
    world.connect().send(packet);
    expect(lastLimit(world)).toBe(limit);
  });

  it('of CONNECT, by its size, its keep alive and its will', () => {
    const will = { topicName: 'w', payload: Buffer.alloc(0), isRetained: false, properties: {} };
    const limits = [
      { userName: 'x'.repeat(2_000) },
      { level: 4, keepAliveSeconds: 60 },
      { will: { ...will, qos: 2 } },
      { will: { ...will, qos: 0, isRetained: true } },
    ] as const;
    const config = { connectBytesMax: 1_000, keepAliveSecondsMax: 30, maximumQos: 1 } as const;
    const world = new BrokerWorld({ ...config, retainAvailable: 0 });
    const told = limits.map((over) => {
      world.connect(over);
      return lastLimit(world);
    });
    expect(told).toEqual(['--max-connect-size', '--max-keep-alive', '--max-qos', '--no-retain']);
  });

  it('of messages in flight', () => {
    const world = new BrokerWorld({ receiveMaximum: 1 });
    const client = world.connect();
    for (const packetId of [1, 2]) client.send(publishPacket({ qos: 2, packetId }));
    expect(world.events.at(-1)?.fields).toMatchObject({
      limit: '--receive-maximum',
      next: expect.stringContaining('Receive Maximum'),
    });
  });
});

it('says nothing where nobody is at fault, or nothing is known', () => {
  expect(nextStep({ ...END, by: 'client', reason: 'sessionTakenOver' }, CONFIG)).toBeUndefined();
  expect(nextStep({ ...END, reason: 'serverShuttingDown' }, CONFIG)).toBeUndefined();
  expect(nextStep(END, CONFIG)).toBeUndefined();
});

it.each([
  ['a TLS hello', hex`16 03 01 02 00 01 00 01`, 'TLS'],
  ['an HTTP request', Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n'), 'HTTP'],
])('names %s on this port, and answers nothing', (_what, bytes, name) => {
  const world = new BrokerWorld();
  const client = world.open();
  client.sendBytes(bytes);
  expect([client.isClosed, client.bytesReceived]).toEqual([true, 0]);
  expect(world.events.at(-1)).toMatchObject({
    event: 'connect_refused',
    fields: { message: expect.stringContaining(name) },
  });
});

it('takes a CONNECT of 3.1 with odd flags for what it is [V31-4]', () => {
  expect(foreignProtocol(0x16, 20)).toBeUndefined();
  expect(foreignProtocol(0x10, 5)).toBeUndefined();
});
