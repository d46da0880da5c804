import process from 'node:process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BrokerProcess, MQTTK } from '../support/broker-process.ts';
import { Child, run } from '../support/child.ts';
import { hex } from '../support/hex.ts';
import { politely, type Script, ScriptedServer } from '../support/scripted-server.ts';

let broker: BrokerProcess;
let retained: BrokerProcess;
beforeAll(async () => {
  broker = await BrokerProcess.start('--log-subscriptions');
  retained = await BrokerProcess.start();
  await pubTo(retained.port, '-t', 'j', '-m', '{"a":1}', '-r', '-q', '1');
});
afterAll(async () => {
  await broker.stop();
  await retained.stop();
});

function words(command: string, port: string, rest: readonly string[]): string[] {
  return [MQTTK, command, '-h', '127.0.0.1', '-p', port, ...rest];
}

function pubTo(port: string, ...rest: readonly string[]) {
  return run(process.execPath, words('pub', port, rest));
}

function pub(...rest: readonly string[]) {
  return pubTo(broker.port, ...rest);
}

function sub(port: string, ...rest: readonly string[]) {
  return run(process.execPath, words('sub', port, rest));
}

let count = 0;
/** Starts `mqttk sub`, and waits until the broker has its subscription. */
async function subscribed(...rest: readonly string[]): Promise<Child> {
  count += 1;
  const id = `sub${count}`;
  const child = new Child(process.execPath, words('sub', broker.port, ['-i', id, ...rest]));
  await broker.child.says('err', new RegExp(`subscribe client="${id}"`));
  return child;
}

const DONE = { code: 0, signal: null, out: '', err: '' };

it('1: publishes a message', async () => {
  expect(await pub('-t', 'a', '-m', 'hi')).toEqual(DONE);
});

it.each<[string, string[], string[], string]>([
  ['2: payload', ['-C', '1'], ['-m', 'hi'], 'hi\n'],
  ['3: empty with topic', ['-v', '-C', '1'], ['-n'], 'TOPIC (null)\n'],
  ['4: no newline', ['-N', '-C', '1'], ['-m', 'hi'], 'hi'],
  ['11: NUL', ['-C', '1', '-0'], ['-m', 'x\ny'], 'TOPIC\0x\ny\0'],
  ['random, by template', ['-C', '1'], ['-m', '{{rand 5 5}}', '--template'], '5\n'],
])('%s', async (name, subWords, pubWords, out) => {
  const topic = `c/${name.split(':')[0]}`;
  const child = await subscribed('-t', topic, ...subWords);
  expect(await pub('-t', topic, ...pubWords)).toEqual(DONE);
  expect(await child.ended).toEqual({ code: 0, signal: null });
  expect([child.out, child.err]).toEqual([out.replaceAll('TOPIC', topic), '']);
});

it('40: shows messages of which a condition holds', async () => {
  const child = await subscribed('-t', 'c40/#', '-C', '1', '--where', '.temp > 30', '-v');
  expect(await pub('-t', 'c40/1', '-m', '{"temp":20}')).toEqual(DONE);
  expect(await pub('-t', 'c40/2', '-m', '{"temp":31}')).toEqual(DONE);
  expect(await child.ended).toEqual({ code: 0, signal: null });
  expect([child.out, child.err]).toEqual(['c40/2 {"temp":31}\n', '']);
});

it('says where a condition is wrong', async () => {
  const { code, err } = await sub(broker.port, '-t', 'a', '--where', '.temp >> 30');
  expect(code).toBe(2);
  expect(err).toContain('--where, column 8: a value is expected');
  expect(err).toContain('  why: .temp >> 30\n              ^\n');
});

