import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { CaptureFrames, type FrameOptions } from '../../src/inspect/capture-frames.ts';
import { RecordedCapture } from '../support/recorded-capture.ts';
import { CLIENT_HELLO, SERVER_HELLO_13 } from '../support/tls-records.ts';
import {
  CLIENT,
  ipv4,
  ipv6,
  packetOf,
  SERVER,
  type SegmentSpec,
  tcp,
  webSocketFrame,
} from '../support/wire.ts';

const CONNECT = '100d00044d5154540402003c000174';
const back = { from: SERVER, to: CLIENT };

function captured(frames: readonly Buffer[], options: Partial<FrameOptions> = {}) {
  const target = new RecordedCapture();
  const reader = new CaptureFrames(target, { streams: { last: 0 }, ...options });
  for (const [index, bytes] of frames.entries()) {
    reader.onFrame({ linkType: 101, timeMs: index, bytes, byte: 100 * index });
  }
  reader.end();
  return target;
}

function segments(specs: readonly SegmentSpec[], options: Partial<FrameOptions> = {}) {
  return captured(specs.map(packetOf), options);
}

/** The same between other ports. */
function at(port: number, specs: readonly SegmentSpec[]): SegmentSpec[] {
  return specs.map((spec) =>
    spec.from === SERVER
      ? { ...spec, from: [2, port], to: CLIENT }
      : { ...spec, from: CLIENT, to: [2, port] },
  );
}

const SESSION: readonly SegmentSpec[] = [
  { flags: 'S', seq: 99 },
  { ...back, flags: 'S', seq: 499, ack: 100 },
  { seq: 100, ack: 500, data: CONNECT },
  { ...back, seq: 500, ack: 115, data: '20020000' },
  { seq: 115, ack: 504, data: 'e000', flags: 'F' },
  { ...back, seq: 504, ack: 118, flags: 'F' },
  { seq: 118, ack: 505 },
];

