import { Buffer } from 'node:buffer';
import { expect, it } from 'vitest';
import { userPropertyOf, WHERE_FIELDS, WhereSubject } from '../../src/cli/where-subject.ts';
import { publishPacket } from '../support/packets.ts';

it('reads a payload as JSON when that is asked for, and once', () => {
  const subject = new WhereSubject(publishPacket({ payload: Buffer.from('{"a":[1]}') }));
  expect(subject.json).toEqual({ a: [1] });
  expect(subject.json).toBe(subject.json);
});

it.each(['', 'on', '{"a":', '\ufeff{}'])('takes %j, which is no JSON, for null', (text) => {
  expect(new WhereSubject(publishPacket({ payload: Buffer.from(text) })).json).toBeNull();
});

it('names what a message has', () => {
  const properties = { contentType: 'text/plain', responseTopic: 'r' };
  const packet = publishPacket({ topicName: 'a/b', payload: Buffer.from('ä'), properties });
  const fields = Object.fromEntries([...WHERE_FIELDS].map(([name, read]) => [name, read(packet)]));
  expect(fields).toEqual({
    topic: 'a/b',
    qos: 0,
    retain: false,
    dup: false,
    length: 2,
    payload: 'ä',
    content_type: 'text/plain',
    response_topic: 'r',
  });
});

it('takes what is missing for null', () => {
  const packet = publishPacket({});
  expect(WHERE_FIELDS.get('content_type')?.(packet)).toBeNull();
  expect(WHERE_FIELDS.get('response_topic')?.(packet)).toBeNull();
  expect(userPropertyOf(packet, 'a')).toBeNull();
});

it('takes the first of user properties with one name', () => {
  const userProperty = [
    ['a', '1'],
    ['b', '2'],
    ['a', '3'],
  ] as const;
  const packet = publishPacket({ properties: { userProperty } });
  expect(userPropertyOf(packet, 'a')).toBe('1');
  expect(userPropertyOf(packet, 'c')).toBeNull();
});