it('5, 6: shows a retained message in any form', async () => {
  const five = await sub(retained.port, '-t', 'j', '-C', '1', '-F', '%t|%r|%q|%l|%x');
  expect(five).toMatchObject({ code: 0, out: 'j|1|0|7|7b2261223a317d\n', err: '' });
  const six = await sub(retained.port, '-t', 'j', '-C', '1', '-F', '%.2:X %3p|%05l|%-4l|');
  expect(six).toMatchObject({ code: 0, out: '7B:22:61:22:3A:31:7D {"a|00007|7   |\n' });
});

it('7: shows JSON in JSON', async () => {
  const { code, out } = await sub(retained.port, '-t', 'j', '-C', '1', '-F', '%J');
  expect(code).toBe(0);
  expect(out).toContain('"payloadlen":7,"payload":{"a":1}}\n');
});

it('8: says what is no JSON, and goes on', async () => {
  const child = await subscribed('-t', 'c8', '-C', '1', '-F', '%J');
  await pub('-t', 'c8', '-m', 'x');
  expect(await child.ended).toEqual({ code: 0, signal: null });
  expect([child.out, child.err]).toEqual(['', 'error: payload on c8 is not JSON (byte 0)\n']);
});

it('9, 10: writes any payload as valid JSON', async () => {
  const nine = await subscribed('-t', 'c9', '-C', '1', '-F', '%j');
  await pub('-t', 'c9', '--message-hex', '610062');
  await nine.ended;
  expect(nine.out).toContain('"payloadlen":3,"payload":"a\\u0000b"');
  const ten = await subscribed('-t', 'c10', '-C', '1', '--json');
  await pub('-t', 'c10', '--message-hex', 'fffe');
  await ten.ended;
  expect(ten.out).toContain('"length":2,"payload_base64":"//4="');
});

it('12, 13: keeps to the time limit, whatever it waits for', async () => {
  const twelve = await sub(broker.port, '-t', 'x/#', '-W', '1');
  expect(twelve).toMatchObject({ code: 27, out: '' });
  expect(twelve.err).toContain('timed out after 1 s');
  const silent = await ScriptedServer.start(() => {});
  const thirteen = await pubTo(silent.port, '-t', 'a', '-m', 'x', '-W', '1');
  silent.stop();
  expect(thirteen.code).toBe(27);
  expect(thirteen.err).toContain('waiting for CONNACK');
});

/** Runs `mqttk pub` against a server that does as the script says. */
async function against(script: Script, ...rest: readonly string[]) {
  const server = await ScriptedServer.start(script);
  const ended = await pubTo(server.port, '-t', 'a', '-m', 'x', ...rest);
  server.stop();
  return ended;
}

it('17: a broker that closes after CONNACK has lost the message', async () => {
  const script: Script = (_, client) => client.socket.end(hex`20 03 00 00 00`);
  const ended = await against(script, '-q', '1');
  expect(ended.code).toBe(4);
  expect(ended.err).toContain('connection lost');
});

it('18, 19, 20: goes back to 3.1.1 only where nothing needs 5.0', async () => {
  const old: Script = (packet, client) => {
    if (client.level === 4) politely()(packet, client);
    else client.socket.end(hex`20 02 00 01`);
  };
  const eighteen = await against(old);
  expect(eighteen.code).toBe(0);
  expect(eighteen.err).toContain('speaks MQTT 3.1.1');
  const nineteen = await against(old, '-V', '5');
  expect(nineteen.code).toBe(132);
  expect(nineteen.err).toContain('Unsupported Protocol Version');
  const twenty = await against(old, '-D', 'publish', 'content-type', 't');
  expect(twenty.code).toBe(132);
  expect(twenty.err).toContain('needs MQTT 5');
});

