import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BrokerProcess } from '../support/broker-process.ts';
import { Child, run } from '../support/child.ts';
import { hasPeer } from '../support/peers.ts';

const canRun = hasPeer('mosquitto_pub') && hasPeer('mosquitto_sub') && hasPeer('mosquitto_rr');

// What is to leave is killed: mosquitto_sub says its DISCONNECT within the handler of SIGTERM, and
// stays for ever where the signal has met it in the middle of its own loop.
let broker: BrokerProcess;
beforeAll(async () => {
  broker = await BrokerProcess.start('-v', '--max-keep-alive', '40');
});
afterAll(() => broker.stop());

/** Starts mosquitto_sub of 5.0, and waits until the broker has its subscription. */
async function subscribe(id: string, ...words: readonly string[]): Promise<Child> {
  const child = new Child('mosquitto_sub', ['-p', broker.port, '-V', '5', '-i', id, ...words]);
  await broker.child.says('err', new RegExp(`subscribe client="${id}"`));
  return child;
}

async function publish(...words: readonly string[]): Promise<void> {
  const { code, err } = await run('mosquitto_pub', ['-p', broker.port, '-V', '5', ...words]);
  expect([code, err]).toEqual([0, '']);
}

/** An option of mosquitto's clients that sets a property. */
function property(packet: string, name: string, ...values: readonly string[]): string[] {
  return ['-D', packet, name, ...values];
}

