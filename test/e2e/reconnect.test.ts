import process from 'node:process';
import { describe, expect, it } from 'vitest';
import { BrokerProcess, MQTTK } from '../support/broker-process.ts';
import { Child } from '../support/child.ts';
import { CuttingProxy } from '../support/cutting-proxy.ts';
import { Mosquitto } from '../support/mosquitto.ts';
import { hasPeer } from '../support/peers.ts';

const LINES = Array.from({ length: 20_000 }, (_, n) => String(n));

function mqttk(words: readonly string[]): Child {
  return new Child(process.execPath, [MQTTK, ...words]);
}

/** The lines as they came first: what came twice counts once. */
function firstTimes(out: string): string[] {
  return [...new Set(out.trimEnd().split('\n'))];
}

it('pub and sub outlive a broker that is killed, and say so', async () => {
  const broker = await BrokerProcess.start('--log-subscriptions');
  const where = ['-h', '127.0.0.1', '-p', broker.port];
  const sub = mqttk(['sub', ...where, '-t', 'a']);
  await broker.child.says('err', /subscribe/);
  const pub = mqttk(['pub', ...where, '-t', 'a', '-q', '1', '-l']);
  pub.process.stdin?.write('one\n');
  await sub.says('out', /one\n/);
  await broker.child.stop('SIGKILL');
  await sub.says('err', /connection lost \(.*\); retrying\n/);
  await pub.says('err', /connection lost \(.*\); retrying\n/);
  const later = await BrokerProcess.start('-p', broker.port, '--log-subscriptions');
  await sub.says('err', /reconnected after \d+\.\d s\nmessages sent meanwhile are lost \(-c -i ID/);
  await later.child.says('err', /subscribe/);
  pub.feed('two');
  expect(await pub.ended).toEqual({ code: 0, signal: null });
  await sub.says('out', /two\n/);
  expect(await sub.stop('SIGINT')).toEqual({ code: 0, signal: null });
  // The ack of the first line may have died with the broker.
  expect(firstTimes(sub.out)).toEqual(['one', 'two']);
  await later.stop();
});

it('sub waits for a broker that is not there yet', async () => {
  const broker = await BrokerProcess.start('--log-subscriptions');
  await broker.stop();
  const where = ['-h', '127.0.0.1', '-p', broker.port];
  const sub = mqttk(['sub', ...where, '-t', 'a', '-C', '1', '--wait-for-broker']);
  await sub.says('err', /connection refused; retrying/);
  const later = await BrokerProcess.start('-p', broker.port, '--log-subscriptions');
  await sub.says('err', /connected after/);
  await later.child.says('err', /subscribe/);
  await mqttk(['pub', ...where, '-t', 'a', '-m', 'x']).ended;
  expect(await sub.ended).toEqual({ code: 0, signal: null });
  await later.stop();
});

it('a second client of the same id is named, exit 142', async () => {
  const broker = await BrokerProcess.start('--log-subscriptions');
  const words = ['sub', '-h', '127.0.0.1', '-p', broker.port, '-i', 'twin', '-t', 'a'];
  const first = mqttk(words);
  await broker.child.says('err', /subscribe/);
  const second = mqttk(words);
  expect(await first.ended).toEqual({ code: 142, signal: null });
  expect(first.err).toContain('another client of ');
  expect(first.err).toContain('is using the id "twin"');
  await second.stop();
  await broker.stop();
});

it('each line comes once at QoS 2, in order, however often both connections are cut', async () => {
  const broker = await BrokerProcess.start('--log-subscriptions', '--max-queue-messages', '100000');
  const proxy = await CuttingProxy.start(broker.port);
  const where = ['-h', '127.0.0.1', '-p', proxy.port, '-q', '2', '-c'];
  const sub = mqttk(['sub', ...where, '-i', 'sink', '-t', 'n', '-C', String(LINES.length)]);
  await broker.child.says('err', /subscribe/);
  const pub = mqttk(['pub', ...where, '-i', 'source', '-t', 'n', '-l']);
  pub.feed(LINES.join('\n'));
  for (const seen of ['300', '4000', '9000']) {
    await sub.says('out', new RegExp(`\\n${seen}\\n`));
    proxy.cut();
  }
  expect(await pub.ended).toEqual({ code: 0, signal: null });
  expect(await sub.ended).toEqual({ code: 0, signal: null });
  expect(sub.out === `${LINES.join('\n')}\n`).toBe(true);
  expect(sub.err).not.toContain('lost (-c');
  proxy.stop();
  await broker.stop();
});

describe.runIf(hasPeer('mosquitto'))('pub -l over a restart of mosquitto', () => {
  // At QoS 2 as well mosquitto 2.0 sends some again that it had a PUBREC for.
  it.each(['1', '2'])('loses no line at QoS %s, and keeps their order', async (qos) => {
    const broker = await Mosquitto.start('max_queued_messages 0', 'max_inflight_messages 100');
    const where = ['-h', '127.0.0.1', '-p', broker.port];
    const durable = ['-q', qos, '-c', '-i', 'durable'];
    const sub = mqttk(['sub', ...where, ...durable, '-t', 'n']);
    await broker.child.says('err', /Sending SUBACK to durable/);
    const pub = mqttk(['pub', ...where, '-t', 'n', '-q', qos, '-c', '-i', 'source', '-l']);
    pub.feed(LINES.join('\n'));
    await sub.says('out', /\n1000\n/);
    await broker.restart();
    expect(await pub.ended).toEqual({ code: 0, signal: null });
    await sub.says('out', /\n19999\n/);
    await sub.stop('SIGINT');
    expect(firstTimes(sub.out)).toEqual(LINES);
    await broker.stop();
  });
});