it('25, 27, 28: tells refusals by their codes', async () => {
  const publish = await against(politely({ publish: 0x87 }), '-q', '1', '-u', 'ro', '-P', 'pw');
  expect(publish.code).toBe(135);
  expect(publish.err).toContain('Not authorized (0x87)');
  const server = await ScriptedServer.start(politely({ subscribe: [0x87] }));
  const denied = await sub(server.port, '-u', 'ro', '-P', 'pw', '-t', 'sec/x');
  server.stop();
  expect(denied.code).toBe(135);
  expect(denied.err).toContain('Not authorized');
  const bad = await against((_, client) => client.socket.end(hex`20 03 00 86 00`), '-u', 'ro');
  expect(bad.code).toBe(134);
  expect(bad.err).toContain('Bad User Name or Password');
});

describe('wrong usage', () => {
  it.each<[number, string[], string]>([
    [30, ['-t', 'a/#', '-m', 'x'], 'has a wildcard'],
    [
      31,
      ['-t', 'a', '-m', 'x', '-D', 'publish', 'session-expiry-interval', '1'],
      'allowed in connect, disconnect',
    ],
    [32, ['-t', 'a', '--message-hex', '0g'], 'column 2'],
    [33, ['-t', 'a', '-m', 'x', '-n'], 'one message source'],
    [34, ['-t', 'a'], '-s'],
  ])('%i is told before anything is connected to', async (_, rest, text) => {
    const ended = await pubTo('1', ...rest);
    expect(ended.code).toBe(2);
    expect(ended.err).toContain(text);
  });
});

it('35: sends each line, the empty one and the last without an end too', async () => {
  const child = await subscribed('-t', 'c35', '-C', '3', '--json');
  const lines = words('pub', broker.port, ['-t', 'c35', '-l', '-q', '1']);
  expect(await run(process.execPath, lines, 'x\n\ny')).toEqual(DONE);
  await child.ended;
  const payloads = child.out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line).payload);
  expect(payloads).toEqual(['x', '', 'y']);
});

it('36: shows all that is retained, and ends by itself', async () => {
  const ended = await sub(retained.port, '-t', '#', '--retained-only', '-v');
  expect(ended).toEqual({ ...DONE, out: 'j {"a":1}\n' });
});

it('37: ends without a word when the pipe behind it closes', async () => {
  const child = await subscribed('-t', 'c37');
  const lines = words('pub', broker.port, ['-t', 'c37', '-l']);
  const source = new Child(process.execPath, lines);
  const feeding = setInterval(() => source.process.stdin?.write('x\n'.repeat(1000)), 20);
  await child.says('out', /^x\n/);
  child.process.stdout?.destroy();
  expect(await child.ended).toEqual({ code: 0, signal: null });
  expect(child.err).toBe('');
  clearInterval(feeding);
  await source.stop();
});

it('38: leaves its will unsent, unless it is to be sent at the end, too', async () => {
  const watcher = await subscribed('-t', 'w38', '-C', '1');
  const will = ['-t', 'a38', '--will-topic', 'w38', '--will-payload'];
  const quiet = await subscribed(...will, 'not this');
  expect(await quiet.stop('SIGINT')).toEqual({ code: 0, signal: null });
  const loud = await subscribed(...will, 'gone', '--will-on-exit');
  expect(await loud.stop('SIGINT')).toEqual({ code: 0, signal: null });
  await watcher.ended;
  expect(watcher.out).toBe('gone\n');
});

it('deletes what is retained, and shows it first', async () => {
  for (const topic of ['del/1', 'del/2']) await pub('-t', topic, '-m', topic, '-r', '-q', '1');
  const named = await sub(
    broker.port,
    '-t',
    'del/#',
    '--retained-only',
    '--remove-retained',
    '--dry-run',
  );
  expect(named.out.trim().split('\n').sort()).toEqual(['del/1', 'del/2']);
  const shown = await sub(broker.port, '-t', 'del/#', '--retained-only', '--remove-retained');
  expect(shown.code).toBe(0);
  expect(shown.out.trim().split('\n').sort()).toEqual(['del/1', 'del/2']);
  expect(await sub(broker.port, '-t', 'del/#', '--retained-only')).toEqual(DONE);
});
