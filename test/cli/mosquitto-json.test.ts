import { Buffer } from 'node:buffer';
import { expect, it } from 'vitest';
import { mosquittoJson } from '../../src/cli/mosquitto-json.ts';
import type { PublishPacket } from '../../src/codec/packet.ts';
import { publishPacket } from '../support/packets.ts';

const WALL_US = 1_795_348_267_257_989;

function json(over: Partial<PublishPacket>, form: 'text' | 'json' = 'text', isPretty = false) {
  const text = mosquittoJson(publishPacket({ topicName: 'a', ...over }), WALL_US, form, isPretty);
  return text.replace(/"tst":\t?"[^"]*"/, '"tst":T');
}

it('has its keys in order, and an id only for QoS 1 and 2', () => {
  expect(json({ payload: Buffer.from('x') })).toBe(
    '{"tst":T,"topic":"a","qos":0,"retain":false,"payloadlen":1,"payload":"x"}',
  );
  expect(json({ payload: Buffer.from('x'), qos: 1, packetId: 5, isRetained: true })).toBe(
    '{"tst":T,"topic":"a","qos":1,"retain":true,"payloadlen":1,"mid":5,"payload":"x"}',
  );
});

it('is valid for every payload', () => {
  expect(json({ payload: Buffer.from('a\0b') })).toContain('"payload":"a\\u0000b"');
  expect(json({ payload: Buffer.alloc(0) })).toContain('"payloadlen":0,"payload":null');
  expect(json({ payload: Buffer.from([0xff]) })).toContain('"payload_base64":"/w=="');
});

it('has the properties by their names in MQTT, in the order of the packet', () => {
  const properties = {
    userProperty: [
      ['a', '1'],
      ['a', '2'],
    ],
    contentType: 't',
    subscriptionIdentifier: [7],
    correlationData: Buffer.from([0xff]),
    messageExpiryInterval: 5,
  } as const;
  expect(JSON.parse(json({ properties }).replace(':T', ':0')).properties).toEqual({
    'user-properties': [{ a: '1' }, { a: '2' }],
    'content-type': 't',
    'subscription-identifier': 7,
    'correlation-data_base64': '/w==',
    'message-expiry-interval': 5,
  });
  expect(json({ properties: { subscriptionIdentifier: [1, 2] } })).toContain('[1,2]');
});

it('carries the JSON of the payload digit for digit, without blanks', () => {
  const payload = Buffer.from(' { "a" : 1.50 }');
  expect(json({ payload }, 'json')).toContain('"payload":{"a":1.50}}');
});

it('says at which byte a payload is no JSON', () => {
  const wrong = (payload: Buffer) => () => json({ payload }, 'json');
  expect(wrong(Buffer.from('x'))).toThrow('payload on a is not JSON (byte 0)');
  expect(wrong(Buffer.from('["ä" x]'))).toThrow('(byte 6)');
  expect(wrong(Buffer.from([0xff]))).toThrow('(byte 0)');
});

it('can be set out with tabs', () => {
  expect(json({ payload: Buffer.from('x') }, 'text', true)).toBe(
    '{\n\t"tst":T,\n\t"topic":\t"a",\n\t"qos":\t0,\n\t"retain":\tfalse,\n\t"payloadlen":\t1,' +
      '\n\t"payload":\t"x"\n}',
  );
});
