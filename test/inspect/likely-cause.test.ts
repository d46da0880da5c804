import { expect, it } from 'vitest';
import type { ProtocolLevel } from '../../src/codec/packet.ts';
import { decodeOne } from '../support/decode-text.ts';

it.each<[string, string, ProtocolLevel, string | undefined]>([
  ['a long length of two bytes', '20 83 00 00 00 00', 5, 'the library always writes 2'],
  ['flags left out', '80 07 0001 0002 6162 00', 4, '0x80 for 0x82'],
  ['other flags', '84 07 0001 0002 6162 00', 4, undefined],
  ['an ack of 5.0 in 3.1.1', '40 03 0001 10', 4, 'the form of MQTT 5.0'],
  ['a size that no version has', '40 01 00', 4, undefined],
  ['an AUTH in 3.1.1', 'f0 08 18 06 15 0003 616263', 4, 'an AUTH of MQTT 5.0'],
  ['swapped length bytes', '30 05 0300 612f62', 4, 'length bytes swapped: 3 would fit'],
  ['a length that fits neither way', '30 05 0909 612f62', 4, undefined],
  ['a Ctrl-Z behind the fields', 'e0 03 00 00 1a', 5, 'the Ctrl-Z'],
  ['a NUL behind the fields', 'e0 03 00 00 00', 5, 'the NUL at the end of a C string'],
  ['other bytes behind the fields', 'e0 03 00 00 01', 5, undefined],
  ['Latin-1', '30 06 0003 61e462 00', 5, 'text in Latin-1'],
  ['binary data', '30 06 0003 61ff02 00', 5, 'binary data in a text field'],
  ['a terminator', '30 07 0003 616200 00 78', 5, 'a C string sent with its terminator'],
  ['a NUL inside', '30 07 0003 610062 00 78', 5, undefined],
  ['no property length', 'b0 02 0001', 5, 'the form of MQTT 3.1.1'],
  ['a bridge', '10 0d 0004 4d515454 84 02 003c 0001 74', 4, 'bridges'],
  ['a missing field', '10 0d 0004 4d515454 04 82 003c 0001 74', 4, 'built apart'],
  ['QoS 3', '36 05 0001 61 0001', 4, '0x36 for 0x34 (QoS 2) or 0x32 (QoS 1)'],
  ['a filter', '30 05 0003 612f23', 4, 'a filter used as a topic'],
  ['options of 5.0', '82 06 0001 0001 61 09', 4, 'the options of MQTT 5.0'],
  ['no packet', '30 ff ff ff ff', 4, 'not the start'],
])('suspects a cause only where bytes speak for it: %s', (_what, hex, level, likely) => {
  const found = decodeOne(hex, level).findings[0];
  expect(found).toBeDefined();
  if (likely === undefined) expect(found?.likely).toBeUndefined();
  else expect(found?.likely).toContain(likely);
});