describe('a connection', () => {
  it.each([1883, 5555])('is MQTT by its CONNECT, at port %i, and closed by both FINs', (port) => {
    const target = segments(at(port, SESSION));
    expect(target.openings).toEqual([{ stream: 1, title: `10.0.0.1:40000 to 10.0.0.2:${port}` }]);
    expect(target.hex(1, 'c2s')).toBe(`${CONNECT}e000`);
    expect(target.hex(1, 's2c')).toBe('20020000');
    expect(target.pieces.map(({ place, timeMs }) => [place, timeMs])).toEqual([
      [{ byte: 240 }, 2],
      [{ byte: 340 }, 3],
      [{ byte: 440 }, 4],
    ]);
    expect([target.ends, target.breaks, target.notes]).toEqual([[[1, 'closed']], [], []]);
  });

  it('keeps its stream when a SYN or data comes twice, and waits for what comes late', () => {
    const [syn, answer, connect, connack, disconnect, fin, ack] = SESSION as SegmentSpec[];
    const order = [syn, syn, answer, connack, disconnect, connect, connect, fin, answer, ack];
    const target = segments(order.flatMap((spec) => (spec === undefined ? [] : [spec])));
    expect(target.hex(1, 'c2s')).toBe(`${CONNECT}e000`);
    expect(target.hex(1, 's2c')).toBe('20020000');
    expect([target.openings.length, target.breaks, target.ends]).toEqual([1, [], [[1, 'closed']]]);
  });

  it('is another after a SYN with another number', () => {
    const again = SESSION.slice(0, 4).map((spec) => ({ ...spec, seq: (spec.seq ?? 0) + 70_000 }));
    for (const count of [4, SESSION.length]) {
      const target = segments([...SESSION.slice(0, count), ...again]);
      expect([target.hex(1, 's2c'), target.hex(2, 's2c')]).toEqual(['20020000', '20020000']);
      expect(target.ends).toEqual([
        [1, count === 4 ? 'stopped' : 'closed'],
        [2, 'stopped'],
      ]);
    }
  });

  it('ends with a RST, and takes nothing behind it', () => {
    const reset = { ...back, seq: 504, flags: 'R' };
    const late = { seq: 115, ack: 504, data: 'c000' };
    const target = segments([...SESSION.slice(0, 4), reset, late]);
    expect(target.ends).toEqual([[1, 'closed']]);
    expect(target.hex(1, 'c2s')).toBe(CONNECT);
  });

  it('may begin in the middle: by its port, told by either side, or not at all', () => {
    const client = { seq: 9, ack: 9, data: 'c000' };
    const server = { ...back, seq: 9, ack: 11, data: 'd000' };
    expect(segments([server, client]).hex(1, 'c2s')).toBe('c000');
    expect(segments([server]).hex(1, 's2c')).toBe('d000');
    expect(segments(at(5555, [client, server])).notes).toEqual(['1 connection left out: no MQTT']);
    const target = segments(at(5555, [client, server]), { ports: [5555] });
    expect(target.hex(1, 'c2s')).toBe('c000');
  });

  it('shows a hole that is never filled, and what follows it', () => {
    const target = segments([...SESSION.slice(0, 4), { seq: 118, ack: 504, data: 'c000' }]);
    expect(target.breaks).toEqual([{ stream: 1, direction: 'c2s', kind: 'missing', length: 3 }]);
    expect(target.hex(1, 'c2s')).toBe(`${CONNECT}c000`);
  });

  it('counts what a capture left off of a packet as missing', () => {
    const cut = packetOf({ seq: 115, ack: 504, data: '30080001740011223344' }).subarray(0, -4);
    const rest = packetOf({ seq: 125, ack: 504, data: 'c000' });
    const target = captured([...SESSION.slice(0, 4).map(packetOf), cut, rest]);
    expect(target.hex(1, 'c2s')).toBe(`${CONNECT}300800017400c000`);
    expect(target.breaks).toMatchObject([{ kind: 'missing', length: 4 }]);
  });

  it('is read from IPv6, and from fragments of IPv4', () => {
    const six = SESSION.map((spec) => ipv6(tcp(spec)));
    const target = captured(six.filter((_, index) => index !== 1 && index !== 3 && index !== 5));
    expect(target.openings[0]?.title).toBe('[fe80::1]:40000 to [fe80::2]:1883');
    const bytes = tcp({ seq: 100, data: CONNECT });
    const first = ipv4(bytes.subarray(0, 24), { fragment: 0x2000, id: 5 });
    const second = ipv4(bytes.subarray(24), { fragment: 3, id: 5 });
    expect(captured([second, first]).hex(1, 'c2s')).toBe(CONNECT);
  });
});

describe('several connections', () => {
  it('are streams of their own, at once', () => {
    const other = SESSION.map((spec) =>
      spec.from === SERVER
        ? { ...spec, to: [1, 40_001] as const }
        : { ...spec, from: [1, 40_001] as const },
    );
    const mixed = SESSION.flatMap((spec, index) => [spec, other[index] ?? spec]);
    const target = segments(mixed);
    expect([1, 2].map((stream) => target.hex(stream, 'c2s'))).toEqual([
      `${CONNECT}e000`,
      `${CONNECT}e000`,
    ]);
  });

  it('are forgotten above the limit: first those that are over, then the most silent', () => {
    const begun = (host: number) => SESSION.slice(0, 4).map((spec) => hosted(spec, host));
    const specs = [3, 4, 5, 6].flatMap(begun);
    const target = segments([...specs, hosted({ seq: 115, data: 'c000' }, 3)], {
      connectionsMax: 3,
    });
    expect(target.ends[0]).toEqual([1, 'stopped']);
    expect(target.notes).toEqual(['2 connections forgotten (--max-streams)']);
    const closed = [3, 4].flatMap((host) => SESSION.map((spec) => hosted(spec, host)));
    expect(segments([...closed, ...begun(5)], { connectionsMax: 2 }).notes).toEqual([]);
  });
});

