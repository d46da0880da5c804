import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runProgram } from '../../src/cli/program.ts';
import { carelessly } from '../support/careless-broker.ts';
import { LivePlatform, until } from '../support/live-platform.ts';
import { politely, type Script, ScriptedServer } from '../support/scripted-server.ts';

let server: ScriptedServer;
let script: Script;
beforeEach(async () => {
  script = carelessly(() => 1);
  server = await ScriptedServer.start((packet, client) => script(packet, client));
});
afterEach(() => server.stop());

/** Runs `mqttk bench` against the server of the test. */
async function bench(line: string, files: Readonly<Record<string, string>> = {}) {
  const platform = new LivePlatform({ files });
  await runProgram(['bench', ...line.split(' '), '-h', '127.0.0.1', '-p', server.port], platform);
  return platform;
}

const TINY = 'fan-in --publishers 2 --count 10';

it('prints a table, and nothing else', async () => {
  const { err, exitCode, out } = await bench(TINY);
  expect([exitCode, err]).toEqual([0, '']);
  expect(out).toMatch(/^fan-in at 127.0.0.1:\d+, MQTT 5.0\n2 publishers, 1 subscriber, QoS 0/);
  expect(out).toMatch(/\nmessages +10 delivered, 0 lost, 0 twice, 0 out of order\n/);
});

it('prints one object with --json', async () => {
  const { out } = await bench(`${TINY} --json`);
  expect(out.trimEnd().split('\n')).toHaveLength(1);
  expect(JSON.parse(out)).toMatchObject({
    v: 1,
    type: 'bench',
    scenario: 'fan-in',
    date: expect.stringMatching(/^2026-11-22T/),
    runtime: 'Node.js on paper',
    settings: { count: 10, publishers: 2, warmup_s: 0 },
    figures: { delivered: 10 },
  });
});

it('publishes below the topic that was given, and a level of its own', async () => {
  await bench(`${TINY} -t mine/x`);
  const topics = new Set(server.of('publish').map(({ topicName }) => topicName));
  expect([...topics].toSorted()).toEqual([
    expect.stringMatching(/^mine\/x\/[0-9a-z]{8}\/0$/),
    expect.stringMatching(/^mine\/x\/[0-9a-z]{8}\/1$/),
  ]);
});

it('connects as pub does: with name, password, version and keep-alive', async () => {
  await bench(`${TINY} -u me -P secret -V 311 -k 7`);
  const connects = server.of('connect');
  expect(connects).toHaveLength(4);
  for (const connect of connects) {
    expect(connect).toMatchObject({ level: 4, userName: 'me', keepAliveSeconds: 7 });
    expect(String(connect.password)).toBe('secret');
    expect(connect.clientId.length).toBeLessThanOrEqual(23);
  }
  expect(new Set(connects.map(({ clientId }) => clientId)).size).toBe(4);
});

describe('what the broker does wrong', () => {
  const half: Script = carelessly(({ payload }) => 1 - (payload.readUInt32BE(4) % 2));

  it('is an exit code and a line if messages of QoS 1 are lost', async () => {
    script = half;
    const { err, exitCode, out } = await bench(`${TINY} -q 1`);
    expect([exitCode, err]).toEqual([1, 'mqttk bench: 4 of 10 messages of QoS 1 lost\n']);
    expect(out).toContain('6 delivered, 4 lost');
  });

  it('is told and no failure at QoS 0', async () => {
    script = half;
    const { exitCode, out } = await bench(TINY);
    expect(exitCode).toBe(0);
    expect(out).toContain('6 delivered, 4 lost');
  });

  it.each([
    ['2', 1, 'mqttk bench: 10 messages of QoS 2 came twice\n'],
    ['1', 0, ''],
  ])('at QoS %s, messages that come twice are exit %i', async (qos, code, said) => {
    script = carelessly(() => 2);
    const { err, exitCode, out } = await bench(`${TINY} -q ${qos}`);
    expect([exitCode, err]).toEqual([code, said]);
    expect(out).toContain('10 twice');
  });

  it('ends the run where it refuses, with its reason', async () => {
    script = politely({ publish: 0x97 });
    const { err, exitCode, out } = await bench(`${TINY} -q 1`);
    expect([exitCode, out]).toEqual([0x97, '']);
    expect(err).toBe('mqttk bench: publish refused: Quota exceeded (0x97)\n');
  });

  it('ends the run where it closes', async () => {
    script = (packet, client) => {
      if (packet.type === 'publish') client.socket.destroy();
      else politely()(packet, client);
    };
    const { err, exitCode } = await bench(TINY);
    expect(exitCode).toBe(4);
    expect(err).toContain('connection lost');
  });
});

describe('usage', () => {
  it.each([
    'fanin',
    'connections -q 1',
    'fan-in --window 5',
    'fan-in --tolerance 5',
    'fan-in --compare none.json',
    'fan-in --broker-pid 0',
    'fan-in more',
    'pairs -V 31 -P x',
  ])('is refused before anything is connected: %s', async (line) => {
    const platform = await bench(line);
    expect([2, 6]).toContain(platform.exitCode);
    expect(platform.err).toMatch(/^mqttk bench: .*\n(?: {2}why: .*\n)?(?: {2}try: .*\n)?$/);
    expect(server.connectionCount).toBe(0);
  });
});

describe('a comparison', () => {
  const TOLERANT = `${TINY} --compare old.json`;

  async function former(over: object): Promise<Readonly<Record<string, string>>> {
    const result = JSON.parse((await bench(`${TINY} --json`)).out);
    return { 'old.json': JSON.stringify({ ...result, figures: { ...result.figures, ...over } }) };
  }

  it('is exit 1 where it became worse', async () => {
    const { err, exitCode, out } = await bench(TOLERANT, await former({ delivered_per_s: 1e12 }));
    expect([exitCode, err]).toEqual([1, 'mqttk bench: worse than before: delivered_per_s\n']);
    expect(out).toContain('\ncompared with old.json, tolerating 10 %\n');
    expect(out).toMatch(/\ndelivered_per_s .* 0\.00 {2}worse\n/);
  });

  it('is exit 0 where it did not', async () => {
    const { exitCode, out } = await bench(
      `${TOLERANT} --tolerance 2.5 --json`,
      await former({ delivered_per_s: 1 }),
    );
    expect(exitCode).toBe(0);
    expect(JSON.parse(out).comparison).toContainEqual({
      figure: 'delivered_per_s',
      before: 1,
      now: expect.any(Number),
      ratio: expect.any(Number),
      regression: false,
    });
  });
});

describe('Ctrl-C', () => {
  const where = () => ['-h', '127.0.0.1', '-p', server.port];

  it('shows what was measured so far, exit 0', async () => {
    const platform = new LivePlatform();
    const words = ['fan-in', '--warmup', '0', '--duration', '1h', '--ahead', '5', ...where()];
    const done = runProgram(['bench', ...words], platform);
    await until(() => server.of('publish').length > 100);
    platform.sendSignal('SIGINT');
    await done;
    expect(platform.exitCode).toBe(0);
    expect(platform.out).toContain('0 lost');
    expect(platform.out).toContain('note: interrupted');
  });

  it('ends by the signal where nothing was measured', async () => {
    const platform = new LivePlatform();
    const words = ['fan-in', '--warmup', '1h', '--ahead', '5', ...where()];
    const done = runProgram(['bench', ...words], platform);
    await until(() => server.of('publish').length > 100);
    platform.sendSignal('SIGTERM');
    await done;
    expect(platform.transcript).toBe('exit by SIGTERM\nexit 143\n');
  });
});
