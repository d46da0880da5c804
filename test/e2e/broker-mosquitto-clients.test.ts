import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BrokerProcess } from '../support/broker-process.ts';
import { Child, run } from '../support/child.ts';
import { hasPeer } from '../support/peers.ts';

const canRun = hasPeer('mosquitto_pub') && hasPeer('mosquitto_sub');
const VERSIONS = ['mqttv31', 'mqttv311', 'mqttv5'] as const;
const QOS = ['0', '1', '2'] as const;

let broker: BrokerProcess;
beforeAll(async () => {
  broker = await BrokerProcess.start('-v');
});
afterAll(() => broker.stop());

/** Starts mosquitto_sub, and waits until the broker has its subscription. */
async function subscribe(id: string, ...words: readonly string[]): Promise<Child> {
  const child = new Child('mosquitto_sub', ['-p', broker.port, '-i', id, ...words]);
  await broker.child.says('err', new RegExp(`subscribe client="${id}"`));
  return child;
}

async function publish(...words: readonly string[]): Promise<void> {
  const { code, err } = await run('mosquitto_pub', ['-p', broker.port, ...words]);
  expect([code, err]).toEqual([0, '']);
}

describe.runIf(canRun)('mosquitto_pub and mosquitto_sub', () => {
  for (const from of VERSIONS) {
    for (const to of VERSIONS) {
      it.each(QOS)(`exchange messages, ${from} to ${to}, QoS %s`, async (qos) => {
        const id = `${from}-${to}-${qos}`.replaceAll('mqttv', 'v');
        const words = ['-V', to, '-t', `${id}/+`, '-q', qos, '-C', '2', '-v'];
        const subscriber = await subscribe(id, ...words);
        await publish('-V', from, '-t', `${id}/a`, '-m', 'one', '-q', qos);
        await publish('-V', from, '-t', `${id}/b`, '-m', 'zwei: ä', '-q', qos);
        expect(await subscriber.ended).toMatchObject({ code: 0 });
        expect(subscriber.out).toBe(`${id}/a one\n${id}/b zwei: ä\n`);
      });
    }
  }

  it.each(VERSIONS)('get and clear retained messages with %s', async (version) => {
    const topic = `retained/${version}`;
    await publish('-V', version, '-t', topic, '-m', 'kept', '-r', '-q', '1');
    const words = ['-p', broker.port, '-V', version, '-t', topic, '-F', '%r %p', '-C', '1'];
    expect(await run('mosquitto_sub', words)).toMatchObject({ code: 0, out: '1 kept\n' });
    await publish('-V', version, '-t', topic, '-n', '-r');
    expect(await run('mosquitto_sub', [...words, '-W', '1'])).toMatchObject({ code: 27, out: '' });
  });

  it.each(VERSIONS)('hear of a will when its client is killed, with %s', async (version) => {
    const topic = `will/${version}`;
    const watcher = await subscribe(`watch-${version}`, '-t', topic, '-C', '1');
    const will = ['--will-topic', topic, '--will-payload', 'gone', '--will-qos', '1'];
    const client = await subscribe(`dies-${version}`, '-V', version, '-t', 'x', ...will);
    await client.stop('SIGKILL');
    expect(await watcher.ended).toMatchObject({ code: 0 });
    expect(watcher.out).toBe('gone\n');
  });

  it.each(VERSIONS)('find what came while they were away, with %s', async (version) => {
    const id = `away-${version}`;
    const topic = `session/${version}`;
    const stays = version === 'mqttv5' ? ['-c', '-x', '60'] : ['-c'];
    const words = ['-V', version, ...stays, '-t', topic, '-q', '2'];
    const first = await subscribe(id, ...words, '-E');
    expect(await first.ended).toMatchObject({ code: 0 });
    await publish('-t', topic, '-m', 'one', '-q', '1');
    await publish('-t', topic, '-m', 'two', '-q', '2');
    const again = ['-p', broker.port, '-i', id, ...words, '-C', '2'];
    expect(await run('mosquitto_sub', again)).toMatchObject({ code: 0, out: 'one\ntwo\n' });
  });

  it('keep the order of many messages', async () => {
    const lines = Array.from({ length: 2000 }, (_, n) => `line ${n}\n`).join('');
    const subscriber = await subscribe('many', '-t', 'many', '-q', '1', '-C', '2000');
    const publisher = ['-p', broker.port, '-t', 'many', '-q', '1', '-l'];
    expect(await run('mosquitto_pub', publisher, lines)).toMatchObject({ code: 0 });
    expect(await subscriber.ended).toMatchObject({ code: 0 });
    expect(subscriber.out).toBe(lines);
  });
});
