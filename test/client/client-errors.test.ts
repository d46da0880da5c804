import { expect, it } from 'vitest';
import {
  closedEarly,
  connectionLost,
  connectRefused,
  noConnack,
  reasonText,
  serverBroke,
  serverDisconnected,
  serverWords,
  uselesslySmall,
} from '../../src/client/client-errors.ts';
import { NO_PROPERTIES } from '../../src/codec/properties.ts';
import { ProtocolError } from '../../src/codec/protocol-error.ts';
import { connackPacket } from '../support/packets.ts';

it('names a reason with its code in two digits', () => {
  expect(reasonText('puback', 0x87)).toBe('Not authorized (0x87)');
  expect(reasonText('suback', 2)).toBe('Granted QoS 2 (0x02)');
});

it('quotes the server, if it says anything', () => {
  expect(serverWords('no\x07')).toBe('the broker says "no\\u0007"');
  expect(serverWords(undefined)).toBeUndefined();
});

it('tells refusals by their reason code', () => {
  expect(connectRefused('h:1', connackPacket({ reasonCode: 0x86 }))).toMatchObject({
    kind: 'refused',
    reasonCode: 0x86,
    message: 'refused by h:1: Bad User Name or Password (0x86)',
  });
  const kicked = { type: 'disconnect', reasonCode: 0x98, properties: NO_PROPERTIES } as const;
  expect(serverDisconnected('h:1', kicked)).toMatchObject({ kind: 'refused', reasonCode: 0x98 });
  expect(uselesslySmall('h:1', 2)).toMatchObject({ kind: 'refused', reasonCode: 0x95 });
});

it('tells losses, with their cause', () => {
  const cause = new Error('reset');
  expect(connectionLost('read ECONNRESET', undefined, cause)).toMatchObject({
    kind: 'lost',
    message: 'connection lost: read ECONNRESET',
    cause,
  });
  expect(closedEarly('h:1', cause)).toMatchObject({ kind: 'lost', cause });
  const bye = { type: 'disconnect', reasonCode: 0, properties: NO_PROPERTIES } as const;
  expect(serverDisconnected('h:1', bye)).toMatchObject({ kind: 'lost' });
  expect(noConnack('h:1')).toMatchObject({ kind: 'connect' });
});

it('names the rule that the server broke', () => {
  const breach = new ProtocolError('qos-3', 'both QoS bits are set (QoS 3)', { level: 5 });
  expect(breach.clauses).toEqual(['MQTT-3.3.1-4']);
  expect(serverBroke('h:1', breach)).toMatchObject({
    kind: 'lost',
    why: `both QoS bits are set (QoS 3) [${breach.clauses[0]}]`,
    cause: breach,
  });
});
