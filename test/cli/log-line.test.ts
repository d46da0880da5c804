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
