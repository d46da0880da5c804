import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { CaptureDecoder } from '../../src/inspect/capture-decoder.ts';
import { CaptureReader, TEXT_BYTES_MAX } from '../../src/inspect/capture-reader.ts';
import { FormError } from '../../src/inspect/form-error.ts';
import { RecordedStream } from '../support/decode-text.ts';
import { interfaceBlock, packetBlock, packetOf, pcapOf, sectionBlock } from '../support/wire.ts';

function read(...chunks: (Buffer | string)[]): RecordedStream {
  const stream = new RecordedStream();
  const reader = new CaptureReader(new CaptureDecoder(stream, undefined));
  for (const chunk of chunks) reader.push(Buffer.from(chunk));
  reader.end();
  return stream;
}

const FRAMES = [packetOf({ seq: 5, data: 'c000' })] as const;
const NOBODY = { onPacket() {}, onGap() {}, onNote() {}, onStreamEnd() {} };
const RAW = Buffer.from('101000044d5154540402003c0004646576318208000a0003612f2b01c000', 'hex');

it.each([
  ['raw bytes', RAW],
  ['hex', RAW.toString('hex')],
  ['hex in UTF-16', Buffer.from(`\ufeff${RAW.toString('hex')}`, 'utf16le')],
  [
    'hex in UTF-16, the other way round',
    Buffer.from(`\ufeff${RAW.toString('hex')}`, 'utf16le').swap16(),
  ],
  ['hex with a byte order mark', `\ufeff${RAW.toString('hex')}`],
])('recognises %s, cut anywhere', (_what, capture) => {
  const bytes = Buffer.from(capture);
  for (let at = 0; at <= bytes.length; at += 1) {
    const { packets } = read(bytes.subarray(0, at), bytes.subarray(at));
    expect(packets.map(({ inspection }) => inspection.name)).toEqual([
      'connect',
      'subscribe',
      'pingreq',
    ]);
  }
});

it('explains raw bytes as they arrive', () => {
  const stream = new RecordedStream();
  const reader = new CaptureReader(new CaptureDecoder(stream, undefined));
  reader.push(RAW);
  expect(stream.packets).toHaveLength(3);
});

it.each([
  ['nothing', ''],
  ['a blank', '  \n'],
])('has nothing to decode in %s', (_what, text) => {
  expect(() => read(text)).toThrow('there is nothing to decode');
});

it('shows where text stands that is no hex, safe for a terminal', () => {
  expect(() => read('\n  hello\u0085 world')).toThrow(
    'line 2, column 3 begins with "hello\\\\u{85} world"',
  );
});

it.each([
  ['pcap', pcapOf(FRAMES)],
  ['pcapng', Buffer.concat([sectionBlock(), interfaceBlock(101), packetBlock(0, 0n, FRAMES[0])])],
])('recognises a %s capture, cut anywhere', (_what, file) => {
  for (let at = 0; at <= file.length; at += 1) {
    const { packets } = read(file.subarray(0, at), file.subarray(at));
    expect(packets.map(({ direction, inspection }) => [direction, inspection.name])).toEqual([
      ['c2s', 'pingreq'],
    ]);
  }
});

it('does not read a gzip file as MQTT', () => {
  expect(() => read(Buffer.from('1f8b08000000', 'hex'))).toThrow('gzip');
});

it('holds no more text than its limit', () => {
  const half = Buffer.alloc(TEXT_BYTES_MAX / 2, '30');
  expect(() => read(half, half, '3')).toThrow('larger than 16 MiB');
});

it.each([
  ['of pairs', 'f1f1', TEXT_BYTES_MAX],
  ['of blanks', '  ', TEXT_BYTES_MAX],
  ['of pairs with blanks', 'f1 f1 ', 2 ** 20],
  ['of words', 'zz f1 f1 ', 2 ** 20],
  ['of words and odd digits', 'z 0', 2 ** 20],
])('survives a very long line %s', (_what, part, length) => {
  const reader = new CaptureReader(new CaptureDecoder(NOBODY, undefined));
  reader.push(Buffer.alloc(length, part));
  try {
    reader.end();
  } catch (error) {
    expect(error).toBeInstanceOf(FormError);
  }
});

it('ends any bytes in packets, gaps or a FormError', () => {
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 60 }), fc.string()), (input) => {
      try {
        read(Buffer.from(input as string));
      } catch (error) {
        expect(error).toBeInstanceOf(FormError);
      }
    }),
    { numRuns: 1000 },
  );
});
