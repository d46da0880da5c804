import { expect, it } from 'vitest';
import { brokerConfig } from '../../src/broker/broker-config.ts';
import { endByFault, endEvent, lossOf } from '../../src/broker/connection-end.ts';
import { LimitError } from '../../src/broker/limit-error.ts';
import { ProtocolError } from '../../src/codec/protocol-error.ts';

const CONNECTION = {
  core: { config: brokerConfig() },
  clientId: 'esp-7',
  userName: 'dev7',
  channel: { peer: '192.0.2.7:50412' },
  listener: 'mqtt:1883',
  level: 4,
} as const;

it('names the rule, the byte and the code of a refusal by rule', () => {
  const error = new ProtocolError('qos-3', 'both QoS bits are set', { level: 5, offset: 0 });
  const message = error.what;
  const why = { by: 'server', reason: error.reason, error, message, keepsWill: true } as const;
  expect(endEvent({ ...CONNECTION, level: 5 }, why, true)).toEqual({
    level: 'warn',
    event: 'disconnect',
    fields: {
      client: 'esp-7',
      addr: '192.0.2.7:50412',
      user: 'dev7',
      listener: 'mqtt:1883',
      version: '5',
      by: 'server',
      reason: 'Malformed Packet',
      code: '0x81',
      clause: 'MQTT-3.3.1-4',
      offset: 0,
      message: 'both QoS bits are set',
      cause: undefined,
      next: 'the client sets both QoS bits: check its QoS argument (0 to 2)',
    },
  });
});

it('shows the packet that broke a rule, and none where there was no MQTT', () => {
  const asked: (number | undefined)[] = [];
  const source = {
    faultBytes(offset: number | undefined) {
      asked.push(offset);
      return { packet: 'PUBLISH', bytes: '36**', bytes_from: 3 };
    },
  };
  const error = new ProtocolError('qos-3', 'both QoS bits are set', { level: 5, offset: 0 });
  const why = endByFault(error, source);
  expect(why).toMatchObject({ reason: 'malformedPacket', message: 'both QoS bits are set' });
  expect(endEvent(CONNECTION, why, true).fields).toMatchObject({
    packet: 'PUBLISH',
    offset: 0,
    bytes: '36**',
    bytes_from: 3,
  });
  const foreign = new ProtocolError('connect-first', 'what came first is TLS', { level: 5 });
  expect(endByFault(foreign, source).bytes).toEqual({ bytes: '36**', bytes_from: 3 });
  const limit = new LimitError('quotaExceeded', 'too much', '--max-payload');
  expect(endByFault(limit, source)).toMatchObject({ limit: '--max-payload', message: 'too much' });
  expect(asked).toEqual([0, undefined, undefined]);
});

it('tells refusals, losses and goodbyes apart', () => {
  const why = { by: 'network', message: 'gone', keepsWill: true } as const;
  expect(endEvent(CONNECTION, why, true)).toMatchObject({
    level: 'info',
    event: 'connection_lost',
  });
  expect(endEvent(CONNECTION, { ...why, by: 'server' }, false).event).toBe('connect_refused');
  expect(endEvent(CONNECTION, { ...why, by: 'client' }, true).event).toBe('disconnect');
  const unknown = endEvent({ ...CONNECTION, clientId: undefined }, why, false);
  expect(unknown.fields).toMatchObject({ client: '-', version: undefined });
});

it('names the code that the client is told', () => {
  const busy = { by: 'server', reason: 'serverBusy', message: '', keepsWill: false } as const;
  const malformed = { ...busy, reason: 'malformedPacket' } as const;
  const codes = [
    endEvent({ ...CONNECTION, level: 3 }, busy, false),
    endEvent({ ...CONNECTION, level: 4 }, busy, false),
    endEvent({ ...CONNECTION, level: 5 }, busy, false),
    endEvent(CONNECTION, malformed, false),
    endEvent(CONNECTION, busy, true),
  ].map(({ fields: { code } }) => code);
  expect(codes).toEqual(['0x03', '0x03', '0x89', '0x81', '0x89']);
});

it('keeps goodbyes for -v where nobody wants to hear of connections, and faults never', () => {
  const quiet = { ...CONNECTION, core: { config: brokerConfig({ logsConnections: false }) } };
  const goodbye = { by: 'client', message: 'bye', keepsWill: false } as const;
  const fault = { ...goodbye, reason: 'unspecifiedError' } as const;
  const lost = { ...goodbye, by: 'network' } as const;
  const levels = [goodbye, fault, lost].map((why) => endEvent(quiet, why, true).level);
  expect(levels).toEqual(['debug', 'warn', 'info']);
});

it.each([
  ['awaitingConnect', 0, 'debug', 'the client closed the connection, and had sent nothing'],
  ['awaitingConnect', 7, 'info', 'the client closed the connection after 7 bytes of CONNECT'],
  ['judging', 0, 'info', 'the client closed the connection, while its CONNECT was judged'],
  ['connected', 7, 'info', 'the client closed the connection'],
] as const)('says what was lost: %s, with %i bytes held', (kind, heldBytes, level, message) => {
  const state = kind === 'awaitingConnect' ? { kind } : ({ kind, level: 4 } as const);
  const event = endEvent(CONNECTION, lossOf(state, heldBytes, undefined), kind === 'connected');
  expect(event).toMatchObject({ event: 'connection_lost', level, fields: { message } });
});

it('says what the network says', () => {
  const why = lossOf({ kind: 'connected', level: 5 }, 0, new Error('reset by peer'));
  expect(why.message).toBe('reset by peer');
});

it('shows no more of a message than a line bears', () => {
  const why = { by: 'client', message: 'x'.repeat(70_000), keepsWill: true } as const;
  const { message } = endEvent(CONNECTION, why, true).fields;
  expect(message).toHaveLength(300);
});
