import { expect, it } from 'vitest';
import { NO_TERMS } from '../../src/broker/client-terms.ts';
import { endingDisconnect, refusingConnack } from '../../src/broker/last-packet.ts';

const WHY = { by: 'server', message: 'because', keepsWill: true } as const;

function listener(level: 3 | 4 | 5): Parameters<typeof refusingConnack>[0] {
  return { level, terms: NO_TERMS };
}

it('refuses in the form of the version [MQTT-3.2.2-8] [311:3.2.2-6]', () => {
  const why = { ...WHY, reason: 'useAnotherServer', serverReference: 'b:1' } as const;
  const connack = { type: 'connack', isSessionPresent: false };
  expect(refusingConnack(listener(5), why)).toEqual({
    ...connack,
    reasonCode: 0x9c,
    properties: { reasonString: 'because', serverReference: 'b:1' },
  });
  expect(refusingConnack(listener(4), why)).toEqual({ ...connack, reasonCode: 3, properties: {} });
  expect(refusingConnack(listener(4), { ...WHY, reason: 'malformedPacket' })).toBeUndefined();
  expect(refusingConnack(listener(5), WHY)).toBeUndefined();
});

it('says goodbye to 5.0 alone, where there is something to say [MQTT-3.14.2-1]', () => {
  const why = { ...WHY, reason: 'keepAliveTimeout' } as const;
  expect(endingDisconnect(listener(5), why)).toEqual({
    type: 'disconnect',
    reasonCode: 0x8d,
    properties: { reasonString: 'because' },
  });
  expect(endingDisconnect(listener(5), WHY)).toBeUndefined();
  expect(endingDisconnect(listener(4), why)).toBeUndefined();
});