function hosted(spec: SegmentSpec, host: number): SegmentSpec {
  return spec.from === SERVER
    ? { ...spec, to: [host, 40_000] }
    : { ...spec, from: [host, 40_000], to: SERVER };
}

describe('what a connection carries', () => {
  const begin = SESSION.slice(0, 2);
  const upgrade = Buffer.from(
    'GET / HTTP/1.1\r\nUpgrade: websocket\r\nSec-WebSocket-Protocol: mqtt\r\n\r\n',
  );
  const accepted = Buffer.from('HTTP/1.1 101 OK\r\nSec-WebSocket-Protocol: mqtt\r\n\r\n');

  it('is MQTT in WebSocket frames, at any port', () => {
    const frame = webSocketFrame(Buffer.from(CONNECT, 'hex'), true);
    const target = segments(
      at(80, [
        ...begin,
        { seq: 100, ack: 500, data: upgrade.subarray(0, 30) },
        { seq: 130, ack: 500, data: upgrade.subarray(30) },
        { ...back, seq: 500, ack: 100 + upgrade.length, data: accepted },
        { seq: 100 + upgrade.length, ack: 500, data: frame },
      ]),
    );
    expect(target.hex(1, 'c2s')).toBe(CONNECT);
    expect(target.openings[0]?.title).toContain('(WebSocket)');
  });

  it('is TLS, which is told of, or only counted at port 443', () => {
    const hello = [...begin, { seq: 100, ack: 500, data: CLIENT_HELLO }];
    const specs = [...hello, { ...back, seq: 500, ack: 251, data: SERVER_HELLO_13 }];
    expect(segments(at(8883, specs)).notes).toEqual([
      expect.stringContaining('TLS 1.3 to broker.lan:8883, 2 segments'),
    ]);
    expect(segments(at(443, specs)).notes).toEqual(['1 connection left out: TLS on port 443']);
  });

  it('is neither: it is counted', () => {
    const page = Buffer.from('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    const http = segments(at(80, [...begin, { seq: 100, ack: 500, data: page }]));
    expect([http.openings, http.notes]).toEqual([[], ['1 connection left out: HTTP']]);
    const ssh = segments(at(22, [...begin, { seq: 100, ack: 500, data: Buffer.from('SSH-2.0') }]));
    expect(ssh.notes).toEqual(['1 connection left out: no MQTT']);
  });

  it('is found by the first bytes, in however many segments', () => {
    const bytes = Buffer.from(CONNECT, 'hex');
    const single = [...bytes].map((byte, index) => ({
      seq: 100 + index,
      ack: 500,
      data: Buffer.from([byte]),
    }));
    expect(segments(at(5555, [...begin, ...single])).hex(1, 'c2s')).toBe(CONNECT);
  });

  it('is told of when bytes are sent again that differ', () => {
    const other = { seq: 100, ack: 500, data: CONNECT.replace('3c', '3d') };
    const target = segments([...SESSION.slice(0, 3), other, other]);
    expect(target.notes).toEqual(['1: bytes were sent again, and differ: the first count']);
  });
});

it('tells of links that it cannot read, and passes over what is no TCP', () => {
  const target = new RecordedCapture();
  const reader = new CaptureFrames(target, { streams: { last: 0 } });
  const udp = packetOf(SESSION[0] ?? {});
  udp.writeUInt8(17, 9);
  reader.onFrame({ linkType: 147, timeMs: 0, bytes: udp, byte: 0 });
  expect(reader.unknownLink).toBe(147);
  reader.onFrame({ linkType: 101, timeMs: 0, bytes: udp, byte: 0 });
  expect(reader.unknownLink).toBeUndefined();
  reader.end();
  expect(target.notes).toEqual(['1 frame of link type 147, which decode cannot read']);
});
