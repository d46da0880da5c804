import { expect, it } from 'vitest';
import { responseInformationFor } from '../../src/broker/response-information.ts';
import { connectPacket } from '../support/packets.ts';

const ASKED = connectPacket({ properties: { requestResponseInformation: 1 } });

it.each([
  ['reply', 'c', 'reply'],
  ['reply/%c', 'c', 'reply/c'],
  ['%c/a/%c', 'grün', 'grün/a/grün'],
  ['reply/%c%c/x%c', 'c', 'reply/%c%c/x%c'],
  ['reply/%c', '$&', 'reply/$&'],
])('makes of %s for client %s: %s', (text, clientId, expected) => {
  expect(responseInformationFor(ASKED, clientId, text)).toBe(expected);
});

it.each(['a/b', '+', '#', 'a#', ''])('names nobody the topics of another: client id %j', (id) => {
  expect(responseInformationFor(ASKED, id, 'reply/%c')).toBeUndefined();
  expect(responseInformationFor(ASKED, id, 'reply')).toBe('reply');
});

it('says nothing that is longer than a text of MQTT can be', () => {
  const ask = (length: number) => responseInformationFor(ASKED, 'ä'.repeat(length), 'r/%c');
  expect([ask(32_766)?.length, ask(32_767)]).toEqual([32_768, undefined]);
});

it('tells nobody who has not asked [MQTT-3.1.2-28]', () => {
  const declined = connectPacket({ properties: { requestResponseInformation: 0 } });
  expect(responseInformationFor(declined, 'c', 'reply')).toBeUndefined();
  expect(responseInformationFor(connectPacket(), 'c', 'reply')).toBeUndefined();
  expect(responseInformationFor(ASKED, 'c', undefined)).toBeUndefined();
});
