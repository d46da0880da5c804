import { expect, it } from 'vitest';
import type { PacketLinks } from '../../src/inspect/packet-links.ts';
import { PLAIN_THEME } from '../../src/inspect/theme.ts';
import { packetTitle, renderHead } from '../../src/inspect/tree-head.ts';
import { decodeChunks, decodeOne } from '../support/decode-text.ts';

it.each([
  ['40020001', 5, '#1  ?  PUBACK  MQTT 5.0 (-V)  4 bytes  0x0000-0x0003'],
  ['c000', undefined, '#1  C→S  PINGREQ  MQTT 3.1.1 (assumed)  2 bytes  0x0000-0x0001'],
  [
    '2003000000',
    undefined,
    '#1  S→C  CONNACK  MQTT 5.0 (inferred from #1 CONNACK)  5 bytes  0x0000-0x0004',
  ],
  ['40020000', 5, '#1  ?  PUBACK  MQTT 5.0 (-V)  4 bytes  0x0000-0x0003  1 error'],
  ['2082000000', 4, '#1  S→C  CONNACK  MQTT 3.1.1 (-V)  5 bytes  0x0000-0x0004  1 odd'],
  ['4002', 5, '#1  ?  PUBACK  MQTT 5.0 (-V)  2 of 4 bytes  0x0000-0x0001  1 error'],
  ['40', 5, '#1  ?  PUBACK  MQTT 5.0 (-V)  1 byte  0x0000-0x0000  1 error'],
] as const)('heads %s', (hex, level, head) => {
  expect(renderHead(decodeOne(hex, level), { theme: PLAIN_THEME })).toBe(head);
});

it('counts on where errors are too many to keep', () => {
  const filters = '00012303'.repeat(120);
  const [packet] = decodeChunks([`82e303000100${filters}`], { level: 5 }).packets;
  expect(packet === undefined ? '' : renderHead(packet, { theme: PLAIN_THEME })).toContain(
    '  100+ errors',
  );
});

it('names reserved types by their number', () => {
  expect(packetTitle(decodeOne('0000', 5).inspection)).toBe('reserved type 0');
});

it('tells when, and what a packet has to do with others', () => {
  const head = (links: PacketLinks, timeMs?: number) =>
    renderHead({ ...decodeOne('c000', 5), timeMs, links }, { theme: PLAIN_THEME, startMs: 1000 })
      .split('0x0000-0x0001')
      .at(-1)
      ?.trim();
  expect(head({ answeredBy: { number: 2, ms: 0.8 } }, 1240)).toBe(
    '0.240 s  answered by #2 (0.8 ms)',
  );
  expect(head({ answers: { number: 3, ms: undefined } })).toBe('answers #3');
  expect(head({ walk: { numbers: [1, 2, 3], ms: 9 } })).toBe('QoS 2 step 3 of 4');
  expect(head({ walk: { numbers: [1, 2, 3, 4], ms: 9 } })).toBe('QoS 2 step 4 of 4, 9 ms in all');
  expect(head({ resumes: 7 })).toBe('goes on with the session of #7');
});
