import { expect, it } from 'vitest';
import { renderLogLine } from '../../src/cli/log-line.ts';

const DATE = new Date('2026-11-22T10:15:30.123Z');

it('says time, level and event, and then what is known', () => {
  const fields = { client: 'esp-7', addr: '192.0.2.7:50412', version: '5', user: undefined };
  expect(renderLogLine({ level: 'info', event: 'connect', fields }, DATE)).toBe(
    '2026-11-22T10:15:30.123Z info  connect client="esp-7" addr=192.0.2.7:50412 version=5',
  );
});

it('lets no client end the line or reach the terminal', () => {
  const fields = { client: 'a"b\r\n\u001b[31m\u007f\u0085\u2028' };
  const line = renderLogLine({ level: 'warn', event: 'disconnect', fields }, DATE);
  expect(line).toContain('client="a\\"b\\r\\n\\u001b[31m\\u007f\\u0085\\u2028"');
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
