import { expect, it } from 'vitest';
import { foreignProtocol, nextStep } from '../../src/broker/next-step.ts';
import { ProtocolError } from '../../src/codec/protocol-error.ts';
import { BrokerWorld } from '../support/broker-world.ts';
import { hex } from '../support/hex.ts';

const END = { by: 'server', message: '', keepsWill: true } as const;

it('says what to do about a broken rule, and about a refusal of our own', () => {
  const error = new ProtocolError('qos-3', 'both QoS bits are set', { level: 5 });
  expect(nextStep({ ...END, reason: 'malformedPacket', error })).toContain('0 to 2');
  expect(nextStep({ ...END, reason: 'sessionTakenOver' })).toContain('client id');
  expect(nextStep({ ...END, reason: 'quotaExceeded', next: 'wait' })).toBe('wait');
});

it('says nothing where nobody is at fault, or nothing is known', () => {
  expect(nextStep({ ...END, by: 'client', reason: 'sessionTakenOver' })).toBeUndefined();
  expect(nextStep({ ...END, reason: 'serverShuttingDown' })).toBeUndefined();
  expect(nextStep(END)).toBeUndefined();
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