describe.runIf(canRun)('mosquitto_pub and mosquitto_sub with MQTT 5.0', () => {
  it('share a subscription: each message goes to one member', async () => {
    const words = ['-q', '1', '-C', '2', '-t', '$share/g/shared/#'];
    const members = [await subscribe('member-1', ...words), await subscribe('member-2', ...words)];
    for (const n of [1, 2, 3, 4]) await publish('-t', 'shared/x', '-m', `${n}`, '-q', '1');
    for (const { ended } of members) expect(await ended).toMatchObject({ code: 0 });
    const got = members.flatMap(({ out }) => out.trim().split('\n'));
    expect(got.sort()).toEqual(['1', '2', '3', '4']);
  });

  it('share a subscription: who stays gets what the one that left does not', async () => {
    const words = ['-q', '1', '-t', '$share/h/left/#'];
    const leaver = await subscribe('leaves', ...words);
    const stayer = await subscribe('stays', ...words, '-C', '3');
    await leaver.stop('SIGKILL');
    await broker.child.says('err', /connection_lost client="leaves"/);
    for (const n of [1, 2, 3]) await publish('-t', 'left/x', '-m', `${n}`, '-q', '1');
    expect(await stayer.ended).toMatchObject({ code: 0 });
    expect(stayer.out).toBe('1\n2\n3\n');
  });

  it('see user properties in their order, and the content type', async () => {
    const watcher = await subscribe('properties', '-t', 'props', '-C', '1', '-F', '%C|%P');
    const properties = [
      ...property('publish', 'user-property', 'z', 'first'),
      ...property('publish', 'user-property', 'a', 'second'),
      ...property('publish', 'user-property', 'z', 'third'),
      ...property('publish', 'content-type', 'text/plain'),
    ];
    await publish('-t', 'props', '-m', 'x', ...properties);
    expect(await watcher.ended).toMatchObject({ code: 0 });
    expect(watcher.out).toBe('text/plain|z:first a:second z:third\n');
  });

  it('send by topic alias', async () => {
    const watcher = await subscribe('alias', '-t', 'a/long/topic', '-C', '1', '-v');
    const alias = property('publish', 'topic-alias', '3');
    await publish('-t', 'a/long/topic', '-m', 'one', '-q', '1', ...alias);
    expect(await watcher.ended).toMatchObject({ code: 0 });
    expect(watcher.out).toBe('a/long/topic one\n');
  });

  it("hear how much of a message's expiry is left, and nothing of one that is over", async () => {
    const expiry = (seconds: string) => property('publish', 'message-expiry-interval', seconds);
    await publish('-t', 'expiry/long', '-m', 'x', '-r', ...expiry('100'));
    await publish('-t', 'expiry/short', '-m', 'y', '-r', ...expiry('1'));
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    const words = ['-p', broker.port, '-V', '5', '-t', 'expiry/#', '-F', '%p %E', '-W', '1'];
    const { out } = await run('mosquitto_sub', words);
    const [, payload = '', left = ''] = /^(\w) (\d+)\n$/.exec(out) ?? [];
    expect(payload).toBe('x');
    // Some seconds have passed, however loaded the machine is; a minute has not.
    expect(Number(left)).toBeLessThan(100);
    expect(Number(left)).toBeGreaterThan(40);
  });

  it('tell subscriptions apart by their identifier', async () => {
    const identifier = property('subscribe', 'subscription-identifier', '42');
    const watcher = await subscribe('ids', '-t', 'ids', '-C', '1', '-F', '%S %p', ...identifier);
    await publish('-t', 'ids', '-m', 'x');
    expect(await watcher.ended).toMatchObject({ code: 0 });
    expect(watcher.out).toBe('42 x\n');
  });

  it('see the retain flag of what was kept, and as published if they ask', async () => {
    await publish('-t', 'flag', '-m', 'kept', '-r', '-q', '1');
    const words = ['-t', 'flag', '-C', '2', '-F', '%r %p'];
    const plain = await subscribe('plain', ...words);
    const asIs = await subscribe('as-is', ...words, '--retain-as-published');
    await publish('-t', 'flag', '-m', 'new', '-r', '-q', '1');
    for (const { ended } of [plain, asIs]) expect(await ended).toMatchObject({ code: 0 });
    expect(plain.out).toBe('1 kept\n0 new\n');
    expect(asIs.out).toBe('1 kept\n1 new\n');
  });

  it('ask a request, and get the response by its correlation', async () => {
    const server = await subscribe('server', '-t', 'ask', '-C', '1', '-F', '%R %D');
    const request = ['-p', broker.port, '-V', '5', '-i', 'rr', '-t', 'ask', '-e', 'answer/rr'];
    const data = property('publish', 'correlation-data', 'k7');
    const client = new Child('mosquitto_rr', [...request, '-m', 'what?', '-W', '10', ...data]);
    expect(await server.ended).toMatchObject({ code: 0 });
    expect(server.out).toBe('answer/rr k7\n');
    await publish('-t', 'answer/rr', '-m', 'this', ...data);
    expect(await client.ended).toMatchObject({ code: 0 });
    expect(client.out).toBe('this\n');
  });

  it('hear of a will once its delay is over, and not if the client is back before', async () => {
    const will = (id: string, topic: string, seconds: string) => [
      ...['--will-topic', topic, '--will-payload', id, '-t', 'x', '-c', '-x', '60'],
      ...property('will', 'will-delay-interval', seconds),
    ];
    const watcher = await subscribe('wills', '-t', 'wills/#', '-C', '1');
    const returns = await subscribe('returns', ...will('returns', 'wills/returns', '1'));
    await returns.stop('SIGKILL');
    await broker.child.says('err', /connection_lost client="returns"/);
    const back = await subscribe('returns', '-t', 'y', '-c', '-x', '60');
    const dies = await subscribe('dies', ...will('dies', 'wills/dies', '2'));
    await dies.stop('SIGKILL');
    expect(await watcher.ended).toMatchObject({ code: 0 });
    // Its own delay was over by then.
    expect(watcher.out).toBe('dies\n');
    await back.stop('SIGKILL');
  });

  it('are given a client id, and the keep alive that holds', async () => {
    const words = ['-p', broker.port, '-V', '5', '-t', 'q', '-k', '300', '-u', 'nameless'];
    const child = new Child('mosquitto_sub', words);
    const connect = /connect client="(auto-\w+)" .* user="nameless" .*keepalive=40 /;
    const [, id = ''] = await broker.child.says('err', connect);
    await broker.child.says('err', new RegExp(`subscribe client="${id}"`));
    await child.stop('SIGKILL');
  });

  it('get no message that is larger than what they take', async () => {
    const limit = property('connect', 'maximum-packet-size', '60');
    const watcher = await subscribe('small', '-t', 'size', '-q', '1', '-C', '1', ...limit);
    await publish('-t', 'size', '-m', 'x'.repeat(100), '-q', '1');
    await publish('-t', 'size', '-m', 'fits', '-q', '1');
    expect(await watcher.ended).toMatchObject({ code: 0 });
    expect(watcher.out).toBe('fits\n');
  });

  it('keep a session as long as they ask', async () => {
    const words = ['-V', '5', '-t', 'keeps', '-q', '1', '-c'];
    const keeps = await subscribe('keeps', ...words, '-x', '60', '-E');
    await keeps.ended;
    const forgets = await subscribe('forgets', ...words, '-x', '0', '-E');
    await forgets.ended;
    await publish('-t', 'keeps', '-m', 'meanwhile', '-q', '1');
    const again = (id: string) =>
      run('mosquitto_sub', ['-p', broker.port, '-i', id, ...words, '-x', '0', '-W', '1']);
    expect(await again('keeps')).toMatchObject({ out: 'meanwhile\n' });
    expect(await again('forgets')).toMatchObject({ out: '' });
  });
});
