import { expect, it } from 'vitest';
import { readIpPacket } from '../../src/inspect/ip-packet.ts';
import { TcpConnections } from '../../src/inspect/tcp-connections.ts';
import { RecordedCapture } from '../support/recorded-capture.ts';
import { CLIENT, packetOf, SERVER, type SegmentSpec } from '../support/wire.ts';

function followed(specs: readonly SegmentSpec[], isEnded = true) {
  const target = new RecordedCapture();
  const context = { target, ports: new Set([1883]), streams: { last: 0 }, strangers: new Map() };
  const connections = new TcpConnections(context, 4);
  for (const spec of specs) {
    const packet = readIpPacket(packetOf(spec));
    if (packet !== undefined) connections.onPacket(packet, undefined, 0);
  }
  if (isEnded) connections.end();
  return { target, connections };
}

it('ends a stream some segments after both FINs if bytes before them never came', () => {
  const back = { from: SERVER, to: CLIENT };
  const specs = [
    { flags: 'S', seq: 9 },
    { seq: 10, data: 'c000' },
    { seq: 14, ack: 5, data: 'c000', flags: 'F' },
    { ...back, seq: 5, ack: 10, flags: 'F' },
  ];
  expect(followed(specs, false).target.ends).toEqual([]);
  const more = Array.from({ length: 4 }, () => ({ seq: 17, ack: 6 }));
  const { target } = followed([...specs, ...more], false);
  expect(target.hex(1, 'c2s')).toBe('c000c000');
  expect(target.ends).toEqual([[1, 'closed']]);
});

it('follows no more connections than its limit, whatever comes', () => {
  const specs = Array.from({ length: 1000 }, (_, port) => ({
    from: [1, 1 + port] as const,
    data: 'c000',
  }));
  const { connections, target } = followed(specs);
  expect(target.openings).toHaveLength(1000);
  expect(connections.forgotten).toBe(996);
  expect(target.ends).toHaveLength(1000);
});

it('lets one end speak to itself', () => {
  const self = { from: CLIENT, to: CLIENT, data: 'c000' };
  expect(() => followed([self, { ...self, seq: 2 }])).not.toThrow();
});
