import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import type { Packet } from '../../src/codec/packet.ts';
import { BrokerWorld, subscribePacket, type TestClient } from '../support/broker-world.ts';
import { bytes, message, willOf } from '../support/conformance.ts';
import { ackPacket } from '../support/packets.ts';

const CONFIG = { topicSlashesMax: 1 };
const DEEP = 'a/b/c';
const TOO_DEEP = '"a/b/c" has too many levels: 1 times "/" is the most';

/** A client for each answer that can say no, and what has it said. */
const ANSWERS: readonly [
  type: string,
  code: number,
  text: string,
  ask: (client: TestClient) => void,
][] = [
  [
    'puback',
    0x90,
    `topic ${TOO_DEEP}`,
    (client) => client.send(message('x', { qos: 1, topicName: DEEP })),
  ],
  [
    'pubrec',
    0x90,
    `topic ${TOO_DEEP}`,
    (client) => client.send(message('x', { qos: 2, topicName: DEEP })),
  ],
  [
    'puback',
    0x87,
    'topic "$SYS/x" is for the broker alone',
    (client) => client.send(message('x', { qos: 1, topicName: '$SYS/x' })),
  ],
  [
    'puback',
    0x91,
    'packet id 1 is that of a QoS 2 message without its PUBREL',
    (client) => client.send(message('x', { qos: 2 }), message('y', { qos: 1 })),
  ],
  [
    'pubrel',
    0x92,
    'no QoS 2 message with packet id 9 waits for PUBREC',
    (client) => client.send(ackPacket('pubrec', 9)),
  ],
  [
    'pubcomp',
    0x92,
    'no QoS 2 message with packet id 9 waits for PUBREL',
    (client) => client.send(ackPacket('pubrel', 9)),
  ],
  [
    'suback',
    0x8f,
    `filter ${TOO_DEEP}; 1 more`,
    (client) =>
      client.send(
        subscribePacket([{ topicFilter: DEEP }, { topicFilter: 'a' }, { topicFilter: DEEP }]),
      ),
  ],
  [
    'suback',
    0x91,
    'the packet id is that of a QoS 2 message without its PUBREL',
    (client) => client.send(message('x', { qos: 2 }), subscribePacket([{ topicFilter: 'a' }])),
  ],
  [
    'unsuback',
    0x91,
    'the packet id is that of a QoS 2 message without its PUBREL',
    (client) =>
      client.send(message('x', { qos: 2 }), {
        type: 'unsubscribe',
        packetId: 1,
        properties: {},
        topicFilters: ['a'],
      }),
  ],
  [
    'disconnect',
    0x90,
    `topic ${TOO_DEEP}`,
    (client) => client.send(message('x', { topicName: DEEP })),
  ],
  [
    'disconnect',
    0x81,
    'the flags of PINGREQ are 0001, not 0000',
    (client) => client.sendBytes(bytes('c100')),
  ],
];

function codeOf(packet: Packet | undefined): number | undefined {
  if (packet === undefined) return undefined;
  if ('reasonCodes' in packet) return packet.reasonCodes[0];
  return 'reasonCode' in packet ? packet.reasonCode : undefined;
}

describe.each(ANSWERS)('%s 0x%x', (type, code, reasonString, ask) => {
  it('says why', () => {
    const client = new BrokerWorld(CONFIG).connect();
    ask(client);
    expect(client.last).toMatchObject({ type, properties: { reasonString } });
    expect(codeOf(client.last)).toBe(code);
  });

  it('says it without a text where the client has no room for that [MQTT-3.1.2-24]', () => {
    const client = new BrokerWorld(CONFIG).connect({ properties: { maximumPacketSize: 20 } });
    ask(client);
    expect(client.last).toMatchObject({ type });
    expect(client.last).toHaveProperty('properties', {});
    expect(codeOf(client.last)).toBe(code);
  });

  it('says it without a text to who wants none [MQTT-3.1.2-29]', () => {
    const properties = { requestProblemInformation: 0 };
    const client = new BrokerWorld(CONFIG).connect({ properties });
    ask(client);
    expect(client.last).toMatchObject({ type });
    expect(client.last).toHaveProperty('properties', {});
    expect(codeOf(client.last)).toBe(code);
  });
});

it('fits to the byte [MQTT-3.4.2-2]', () => {
  const text = 'topic "$SYS/x" is for the broker alone';
  // Header, packet id, code, property length and the property's own three bytes.
  const size = 2 + 2 + 1 + 1 + 3 + Buffer.byteLength(text);
  for (const [maximumPacketSize, reasonString] of [
    [size, text],
    [size - 1, undefined],
  ] as const) {
    const client = new BrokerWorld().connect({ properties: { maximumPacketSize } });
    client.send(message('x', { qos: 1, topicName: '$SYS/x' }));
    expect(client.last).toMatchObject({ type: 'puback', reasonCode: 0x87 });
    expect(client.last).toHaveProperty('properties', reasonString ? { reasonString } : {});
  }
});

it('lets no control characters of a topic into a text', () => {
  const client = new BrokerWorld({ textRule: 'spec' }).connect();
  client.send(message('x', { qos: 1, topicName: '$SYS/\u009b\u001b\u202e' }));
  const reasonString = 'topic "$SYS/\\u009b\\u001b\\u202e" is for the broker alone';
  expect(client.last).toMatchObject({ properties: { reasonString } });
});

it.each([
  [{ topicName: DEEP }, 0x90, `the will: topic ${TOO_DEEP}`],
  [{ topicName: '$SYS/x' }, 0x87, 'the will: topic "$SYS/x" is for the broker alone'],
])('CONNACK says why a will is not taken: %o', (will, reasonCode, reasonString) => {
  const client = new BrokerWorld(CONFIG).connect({ will: willOf(will) });
  expect(client.received).toMatchObject([
    { type: 'connack', reasonCode, properties: { reasonString } },
  ]);
});
