import { Buffer } from 'node:buffer';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CaptureDecoder } from '../../src/inspect/capture-decoder.ts';
import type { CaptureOptions } from '../../src/inspect/capture-options.ts';
import { CaptureReader } from '../../src/inspect/capture-reader.ts';
import { isFault } from '../../src/inspect/finding.ts';
import { FormError } from '../../src/inspect/form-error.ts';
import { RecordedStream } from '../support/decode-text.ts';
import { FORM_ROWS } from '../support/form-rows.ts';

/** Undefined for what is damaged. */
function gunzip(bytes: Buffer): Buffer | undefined {
  try {
    return gunzipSync(bytes);
  } catch {
    return undefined;
  }
}

function read(chunks: readonly (string | Buffer)[], options: Partial<CaptureOptions> = {}) {
  const stream = new RecordedStream();
  const decoder = new CaptureDecoder(stream, undefined);
  const reader = new CaptureReader(decoder, { streams: { last: 0 }, gunzip, ...options });
  for (const chunk of chunks) reader.push(Buffer.from(chunk));
  reader.end();
  const packets = stream.packets.map((p) => `${p.direction} ${p.inspection.name}`);
  return { stream, packets, gaps: stream.gaps.map(({ length }) => length) };
}

describe.each(FORM_ROWS)('the form $form', ({ form, gaps = [], notes = [], packets, text }) => {
  it('is found out, and gives its packets', () => {
    const found = read([text]);
    expect(found.packets).toEqual(packets);
    expect(found.gaps).toEqual(gaps);
    expect(found.stream.notes).toEqual(notes.map((note) => expect.stringContaining(note)));
    expect(found.stream.packets.flatMap(({ findings }) => findings.filter(isFault))).toEqual([]);
  });

  it('gives the same if it is asked for, in any two pieces, and with other line ends', () => {
    const bytes = Buffer.from(text);
    for (let at = 0; at <= bytes.length; at += 1) {
      const pieces = [bytes.subarray(0, at), bytes.subarray(at)];
      expect(read(pieces).packets).toEqual(packets);
      expect(read(pieces, { form }).packets).toEqual(packets);
    }
    expect(read([text.replaceAll('\n', '\r\n')]).packets).toEqual(packets);
  });

  it('survives being cut at any byte', () => {
    const bytes = Buffer.from(text);
    for (let end = 0; end < bytes.length; end += 1) {
      try {
        read([bytes.subarray(0, end)]);
      } catch (error) {
        expect(error).toBeInstanceOf(FormError);
      }
    }
  });
});

const CONNECT = '101000044d5154540402003c000464657631';
const BODY = CONNECT.slice(4);

it('names what may lack its fixed header, and puts it there when asked to', () => {
  expect(() => read([BODY])).toThrow('the header of a CONNECT');
  const body = { name: 'connect', flags: 0 } as const;
  expect(read([BODY], { body }).packets).toEqual(['unknown connect']);
  expect(read([Buffer.from(BODY, 'hex')], { body }).packets).toEqual(['unknown connect']);
  const { stream } = read([BODY], { body: { ...body, flags: 5 } });
  expect(stream.packets[0]?.findings.map(({ code }) => code)).toEqual(['flags']);
});

it('reads swapped pairs and decimal pairs that look like hex', () => {
  const bytes = Buffer.from('c000d000', 'hex');
  const other = Buffer.from(bytes).swap16().toString('hex');
  expect(read([other]).packets).toEqual(['unknown pingreq', 'unknown pingresp']);
  const decimal = '16 13 00 04 77 81 84 84 04 02 00 60 00 01 65';
  expect(read([decimal]).packets).toEqual(['unknown connect']);
});

