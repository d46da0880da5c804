import { expect, it } from 'vitest';
import type { LinkEnd } from '../../src/bench/bench-link.ts';
import { linkEndError } from '../../src/cli/bench-end.ts';
import { CLIENT_OPTIONS, clientTarget } from '../../src/cli/client-options.ts';
import { parseOptions } from '../../src/cli/options.ts';
import { NO_PROPERTIES } from '../../src/codec/properties.ts';
import { ProtocolError } from '../../src/codec/protocol-error.ts';
import { connackPacket } from '../support/packets.ts';
import { RecordedPlatform } from '../support/recorded-platform.ts';

const { options } = parseOptions(CLIENT_OPTIONS, ['-h', 'h', '-p', '1', '-i', 'me']);
const TARGET = await clientTarget(options, 'bench', new RecordedPlatform());

it.each<[LinkEnd, string, string, string | undefined]>([
  [
    { kind: 'refused', packet: connackPacket({ reasonCode: 0x97 }) },
    'refused',
    'refused by h:1: Quota exceeded (0x97)',
    undefined,
  ],
  [
    {
      kind: 'disconnected',
      packet: { type: 'disconnect', reasonCode: 0x8b, properties: NO_PROPERTIES },
    },
    'refused',
    'disconnected by h:1: Server shutting down (0x8B)',
    undefined,
  ],
  [
    { kind: 'denied', packet: 'puback', reasonCode: 0x87, reasonString: undefined },
    'refused',
    'publish refused: Not authorized (0x87)',
    "the broker's rules deny this to clients without a name",
  ],
  [
    { kind: 'denied', packet: 'suback', reasonCode: 0x8f, reasonString: 'no' },
    'refused',
    'subscribe refused: Topic Filter invalid (0x8F)',
    'the broker says "no"',
  ],
  [
    { kind: 'downgraded', granted: 1 },
    'refused',
    'h:1 grants subscriptions of QoS 1',
    'its rules or limits allow no higher one',
  ],
  [
    { kind: 'broke', error: new ProtocolError('direction', 'it asks', { level: 4 }) },
    'lost',
    'connection lost: h:1 does not keep to MQTT',
    'it asks',
  ],
  [
    { kind: 'closed', wasConnected: false, cause: undefined },
    'lost',
    'connection lost: h:1 closed it',
    'perhaps it takes no more connections',
  ],
  [
    { kind: 'closed', wasConnected: true, cause: new Error('reset') },
    'lost',
    'connection lost: reset',
    undefined,
  ],
])('explains %j', (end, kind, message, why) => {
  const error = linkEndError(end, TARGET, 0);
  expect(error).toMatchObject({ kind, message });
  expect(error.why?.slice(0, why?.length)).toBe(why);
});

it('suspects the window where there is one', () => {
  const end = { kind: 'closed', wasConnected: true, cause: undefined } as const;
  expect(linkEndError(end, TARGET, 2).remedy).toBe('give a smaller --window');
  expect(linkEndError(end, TARGET, 0).remedy).toBe('its log may tell');
});
