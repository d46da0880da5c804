import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decodeChunks, RecordedStream, streamDecoder } from '../support/decode-text.ts';
import { PACKET_VECTORS } from '../support/packet-vectors.ts';

const CONNECT = '10 0d 0004 4d515454 05 02 003c 00 0000'.replaceAll(' ', '');

function names(hex: string): unknown[] {
  const { packets } = decodeChunks([hex]);
  return packets.map(({ inspection }) => inspection.name);
}

it('cuts packets by their Remaining Length', () => {
  expect(names('c000 d000 40020001')).toEqual(['pingreq', 'pingresp', 'puback']);
});

it('tells the same of a stream however it is cut', () => {
  const bytes = Buffer.concat(PACKET_VECTORS.map((vector) => vector.bytes));
  const seen = (chunks: readonly Buffer[]) => {
    const stream = new RecordedStream();
    const decoder = streamDecoder(stream, 5);
    for (const chunk of chunks) decoder.push(chunk);
    decoder.end();
    return stream.packets.map(({ inspection, offset }) => [
      offset,
      inspection.bytes.toString('hex'),
    ]);
  };
  const whole = seen([bytes]);
  fc.assert(
    fc.property(fc.array(fc.nat(bytes.length), { maxLength: 6 }), (cuts) => {
      const at = [0, ...cuts.sort((a, b) => a - b), bytes.length];
      expect(seen(at.slice(1).map((end, i) => bytes.subarray(at[i], end)))).toEqual(whole);
    }),
  );
});

it('tells of a packet when its last byte arrives', () => {
  const stream = new RecordedStream();
  const decoder = streamDecoder(stream);
  decoder.push(Buffer.from([0xc0]));
  expect(stream.packets).toHaveLength(0);
  decoder.push(Buffer.from([0x00]));
  expect(stream.packets).toHaveLength(1);
});

it('shows what is no packet once, and goes on with the next that is clean', () => {
  const { gaps, packets } = decodeChunks(['c000', '0d0a53454e', '44204f4b0d0a', '20020000']);
  expect(packets.map(({ offset }) => offset)).toEqual([0, 13]);
  expect(gaps.map(({ bytes, length, offset }) => [offset, length, bytes.toString()])).toEqual([
    [2, 11, '\r\nSEND OK\r\n'],
  ]);
});

it('goes on behind a length that is none', () => {
  const { gaps, packets } = decodeChunks(['30ffffffff 0100 c000']);
  expect(packets.map(({ inspection }) => inspection.name)).toEqual(['publish', 'pingreq']);
  expect(gaps[0]).toMatchObject({ offset: 5, length: 2 });
});

it('keeps a gap after a broken CONNECT secret', () => {
  const broken = '10 02 0004 4d515454 7365637265740000';
  expect(decodeChunks([broken]).gaps[0]?.isSecret).toBe(true);
  expect(decodeChunks(['c000 0000 00']).gaps[0]?.isSecret).toBe(false);
});

it('ends any bytes, in any pieces, in packets and gaps that leave none out', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 4 }), (chunks) => {
      const stream = new RecordedStream();
      const decoder = streamDecoder(stream);
      for (const chunk of chunks) decoder.push(Buffer.from(chunk));
      decoder.end();
      const parts = [
        ...stream.packets.map(({ inspection, offset }) => [offset, inspection.bytes.length]),
        ...stream.gaps.map(({ length, offset }) => [offset, length]),
      ].sort(([a = 0], [b = 0]) => a - b);
      let end = 0;
      for (const [offset, length = 0] of parts) {
        expect(offset).toBe(end);
        end += length;
      }
      expect(end).toBe(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
    }),
    { numRuns: 1000 },
  );
});

it('reads what follows a CONNECT by its version', () => {
  const { packets } = decodeChunks([`${CONNECT} 30 06 0001 74 00 6869`]);
  expect(packets.map(({ version }) => version)).toEqual([
    { level: 5, from: 'connect' },
    { level: 5, from: 'connect' },
  ]);
});