it('finds packets in any bytes when asked to, and tells where', () => {
  const noise = Buffer.from(`ffff${CONNECT}0000c000ff00c000d000aa`, 'hex');
  for (const input of [noise, noise.toString('hex')]) {
    const found = read([input], { scan: 'runs' });
    expect(found.packets).toEqual(['unknown connect', 'unknown pingreq', 'unknown pingresp']);
    expect(found.stream.packets.map(({ offset }) => offset)).toEqual([2, 26, 28]);
    expect(found.gaps).toEqual([]);
    expect(read([input], { scan: 'all' }).packets).toHaveLength(4);
  }
});

it('takes a packet for cut where the next block is clean on its own', () => {
  const cut = read(['publish\n30 09 00 03 61 2f 62\nping\nc0 00']);
  expect(cut.packets).toEqual(['unknown publish', 'unknown pingreq']);
  expect(cut.stream.packets[0]?.findings[0]).toMatchObject({ code: 'truncated' });
  const joined = read(['publish\n30 09 00 03 61 2f 62\nmore\n68 61 6c 6c']);
  expect(joined.packets).toEqual(['unknown publish']);
  expect(joined.stream.packets[0]?.findings).toEqual([]);
});

describe('direction marks', () => {
  it.each([
    ['> c000\n< d000'],
    ['TX: c000\nRX: d000'],
    ['SEND c000\nRECV d000'],
    ['--> c000\n<-- d000'],
    ['→ c000\n← d000'],
    ['C: c000\nS: d000'],
    ['12:00:01.5 > c000\n12:00:02.5 < d000'],
    ['O c000\nI d000'],
  ])('tell who sent a line: %j', (text) => {
    expect(read([text]).packets).toEqual(['c2s pingreq', 's2c pingresp']);
  });

  it('are those of a server where its log is read', () => {
    const found = read(['> d000\n< c000'], { writer: 'server' });
    expect(found.packets).toEqual(['s2c pingresp', 'c2s pingreq']);
    expect(found.stream.notes).toEqual([]);
  });

  it('are swapped as a whole where the packets contradict them', () => {
    const { packets, stream } = read(['> d000\n< c000\n> 3003000174']);
    expect(packets).toEqual(['s2c pingresp', 'c2s pingreq', 's2c publish']);
    expect(stream.notes[0]).toContain('swapped');
  });

  it('yield to what was asked for', () => {
    expect(read(['> c000'], { direction: 's2c' }).packets).toEqual(['s2c pingreq']);
    expect(read([Buffer.from('c000', 'hex')], { direction: 's2c' }).packets).toEqual([
      's2c pingreq',
    ]);
  });
});

it('takes the time before a line for that of its packets', () => {
  const text = '2023-11-14T22:13:20.250Z > c000\n[2023-11-14 22:13:21.5] < d000';
  const times = read([text]).stream.packets.map(({ timeMs }) => timeMs);
  expect(times).toEqual([1_700_000_000_250, 1_700_000_001_500]);
});

it('says where a text departs from the form that was asked for', () => {
  expect(() => read(['\n  c0 00'], { form: 'xxd' })).toThrow(
    'not of the form xxd; line 2, column 3 begins with "c0 00"',
  );
  expect(() => read([Buffer.from('c000', 'hex')], { form: 'xxd' })).toThrow('no text, not of the');
  expect(read(['a'], { form: 'raw' }).gaps).toEqual([1]);
});

describe('live text', () => {
  function live(form?: string) {
    const stream = new RecordedStream();
    const decoder = new CaptureDecoder(stream, undefined);
    const reader = new CaptureReader(decoder, { streams: { last: 0 }, isLive: true, form });
    return { reader, stream, push: (text: string) => reader.push(Buffer.from(text)) };
  }

  it('is read line by line after the first pause', () => {
    const { push, reader, stream } = live();
    push('> c0');
    reader.onPause();
    expect(stream.packets).toHaveLength(0);
    push('00\n< d0');
    reader.onPause();
    expect(stream.packets).toHaveLength(1);
    push('00\nbad line\n> e0');
    expect(stream.packets).toHaveLength(2);
    push('00');
    reader.end();
    expect(stream.packets.map(({ direction }) => direction)).toEqual(['c2s', 's2c', 'c2s']);
  });

  it('is held where its form needs all of it', () => {
    const { push, reader, stream } = live();
    push('00000000: c000  ..\n');
    reader.onPause();
    expect(stream.packets).toHaveLength(0);
    reader.end();
    expect(stream.packets).toHaveLength(1);
  });

  it('may be larger than what is held', () => {
    const { push, reader, stream } = live();
    const line = `30ffff00000174${'00'.repeat(16_380)}\n`;
    const chunk = line.repeat(16);
    for (let i = 0; i < 40; i += 1) push(chunk);
    reader.end();
    expect(stream.packets).toHaveLength(40 * 16);
  });
});

