import { describe, expect, it } from 'vitest';
import { renderLogLine } from '../../src/cli/log-line.ts';

const DATE = new Date('2026-11-22T10:15:30.123Z');

it('says time, level and event, and then what is known', () => {
  const fields = { client: 'esp-7', addr: '192.0.2.7:50412', version: '5', user: undefined };
  expect(renderLogLine({ level: 'info', event: 'connect', fields }, DATE)).toBe(
    '2026-11-22T10:15:30.123Z info  connect client="esp-7" addr=192.0.2.7:50412 version=5',
  );
});

it('lets no client end the line or reach the terminal', () => {
  const fields = { client: 'a"b\r\n\u001b[31m\u007f\u0085\u2028\u202e' };
  const line = renderLogLine({ level: 'warn', event: 'disconnect', fields }, DATE);
  expect(line).toContain('client="a\\"b\\r\\n\\u001b[31m\\u007f\\u0085\\u2028\\u202e"');
});

it('quotes all that is no word, whatever field it is in', () => {
  const fields = {
    addr: '[fe80::1%eth0]:1883',
    limit: '--max-a, --max-b',
    clause: 'section 1.5.4',
  };
  const line = renderLogLine({ level: 'warn', event: 'disconnect', fields }, DATE);
  expect(line).toContain(
    'addr=[fe80::1%eth0]:1883 limit="--max-a, --max-b" clause="section 1.5.4"',
  );
});

it('shows the beginning of a long text, and how much more there is', () => {
  const fields = { topic: 'a'.repeat(65_535) };
  const line = renderLogLine({ level: 'debug', event: 'publish', fields }, DATE);
  expect(line).toContain(`topic="${'a'.repeat(256)}… +65279"`);
});

it('keeps the whole stack of a fault of ours', () => {
  const fields = { stack: 's'.repeat(1000) };
  const line = renderLogLine({ level: 'error', event: 'internal_error', fields }, DATE);
  expect(line).toContain('s'.repeat(1000));
});

const FAULT = {
  level: 'warn',
  event: 'disconnect',
  fields: {
    client: 'esp-7',
    version: '5',
    reason: 'Malformed Packet',
    code: '0x81',
    packet: 'PUBLISH',
    offset: 1,
    bytes: '360c00****',
    bytes_from: 0,
    message: 'a "b"\u0085\u202e',
  },
} as const;

describe('the bytes of a fault', () => {
  it('stand apart, with the one at fault in brackets', () => {
    expect(renderLogLine(FAULT, DATE)).toContain(
      'packet=PUBLISH offset=1 bytes="36 [0c] 00 ** **" message=',
    );
  });

  it('are counted from the first that is shown', () => {
    const fields = { ...FAULT.fields, offset: 100, bytes_from: 98 };
    expect(renderLogLine({ ...FAULT, fields }, DATE)).toContain('bytes="36 0c [00] ** **"');
  });

  it('have no brackets where what is missing is at fault', () => {
    const fields = { ...FAULT.fields, offset: 5 };
    expect(renderLogLine({ ...FAULT, fields }, DATE)).toContain('bytes="36 0c 00 ** **"');
  });
});

describe('JSON', () => {
  it('is one object for each event, with the same names', () => {
    const line = renderLogLine(FAULT, DATE, 'json');
    const { bytes, bytes_from, client, message, offset, packet, version } = FAULT.fields;
    expect(JSON.parse(line)).toEqual({
      ts: '2026-11-22T10:15:30.123Z',
      level: 'warn',
      event: 'disconnect',
      client,
      version,
      reason: { code: 129, name: 'Malformed Packet' },
      packet,
      offset,
      bytes,
      bytes_from,
      message,
    });
    expect(line).toMatch(/^\{"ts":.*"a \\"b\\"\\u0085\\u202e"\}$/);
  });

  it('leaves out what is unknown, and cuts what is long', () => {
    const fields = { client: undefined, code: '0x00', queued: 3, topic: 'a'.repeat(300) };
    const line = renderLogLine({ level: 'debug', event: 'subscribe', fields }, DATE, 'json');
    expect(JSON.parse(line)).toEqual({
      ts: '2026-11-22T10:15:30.123Z',
      level: 'debug',
      event: 'subscribe',
      code: '0x00',
      queued: 3,
      topic: `${'a'.repeat(256)}… +44`,
    });
  });
});
