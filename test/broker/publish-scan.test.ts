import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { brokerConfig } from '../../src/broker/broker-config.ts';
import { PublishScan } from '../../src/broker/publish-scan.ts';
import type { PublishPacket } from '../../src/codec/packet.ts';
import { hex } from '../support/hex.ts';
import { publishPacket } from '../support/packets.ts';
import { writeFrame } from '../support/write-frame.ts';

const LONG = 'x/'.repeat(40);

function frame(over: Partial<PublishPacket> = {}, level: 4 | 5 = 4): Buffer {
  return writeFrame(publishPacket({ payload: Buffer.from('21'), ...over }), level);
}

/** How many frames of these bytes are one run; 0 if the first one is none. */
function scan(bytes: Buffer, isLevel5 = false, config = {}): number {
  const scanner = new PublishScan(brokerConfig(config));
  const around = Buffer.concat([Buffer.from('##'), bytes]);
  if (!scanner.begin(around, 2, around.length, isLevel5)) return 0;
  scanner.extend(around.length);
  expect(scanner.run.start).toBe(2);
  return scanner.run.count;
}

it('says where the parts of each frame lie', () => {
  const scanner = new PublishScan(brokerConfig());
  const [first, second] = [frame({ qos: 1, packetId: 7 }, 5), frame({ qos: 1, packetId: 513 }, 5)];
  const bytes = Buffer.concat([first, second]);
  expect(scanner.begin(bytes, 0, bytes.length, true)).toBe(true);
  scanner.extend(bytes.length);
  const { run } = scanner;
  expect([run.count, run.qos, run.topicLength, run.end]).toEqual([2, 1, 3, bytes.length]);
  expect([run.packetId(0), run.packetId(1)]).toEqual([7, 513]);
  expect(bytes.toString('utf8', run.payloadAt(1), run.frameEnd(1))).toBe('21');
  expect(run.frameBytesMax).toBe(first.length);
});

describe('a run', () => {
  it('goes on as long as topic, QoS and flags are the same', () => {
    const same = [frame(), frame({ payload: Buffer.alloc(200) }), frame()];
    expect(scan(Buffer.concat([...same, frame({ topicName: 'a/c' })]))).toBe(3);
    expect(scan(Buffer.concat([...same, frame({ topicName: 'b/b' })]))).toBe(3);
    expect(scan(Buffer.concat([...same, frame({ topicName: 'a/b/c' })]))).toBe(3);
    expect(scan(Buffer.concat([...same, frame({ qos: 1, packetId: 1 })]))).toBe(3);
    expect(scan(Buffer.concat([...same, hex`c0 00`, ...same]))).toBe(3);
  });

  it('has the same properties', () => {
    const one = frame({ properties: { contentType: 'a' } }, 5);
    const other = frame({ properties: { contentType: 'b' } }, 5);
    const longer = frame({ properties: { contentType: 'aa' } }, 5);
    for (const [first, second] of [
      [one, other],
      [one, longer],
      [longer, one],
      [one, frame({}, 5)],
    ]) {
      if (first === undefined || second === undefined) throw new Error('there are two');
      expect(scan(Buffer.concat([first, first, second]), true)).toBe(2);
      expect(scan(Buffer.concat([second, second, first]), true)).toBe(2);
    }
  });

  it('tells long topics apart, too', () => {
    const long = frame({ topicName: `${LONG}a` });
    expect(scan(Buffer.concat([long, long, frame({ topicName: `${LONG}b` })]))).toBe(2);
  });

  it('ends at a frame that is not complete, or whose topic runs past its end', () => {
    for (const topicName of ['a/b', `${LONG}a`]) {
      const whole = frame({ topicName });
      for (let end = whole.length + 1; end < 2 * whole.length; end += 1) {
        expect(scan(Buffer.concat([whole, whole]).subarray(0, end))).toBe(1);
      }
      const short = Buffer.concat([Buffer.from([0x30, 4]), whole.subarray(2, 6)]);
      expect(scan(Buffer.concat([whole, short, whole]))).toBe(1);
    }
  });

  it('has at most as many frames as there is room for', () => {
    const many = Buffer.concat(Array.from({ length: 2_000 }, () => frame()));
    expect(scan(many)).toBe(1_024);
  });
});

describe('left to the codec path is', () => {
  it.each([
    ['a repeated message', frame({ qos: 1, packetId: 1, isDuplicate: true })],
    ['one to be retained', frame({ isRetained: true })],
    ['QoS 3', hex`36 07 0003 612f62 0001`],
    ['a length that is longer than need be', hex`30 85 00 0003 612f62`],
    ['a length without end', hex`30 ff ff ff ff 7f`],
    ['a topic that is empty', hex`30 04 0000 3231`],
    ['a topic that runs past the end', hex`30 04 0003 612f`],
    ['packet id 0', hex`32 07 0003 612f62 0000`],
    ['a frame that ends before its packet id', hex`32 06 0003 612f62 00`],
    ['a packet that is no PUBLISH', hex`c0 00`],
  ])('%s', (_, bytes) => {
    expect(scan(bytes)).toBe(0);
  });

  it('what has properties, and what lacks their length', () => {
    const properties = { messageExpiryInterval: 5 };
    expect(scan(frame({}, 5), true)).toBe(1);
    expect(scan(frame({ properties }, 5), true)).toBe(0);
    expect(scan(hex`30 05 0003 612f62`, true)).toBe(0);
  });

  it('what is above a limit', () => {
    const bytes = frame({ qos: 2, packetId: 1, payload: Buffer.alloc(50) });
    expect(scan(bytes, false, { maximumQos: 1 })).toBe(0);
    expect(scan(bytes, false, { payloadBytesMax: 49 })).toBe(0);
    expect(scan(bytes, false, { packetBytesMax: bytes.length - 1 })).toBe(0);
    expect(scan(bytes, false, { packetBytesMax: bytes.length, payloadBytesMax: 50 })).toBe(1);
  });
});

it('knows a topic again', () => {
  const scanner = new PublishScan(brokerConfig());
  for (const topicName of ['a/b', `${LONG}a`]) {
    const bytes = frame({ topicName });
    scanner.begin(bytes, 0, bytes.length, false);
    const other = `${topicName.slice(0, -1)}z`;
    const texts = [topicName, other, topicName.slice(1), `${topicName}a`, `a${topicName}`];
    const known = texts.map((text) => scanner.hasTopic(Buffer.from(text)));
    expect(known).toEqual([true, false, false, false, false]);
  }
});
