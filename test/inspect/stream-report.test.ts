import { expect, it } from 'vitest';
import { StreamReport } from '../../src/inspect/stream-report.ts';
import { decodeChunks } from '../support/decode-text.ts';

function report(hex: string): StreamReport {
  const counts = new StreamReport();
  const { gaps, packets } = decodeChunks([hex], { level: 4 });
  for (const packet of packets) counts.onPacket(packet);
  for (const gap of gaps) counts.onGap(gap);
  return counts;
}

it('counts packets, bytes, gaps and findings', () => {
  expect(report('c000 c000 40020000 000000 20020000').lines).toEqual([
    '4 packets, 12 bytes: 2 PINGREQ, 1 PUBACK, 1 CONNACK; 1 gap of 3 bytes',
    'findings: 1 packet-id-zero',
  ]);
  expect(report('c000').lines).toEqual(['1 packet, 2 bytes: 1 PINGREQ', 'findings: none']);
});

it('keeps how bad the findings were', () => {
  expect([...report('40020000').severities]).toEqual(['protocol']);
  expect([...report('2082000000 40020000').severities]).toEqual(['odd', 'protocol']);
});
