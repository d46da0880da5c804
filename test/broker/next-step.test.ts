import { expect, it } from 'vitest';
import { brokerConfig } from '../../src/broker/broker-config.ts';
import { foreignProtocol, nextStep } from '../../src/broker/next-step.ts';
import { ProtocolError } from '../../src/codec/protocol-error.ts';
import { BrokerWorld } from '../support/broker-world.ts';
import { hex } from '../support/hex.ts';

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
