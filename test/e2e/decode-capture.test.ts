import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterAll, describe, expect, it } from 'vitest';
import { BrokerProcess, MQTTK } from '../support/broker-process.ts';
import { Child, run } from '../support/child.ts';
import { hasPeer } from '../support/peers.ts';

const isRoot = process.getuid?.() === 0;
if (!isRoot) process.stderr.write('tests with tcpdump are passed over: only root may capture\n');
const PEERS = ['tcpdump', 'tshark', 'mosquitto_pub', 'xxd', 'hexdump'] as const;
const canRun = isRoot && PEERS.every(hasPeer);
const folder = mkdtempSync(join(tmpdir(), 'mqttk-capture-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** The client's and the broker's bytes of one real exchange, in the order of their segments. */
async function captureExchange(): Promise<string> {
  const broker = await BrokerProcess.start();
  const file = join(folder, 'exchange.pcap');
  const filter = `tcp port ${broker.port}`;
  const dump = new Child('tcpdump', ['-i', 'lo', '--immediate-mode', '-U', '-w', file, filter]);
  await dump.says('err', /listening on/);
  const words = ['-p', broker.port, '-V', 'mqttv5', '-t', 'a/b', '-m', 'hallo', '-q', '2'];
  const published = await run('mosquitto_pub', [...words, '-i', 'c', '-u', 'u', '-P', 'sesame']);
  expect(published).toMatchObject({ code: 0, err: '' });
  await dump.says('err', /listening on/);
  await broker.stop();
  await dump.stop('SIGINT');
  const read = ['-r', file, '-T', 'fields', '-e', 'tcp.payload'];
  const { out } = await run('tshark', read);
  return out.replaceAll(/\n+/g, '\n');
}

const SUMMARY = `\
1 - C>S 1 CONNECT v=5 id=c ka=60 clean=1 user=u
2 - S>C 1 CONNACK sp=0 rc=0x00 answers=1
3 - ? 1 PUBLISH q=2 id=1 r=0 d=0 topic=a/b len=5
4 - ? 1 PUBREC id=1 rc=0x10 answers=3
5 - ? 1 PUBREL id=1 rc=0x00 answers=4
6 - ? 1 PUBCOMP id=1 rc=0x00 answers=5
7 - ? 1 DISCONNECT rc=0x00
`;

describe.runIf(canRun)('a real exchange, captured by tcpdump', () => {
  it('is decoded whole, as hex, as a hex dump and raw, and hides the password', async () => {
    const hex = await captureExchange();
    const raw = join(folder, 'exchange.bin');
    writeFileSync(raw, Buffer.from(hex.replaceAll(/\s/g, ''), 'hex'));
    const dump = await run('xxd', [raw]);
    const canonical = await run('hexdump', ['-C', raw]);
    for (const input of [hex, dump.out, canonical.out]) {
      const decoded = await run(process.execPath, [MQTTK, 'decode', '--summary'], input);
      expect(decoded).toMatchObject({ code: 0, out: SUMMARY });
    }
    const whole = await run(process.execPath, [MQTTK, 'decode', raw]);
    expect(whole).toMatchObject({ code: 0 });
    expect(whole.out).toContain('password: 6 bytes, hidden');
    expect(whole.out).not.toContain('sesame');
  }, 30_000);
});