it('lets -V beat a CONNECT that disagrees, and says so', () => {
  const { notes, packets } = decodeChunks([`${CONNECT} c000`], { level: 4 });
  expect(packets.map(({ version }) => version.level)).toEqual([5, 4]);
  expect(notes).toEqual(['#1 says MQTT 5.0: -V has the rest read as 3.1.1']);
});

it('infers the version from packets before and behind', () => {
  const { packets } = decodeChunks(['c000 30 06 0001 74 00 6869 2003000000']);
  expect(packets.map(({ version }) => version.evidence)).toEqual(Array(3).fill('#3 CONNACK'));
});

it('lets packets behind a CONNECT say nothing of those before it', () => {
  const [first] = decodeChunks([`c000 ${CONNECT} 2003000000`]).packets;
  expect(first?.version).toEqual({ level: 4, from: 'assumed' });
});

it('says from which packet on it knows better than it printed', () => {
  const { notes, packets } = decodeChunks(['c000', '2003000000']);
  expect(packets.map(({ version }) => version.from)).toEqual(['assumed', 'inferred']);
  expect(notes).toEqual(['MQTT 5.0 from #2 on, inferred from #2 CONNACK']);
});

it('says when packets speak for both versions', () => {
  expect(decodeChunks(['2003000000 20020000']).notes[0]).toContain('-V decides');
});

it('offers the other reading where it had to guess', () => {
  const [first] = decodeChunks(['30 06 0001 74 00 6869']).packets;
  expect(first?.alternative?.level).toBe(5);
  const certain = decodeChunks(['30 06 0001 74 00 6869'], { level: 4 });
  const notClean = decodeChunks(['30 04 0001 74 09']);
  for (const { packets } of [certain, notClean, decodeChunks([CONNECT])]) {
    expect(packets[0]?.alternative).toBeUndefined();
  }
});

it('knows the sender of packets that only one side sends', () => {
  const { packets } = decodeChunks(['c000 d000 40020001']);
  expect(packets.map(({ inspection }) => inspection.sender)).toEqual([
    'client',
    'server',
    'either',
  ]);
});

it.each([
  ['keeps in step where the hole ends the packet', 3, ['publish', 'pingreq'], []],
  ['seeks its way behind a hole of another size', 7, ['publish', 'pingreq'], [6]],
])('%s', (_what, missing, names, gaps) => {
  const stream = new RecordedStream();
  const decoder = streamDecoder(stream, 4);
  decoder.push(Buffer.from('300900036122', 'hex'));
  decoder.breakOff('missing', missing + 2);
  decoder.push(Buffer.from(missing === 3 ? 'c000' : '6868c000', 'hex'));
  decoder.end();
  expect(stream.packets.map(({ inspection }) => inspection.name)).toEqual(names);
  const severities = stream.packets.flatMap(({ findings }) => findings.map((f) => f.severity));
  expect(severities).toEqual(['note']);
  expect(stream.gaps.filter(({ isMissing }) => isMissing)).toMatchObject([
    { offset: 6, length: missing + 2 },
  ]);
  expect(stream.gaps.filter(({ isMissing }) => !isMissing).map((gap) => gap.offset)).toEqual(
    gaps.map((offset) => offset + missing + 2),
  );
});

it('takes a packet that a boundary cuts for cut by its sender', () => {
  const stream = new RecordedStream();
  const decoder = streamDecoder(stream, 4);
  decoder.push(Buffer.from('3009000361', 'hex'));
  decoder.breakOff('boundary', 0);
  decoder.push(Buffer.from('c000', 'hex'));
  decoder.end();
  expect(stream.packets.map(({ findings, offset }) => [offset, findings[0]?.severity])).toEqual([
    [0, 'malformed'],
    [5, undefined],
  ]);
});
