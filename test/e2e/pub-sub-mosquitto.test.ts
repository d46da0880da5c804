import { Buffer } from 'node:buffer';
import process from 'node:process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MQTTK } from '../support/broker-process.ts';
import { Child, run } from '../support/child.ts';
import { Mosquitto } from '../support/mosquitto.ts';
import { hasPeer } from '../support/peers.ts';

const canRun = hasPeer('mosquitto');
const VERSIONS = ['5', '311', '31'] as const;
const QOS = ['0', '1', '2'] as const;

describe.runIf(canRun)('pub and sub with mosquitto', () => {
  let broker: Mosquitto;
  beforeAll(async () => {
    broker = await Mosquitto.start();
  });
  afterAll(() => broker.stop());

  function where(): string[] {
    return ['-h', '127.0.0.1', '-p', broker.port];
  }

  function pub(words: readonly string[], input: string | Uint8Array = '') {
    return run(process.execPath, [MQTTK, 'pub', ...where(), ...words], input);
  }

  /** Starts `mqttk sub`, and waits until the broker has its subscription. */
  async function sub(id: string, ...words: readonly string[]): Promise<Child> {
    const child = new Child(process.execPath, [MQTTK, 'sub', ...where(), '-i', id, ...words]);
    await broker.child.says('err', new RegExp(`Sending SUBACK to ${id}\\b`));
    return child;
  }

  const DONE = { code: 0, signal: null, out: '', err: '' };

  for (const version of VERSIONS) {
    it.each(QOS)(`exchange messages with -V ${version}, QoS %s`, async (qos) => {
      const id = `v${version}q${qos}`;
      const words = ['-V', version, '-q', qos];
      const child = await sub(id, ...words, '-t', `${id}/+`, '-C', '2', '-v');
      expect(await pub([...words, '-t', `${id}/a`, '-m', 'zwei: ä'])).toEqual(DONE);
      expect(await pub([...words, '-t', `${id}/b`, '-n'])).toEqual(DONE);
      expect(await child.ended).toEqual({ code: 0, signal: null });
      expect([child.out, child.err]).toEqual([`${id}/a zwei: ä\n${id}/b (null)\n`, '']);
    });

    it(`keep and hide retained messages with -V ${version}`, async () => {
      const topic = `kept/${version}`;
      const words = ['-V', version, '-t', topic];
      expect(await pub([...words, '-m', 'kept', '-r', '-q', '1'])).toEqual(DONE);
      const child = await sub(`k${version}`, ...words, '-C', '1', '--json');
      await child.ended;
      expect(JSON.parse(child.out)).toMatchObject({ topic, retain: true, payload: 'kept' });
      const hiding = await sub(`h${version}`, ...words, '-R', '-C', '1');
      expect(await pub([...words, '-m', 'live'])).toEqual(DONE);
      await hiding.ended;
      expect(hiding.out).toBe('live\n');
      expect(await pub([...words, '-n', '-r'])).toEqual(DONE);
      const none = await run(process.execPath, [MQTTK, 'sub', ...where(), ...words, '-W', '0.5']);
      expect(none).toMatchObject({ code: 27, out: '' });
      expect(none.err).toContain('timed out after 0.5 s waiting for messages: 0 received');
    });
  }

  it.each(QOS)('carry 20,000 lines in order at QoS %s, whatever they hold', async (qos) => {
    const lines = Array.from({ length: 20_000 }, (_, n) => `line ${n} \t\r\u0001`);
    const topic = `lines/${qos}`;
    const child = await sub(`lines${qos}`, '-t', topic, '-q', qos, '-C', '20000');
    expect(await pub(['-t', topic, '-q', qos, '-l'], lines.join('\n'))).toEqual(DONE);
    await child.ended;
    expect(child.out === `${lines.join('\n')}\n`).toBe(true);
  });

  it('carry a large file as one message, byte for byte', async () => {
    const bytes = new Uint8Array(5_000_000).map((_, index) => (index * 7) & 0xff);
    const child = await sub('file', '-t', 'file', '-q', '2', '-C', '1', '--json');
    expect(await pub(['-t', 'file', '-s', '-q', '2'], bytes)).toEqual(DONE);
    await child.ended;
    const { length, payload_base64: payload } = JSON.parse(child.out);
    expect(length).toBe(bytes.length);
    expect(Buffer.from(payload, 'base64').equals(bytes)).toBe(true);
  });

  it('end a subscriber whose pipe is closed, without a word', async () => {
    const child = await sub('pipe', '-t', 'pipe');
    child.process.stdout?.destroy();
    for (let count = 0; count < 3; count += 1) await pub(['-t', 'pipe', '-m', 'x']);
    expect(await child.ended).toEqual({ code: 0, signal: null });
    expect(child.err).toBe('');
    await broker.child.says('err', /Received DISCONNECT from pipe\b/);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)(
    'end a subscriber by %s with a goodbye',
    async (signal) => {
      const child = await sub(`by${signal}`, '-t', 'x');
      expect(await child.stop(signal)).toEqual({ code: 0, signal: null });
      expect([child.out, child.err]).toEqual(['', '']);
      await broker.child.says('err', new RegExp(`Received DISCONNECT from by${signal}\\b`));
    },
  );

  it('send each line of a terminal-like input as it comes, and keep alive meanwhile', async () => {
    const child = await sub('slow', '-t', 'slow', '-C', '2');
    const words = [MQTTK, 'pub', ...where(), '-i', 'slowpub', '-k', '1', '-t', 'slow', '-l'];
    const publisher = new Child(process.execPath, words);
    publisher.process.stdin?.write('one\n');
    await child.says('out', /one\n/);
    await broker.child.says('err', /Received PINGREQ from slowpub/);
    publisher.feed('two');
    expect(await publisher.ended).toEqual({ code: 0, signal: null });
    await child.ended;
    expect(child.out).toBe('one\ntwo\n');
  });

  it('fail with exit 3 where nobody listens', async () => {
    const words = ['pub', '-h', '127.0.0.1', '-p', '1', '-t', 'a', '-m', 'x'];
    const { code, out, err } = await run(process.execPath, [MQTTK, ...words]);
    expect({ code, out }).toEqual({ code: 3, out: '' });
    expect(err).toContain('cannot connect to 127.0.0.1:1: connection refused');
  });
});

describe.runIf(canRun)('pub and sub with a mosquitto that wants a password', () => {
  it('fail with exit 135', async () => {
    const broker = await Mosquitto.start('allow_anonymous false');
    const where = ['-h', '127.0.0.1', '-p', broker.port];
    const ended = await run(process.execPath, [MQTTK, 'pub', ...where, '-t', 'a', '-m', 'x']);
    expect(ended.code).toBe(135);
    expect(ended.err).toContain('Not authorized (0x87)');
    const old = ['sub', ...where, '-V', '311', '-t', 'a'];
    expect(await run(process.execPath, [MQTTK, ...old])).toMatchObject({ code: 135, out: '' });
    await broker.stop();
  });

  it('fail with exit 4 when it goes away, and they are not to come back', async () => {
    const broker = await Mosquitto.start();
    const where = ['-h', '127.0.0.1', '-p', broker.port, '-i', 'left'];
    const child = new Child(process.execPath, [
      MQTTK,
      'sub',
      ...where,
      '-V',
      '311',
      '-t',
      'a',
      '--no-reconnect',
    ]);
    await broker.child.says('err', /Sending SUBACK to left/);
    await broker.stop();
    expect(await child.ended).toEqual({ code: 4, signal: null });
    expect(child.err).toContain('connection lost');
  });
});
