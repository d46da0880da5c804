import { expect, it } from 'vitest';
import { brokerConfig } from '../../src/broker/broker-config.ts';
import { renderStart } from '../../src/cli/broker-start.ts';

const START = { config: brokerConfig(), pid: 4711, readyMs: 31 };
const LOOPBACK = [
  { host: '127.0.0.1', port: 1883 },
  { host: '::1', port: 1883 },
];

it('says where it listens, who may come in, and what to type', async () => {
  const text = renderStart({ ...START, addresses: LOOPBACK });
  await expect(`${text}\n`).toMatchFileSnapshot('golden/broker-start.txt');
});

it('names the port to type where it is not the usual one', () => {
  const text = renderStart({ ...START, addresses: [{ host: '127.0.0.1', port: 1884 }] });
  expect(text).toContain("mqttk sub -p 1884 -t 'sensors/#'");
});

it.each([
  ['127.0.0.5', 'mqttk sub -h 127.0.0.5 -t'],
  ['192.0.2.1', 'mqttk sub -h 192.0.2.1 -t'],
  ['::1', 'mqttk sub -t'],
  ['::', 'mqttk sub -t'],
])('names the host %s to type unless localhost leads there', (host, command) => {
  expect(renderStart({ ...START, addresses: [{ host, port: 1883 }] })).toContain(command);
});

it('says who may come in when others can', () => {
  const text = renderStart({ ...START, addresses: [{ host: '0.0.0.0', port: 1883 }] });
  expect(text).toContain('anonymous clients: yes (--allow-anonymous)');
  expect(text).not.toContain('only this machine');
});

it('says why it takes fewer clients than were asked for', () => {
  const text = renderStart({ ...START, addresses: LOOPBACK, openFilesMax: 1024 });
  expect(text).toMatch(/\n {2}limits: .*\n {2}only 1024 files may be open: .*ulimit -n/);
});

it('writes all addresses as they are asked for', () => {
  const text = renderStart({ ...START, addresses: [{ host: '::', port: 1883 }] });
  expect(text).toContain('  mqtt://*:1883   anonymous');
});
