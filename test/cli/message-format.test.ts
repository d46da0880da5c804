import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { MessageFormat } from '../../src/cli/message-format.ts';
import type { PublishPacket } from '../../src/codec/packet.ts';
import { publishPacket } from '../support/packets.ts';

const WALL_US = Date.parse('2026-11-22T11:51:07.257Z') * 1000 + 989;

function render(
  format: string,
  over: Partial<PublishPacket> = {},
  isTerminal = false,
): { text: string; faults: string[] } {
  const faults: string[] = [];
  const bytes = new MessageFormat(format).render({
    packet: publishPacket({ topicName: 'a/b', payload: Buffer.from('{"a":1}'), ...over }),
    wallUs: WALL_US,
    isPretty: false,
    isTerminal,
    onFault: (what) => faults.push(what),
  });
  return { text: bytes.toString('latin1'), faults };
}

const PROPERTIES = {
  topicAlias: 3,
  contentType: 'text',
  messageExpiryInterval: 60,
  payloadFormatIndicator: 1,
  responseTopic: 'r',
  correlationData: Buffer.from([0xff]),
  subscriptionIdentifier: [7, 8],
  userProperty: [
    ['k', 'v'],
    ['l', 'w'],
  ],
} as const;

it.each([
  ['%t|%r|%q|%l|%x|%m', 'a/b|0|0|7|7b2261223a317d|0'],
  ['%A|%C|%D|%E|%F|%P|%R|%S', '3|text|\xff|60|1|k:v l:w|r|7'],
  ['%%@@\\\\\\n\\t', '%@\\\n\t'],
  ['%.2:X %3p|%05l|%-4l|', '7B:22:61:22:3A:31:7D {"a|00007|7   |'],
  ['%5t|%-5t|%.1t|%5.1t|%05t', '  a/b|a/b  |a|    a|  a/b'],
  ['%10p|%-9p|%09p', '   {"a":1}|{"a":1}  |00{"a":1}'],
  ['%.4x|%.2-x', '7b22 6122 3a31 7d|7b-22-61-22-3a-31-7d'],
  ['%2x', '7b2261223a317d'],
  ['%9q%9r%9P', '00k:v l:w'],
  ['%U', `${Math.floor(WALL_US / 1e6)}.257989000`],
  ['@N', '257989000'],
])('makes of %j %j', (format, text) => {
  expect(render(format, { properties: PROPERTIES }).text).toBe(text);
});

it('pads what is not there', () => {
  expect(render('[%A|%3A|%03E|%-3C|%D|%P]').text).toBe('[|   |000|   ||]');
});

it('tells the time by one reading of the clock', () => {
  expect(render('%I').text).toMatch(/^2026-11-2\dT\d\d:\d\d:07[+-]\d{4}$/);
  expect(render('@Y-@m').text).toBe('2026-11');
});

it('reads floating point', () => {
  const double = Buffer.alloc(8);
  double.writeDoubleLE(-1.5);
  expect(render('%d|%.2d|%9.1d|%09.1d', { payload: double }).text).toBe(
    '-1.500000|-1.50|     -1.5|-000001.5'.replace('-000001.5', '-000001.5'),
  );
  const single = Buffer.alloc(4);
  single.writeFloatLE(Number.POSITIVE_INFINITY);
  expect(render('%f', { payload: single }).text).toBe('inf');
});

it('leaves floating point empty where the payload has another length, and says so', () => {
  expect(render('[%d|%f]')).toEqual({
    text: '[|]',
    faults: [
      '%d needs a payload of 8 bytes, and this one has 7',
      '%f needs a payload of 4 bytes, and this one has 7',
    ],
  });
});

it('passes bytes on as they are, but not to a terminal', () => {
  const payload = Buffer.from([0x1b, 0xff, 0x41]);
  expect(render('%p\\e', { payload }).text).toBe('\x1b\xffA\x1b');
  expect(render('%p\\e', { payload }, true).text).toBe('\\x1b\\xffA\x1b');
});

describe('usage', () => {
  it.each(['%', 'a%', '%y', '%5', '%.t', '%:t', '@', '@Q', '\\', '\\q', '%99999t'])(
    'refuses %j',
    (format) => {
      expect(() => new MessageFormat(format)).toThrow(expect.objectContaining({ kind: 'usage' }));
    },
  );

  it('shows the place', () => {
    expect(() => new MessageFormat('%t %y')).toThrow('\n  %t %y\n     ^');
  });
});
