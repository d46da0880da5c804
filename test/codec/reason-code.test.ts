import { describe, expect, it } from 'vitest';
import type { PacketName } from '../../src/codec/packet-type.ts';
import {
  findReason,
  maySendReason,
  REASONS,
  RETURN_CODES,
  type ReasonName,
  reasonCode,
  reasonTitle,
  returnCode,
  type SenderSide,
} from '../../src/codec/reason-code.ts';

const BYTES = Array.from({ length: 256 }, (_, code) => code);

function codesOf(packet: PacketName, sender: SenderSide = 'either'): string {
  const codes = BYTES.filter((code) => maySendReason(packet, code, sender));
  return codes.map((code) => code.toString(16).padStart(2, '0')).join(' ');
}

/** Tables 3-1 and 3-4 to 3-15 of MQTT 5.0; 8c is in DISCONNECT by table 2-6 alone. */
const TABLES = [
  ['connack', '00 80 81 82 83 84 85 86 87 88 89 8a 8c 90 95 97 99 9a 9b 9c 9d 9f', 'MQTT-3.2.2-8'],
  ['puback', '00 10 80 83 87 90 91 97 99', 'MQTT-3.4.2-1'],
  ['pubrec', '00 10 80 83 87 90 91 97 99', 'MQTT-3.5.2-1'],
  ['pubrel', '00 92', 'MQTT-3.6.2-1'],
  ['pubcomp', '00 92', 'MQTT-3.7.2-1'],
  ['suback', '00 01 02 80 83 87 8f 91 97 9e a1 a2', 'MQTT-3.9.3-2'],
  ['unsuback', '00 11 80 83 87 8f 91', 'MQTT-3.11.3-2'],
  [
    'disconnect',
    `00 04 80 81 82 83 87 89 8b 8c 8d 8e 8f 90 93 94 95 96 97 98 99 9a 9b 9c 9d 9e 9f a0 a1 a2`,
    'MQTT-3.14.2-1',
  ],
  ['auth', '00 18 19', 'MQTT-3.15.2-1'],
] as const;

it.each(TABLES)('gives %s the codes of its table, %s [%s]', (packet, codes) => {
  expect(codesOf(packet)).toBe(codes);
});

it.each([
  ['disconnect', 'client', '00 04 80 81 82 83 90 93 94 95 96 97 98 99 9b'],
  [
    'disconnect',
    'server',
    `00 80 81 82 83 87 89 8b 8c 8d 8e 8f 90 93 94 95 96 97 98 99 9a 9b 9c 9d 9e 9f a0 a1 a2`,
  ],
  ['puback', 'client', '00 80 83 87 90 91 97 99'],
  ['puback', 'server', '00 10 80 83 87 90 91 97 99'],
  ['pubrec', 'client', '00 80 83 87 90 91 97 99'],
  ['auth', 'client', '18 19'],
  ['auth', 'server', '00 18'],
  ['publish', 'client', ''],
] as const)('gives %s from a %s the codes %s', (packet, sender, codes) => {
  expect(codesOf(packet, sender)).toBe(codes);
});

describe('findReason', () => {
  it('names 0x00 by its packet', () => {
    expect(findReason('connack', 0)).toBe('success');
    expect(findReason('suback', 0)).toBe('grantedQos0');
    expect(findReason('disconnect', 0)).toBe('normalDisconnection');
  });

  it('knows no code that the packet may not carry', () => {
    expect(findReason('puback', 0x81)).toBeUndefined();
    expect(findReason('pingreq', 0)).toBeUndefined();
    expect(reasonTitle('puback', 0x81)).toBe('unknown reason');
    expect(reasonTitle('suback', 0)).toBe('Granted QoS 0');
  });

  it.each(Object.keys(REASONS) as ReasonName[])('finds %s in each of its packets', (name) => {
    for (const packet of Object.keys(REASONS[name].in) as PacketName[]) {
      expect(findReason(packet, reasonCode(name))).toBe(name);
    }
  });
});

describe('returnCode', () => {
  it('says before 5.0 what it can, and nothing for a broken packet [311:3.2.2-6]', () => {
    const codes = Object.fromEntries(
      (Object.keys(REASONS) as ReasonName[])
        .filter((name) => returnCode(name) !== undefined)
        .map((name) => [name, returnCode(name)]),
    );
    expect(codes).toEqual({
      success: 0,
      unsupportedProtocolVersion: 1,
      clientIdentifierNotValid: 2,
      serverUnavailable: 3,
      serverBusy: 3,
      quotaExceeded: 3,
      connectionRateExceeded: 3,
      useAnotherServer: 3,
      serverMoved: 3,
      badUserNameOrPassword: 4,
      notAuthorized: 5,
      banned: 5,
      badAuthenticationMethod: 5,
    });
  });

  it('gives each return code its own reason back', () => {
    for (const [code, { reason }] of RETURN_CODES.entries()) expect(returnCode(reason)).toBe(code);
  });
});
