import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { parseOptions } from '../../src/cli/options.ts';
import { PROPERTY_OPTION } from '../../src/cli/property-option.ts';

function property(words: string) {
  return parseOptions(PROPERTY_OPTION, ['-D', ...words.split(' ')]).options.property;
}

it.each([
  ['connect receive-maximum 9', { packet: 'connect', name: 'receiveMaximum', value: 9 }],
  ['Publish Content-Type t', { packet: 'publish', name: 'contentType', value: 't' }],
  ['will user-property a b', { packet: 'will', name: 'userProperty', value: ['a', 'b'] }],
  [
    'publish correlation-data:hex 6869',
    { packet: 'publish', name: 'correlationData', value: Buffer.from('hi') },
  ],
  [
    'publish correlation-data:base64 aGk=',
    { packet: 'publish', name: 'correlationData', value: Buffer.from('hi') },
  ],
  [
    'will correlation-data:file f',
    { packet: 'will', name: 'correlationData', value: { path: 'f' } },
  ],
  [
    'subscribe subscription-identifier 268435455',
    { packet: 'subscribe', name: 'subscriptionIdentifier', value: 268_435_455 },
  ],
])('reads -D %s', (words, expected) => {
  expect(property(words)).toEqual([expected]);
});

it('takes four words for a user property, three for any other', () => {
  const words = ['-D', 'publish', 'user-property', 'a', '-D', '-D', 'publish', 'content-type', 't'];
  expect(parseOptions(PROPERTY_OPTION, words).options.property).toMatchObject([
    { value: ['a', '-D'] },
    { value: 't' },
  ]);
});

describe('usage', () => {
  it.each([
    ['publish session-expiry-interval 1', 'session-expiry-interval is not a property of publish'],
    ['puback reason-string x', 'reason-string is not a property of puback'],
    ['connect authentication-method x', 'authentication-method is not'],
    ['publish subscription-identifier 1', 'subscription-identifier is not'],
    ['publish contnt-type t', 'there is no property contnt-type'],
    ['publish content-type:hex 00', 'has no form ":hex"'],
    ['publish correlation-data:bin 00', 'has no form ":bin"'],
    ['publish payload-format-indicator 2', '-D publish payload-format-indicator'],
    ['connect receive-maximum 0', '-D connect receive-maximum'],
    ['will will-delay-interval -1', '-D will will-delay-interval'],
    ['publish response-topic a/#', 'has a wildcard'],
  ])('refuses -D %s', (words, text) => {
    expect(() => property(words)).toThrow(
      expect.objectContaining({ kind: 'usage', message: expect.stringContaining(text) }),
    );
  });

  it('says where the property is allowed', () => {
    expect(() => property('publish session-expiry-interval 1')).toThrow(
      expect.objectContaining({ why: 'allowed in connect, disconnect' }),
    );
  });

  it('wants all words', () => {
    expect(() => property('publish content-type')).toThrow(/-D needs a value/);
  });
});