/** The spellings of bytes that any tool may have written. */
const SPELLINGS: readonly (readonly [what: string, spell: (bytes: Buffer) => string])[] = [
  ['pairs', (bytes) => pairs(bytes).join(' ')],
  ['one word', (bytes) => bytes.toString('hex')],
  ['capitals', (bytes) => bytes.toString('hex').toUpperCase()],
  [
    '0x and commas',
    (bytes) =>
      pairs(bytes)
        .map((pair) => `0x${pair}`)
        .join(', '),
  ],
  ['colons', (bytes) => pairs(bytes).join(':')],
  ['hyphens', (bytes) => pairs(bytes).join('-')],
  [
    'escapes',
    (bytes) =>
      pairs(bytes)
        .map((pair) => `\\x${pair}`)
        .join(''),
  ],
  ['a Node Buffer', (bytes) => `<Buffer ${pairs(bytes).join(' ')}>`],
  ['JSON', (bytes) => JSON.stringify(bytes)],
  ['a list', (bytes) => `[${[...bytes].join(', ')}]`],
  ['decimal numbers', (bytes) => [...bytes].join(' ')],
  [
    'angles',
    (bytes) =>
      pairs(bytes)
        .map((pair) => `<${pair}>`)
        .join(''),
  ],
  ['base64', (bytes) => bytes.toString('base64')],
  ['base64url', (bytes) => bytes.toString('base64url')],
  [
    'a log',
    (bytes) =>
      pairs(bytes)
        .map((pair) => `I (1) MQTT: ${pair} 00`)
        .join('\n'),
  ],
];

function pairs(bytes: Buffer): string[] {
  return bytes.toString('hex').match(/../g) ?? [];
}

it.each(SPELLINGS.slice(0, -1))('gives any bytes back that are spelt as %s', (_what, spell) => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 3, maxLength: 60 }), (payload) => {
      // A PUBLISH with a topic in text, so that the first byte is none that leads elsewhere.
      const body = Buffer.concat([Buffer.from('0003612f62', 'hex'), payload]);
      const bytes = Buffer.concat([Buffer.from([0x30, body.length]), body]);
      const { stream } = read([spell(bytes)]);
      const all = stream.packets.map(({ inspection }) => inspection.bytes);
      expect(Buffer.concat(all).toString('hex')).toBe(bytes.toString('hex'));
    }),
    { numRuns: 200 },
  );
});

it('ends any mixture of spellings in packets, gaps or a FormError', () => {
  const part = fc.oneof(
    fc.constantFrom('\n', ' ', ',', '> ', '< ', '\t', '00000000: ', '0000000 ', '*', '|', '"'),
    fc.constantFrom('Follow: tcp,raw\n', '<Buffer ', '>', '[', ']', '0x', '\\x', '/*', '*/', '//'),
    fc.uint8Array({ maxLength: 6 }).map((bytes) => pairs(Buffer.from(bytes)).join(' ')),
    fc.uint8Array({ maxLength: 6 }).map((bytes) => Buffer.from(bytes).toString('hex')),
    fc.string({ maxLength: 5 }),
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 20 }), (parts) => {
      try {
        read([parts.join('')]);
      } catch (error) {
        expect(error).toBeInstanceOf(FormError);
      }
    }),
    { numRuns: 3000 },
  );
});
