import { Buffer } from 'node:buffer';
import { afterEach, describe, expect, it } from 'vitest';
import { runProgram } from '../../src/cli/program.ts';
import { deferred } from '../support/deferred.ts';
import { publishPacket } from '../support/packets.ts';
import { RecordedPlatform, type Surroundings } from '../support/recorded-platform.ts';
import { politely, type Script, ScriptedServer } from '../support/scripted-server.ts';

let server: ScriptedServer | undefined;
afterEach(() => server?.stop());

/** Runs `mqttk sub` against a server of the test, to its end. */
async function sub(script: Script, words: readonly string[], surroundings: Surroundings = {}) {
  server = await ScriptedServer.start(script);
  const platform = new RecordedPlatform(surroundings);
  const where = ['-h', '127.0.0.1', '-p', server.port, '-i', 'me'];
  await runProgram(['sub', ...where, ...words], platform);
  return { platform, server, said: platform.transcript.replaceAll(server.port, 'PORT') };
}

/** Subscribed to, it sends these payloads at QoS 1, and then one at QoS 0. */
function sending(codes: readonly number[] = [], ...payloads: readonly string[]): Script {
  return (packet, client) => {
    politely({ subscribe: codes })(packet, client);
    if (packet.type !== 'subscribe') return;
    for (const [index, text] of payloads.entries()) {
      const payload = Buffer.from(text, 'latin1');
      client.send(publishPacket({ qos: 1, packetId: index + 1, payload }));
    }
    client.send(publishPacket({ payload: Buffer.from('one more') }));
  };
}

describe.each(['5', '311', '31'])('with -V %s', (version) => {
  it('prints what comes, acknowledges it, and ends after -C', async () => {
    const words = ['-V', version, '-t', 'a/#', '-q', '1', '-C', '3'];
    const run = await sub(sending([], 'x', '', 'y'), words);
    expect(run.platform.out).toBe('x\ny\n');
    expect(run.platform.exitCode).toBe(0);
    expect(run.server.of('puback').map(({ packetId }) => packetId)).toEqual([1, 2, 3]);
    expect(run.server.packets.at(-1)?.type).toBe('disconnect');
  });
});

it.each([
  [['-v'], 'a/b x\na/b (null)\n'],
  [['-N'], 'x'],
  [['-v', '-N'], 'a/b x'],
])('prints in the form of %j', async (form, out) => {
  const run = await sub(sending([], 'x', ''), ['-t', 'a/#', '-C', '2', ...form]);
  expect(run.platform.out).toBe(out);
});

it('prints JSON', async () => {
  const run = await sub(sending([], '\xff\xfe'), ['-t', 'a/#', '-C', '1', '--json']);
  expect(JSON.parse(run.platform.out)).toMatchObject({
    v: 1,
    type: 'message',
    ts: expect.stringMatching(/^2026-11-22T10:15:30\.\d{6}Z$/),
    topic: 'a/b',
    packet_id: 1,
    payload_base64: '//4=',
  });
});

it('shows no control characters to a terminal', async () => {
  const run = await sub(sending([], '\x1b[2J'), ['-t', 'a/#', '-C', '1'], { isTerminal: true });
  expect(run.platform.out).toBe('\\x1b[2J\n');
});

it('asks for what it can show, and for no retained messages with -R', async () => {
  const run = await sub(sending([], 'x'), [
    '-t',
    'a',
    '-t',
    '$share/g/b',
    '-q',
    '2',
    '-R',
    '-C',
    '1',
  ]);
  expect(run.server.of('connect')).toMatchObject([{ properties: { receiveMaximum: 1 } }]);
  expect(run.server.of('subscribe')).toMatchObject([
    {
      subscriptions: [
        { topicFilter: 'a', qos: 2, retainHandling: 2 },
        { topicFilter: '$share/g/b', qos: 2, retainHandling: 2 },
      ],
    },
  ]);
});

it('minds no reset after its goodbye', async () => {
  const script: Script = (packet, client) => {
    if (packet.type === 'disconnect') client.socket.resetAndDestroy();
    else sending([], 'x')(packet, client);
  };
  const run = await sub(script, ['-t', 'a', '-C', '1']);
  expect(run.said).toBe('out x\nexit 0\n');
});

it('pairs as many -q as -t', async () => {
  const words = ['-t', 'a', '-q', '2', '-t', 'b', '-q', '1', '-C', '1'];
  const run = await sub(sending([], 'x'), words);
  const [subscribe] = run.server.of('subscribe');
  expect(subscribe?.subscriptions.map(({ qos }) => qos)).toEqual([2, 1]);
});

describe('usage', () => {
  it.each([
    ['a filter that is none', ['-t', 'a/#/b'], '"a/#/b"'],
    ['a share without a name', ['-t', '$share//a'], '$share//a'],
    ['no filter', ['-v'], '-t'],
    ['JSON in another form', ['-t', 'a', '--json', '-v'], '--json and -v'],
    ['a count of none', ['-t', 'a', '-C', '0'], '--count'],
  ])('refuses %s before it connects', async (_, words, text) => {
    const run = await sub(politely(), words);
    expect(run.platform.exitCode).toBe(2);
    expect(run.platform.err).toContain(text);
    expect(run.server.connectionCount).toBe(0);
  });
});

describe('refused filters', () => {
  it('end the run with the first code if there are no others', async () => {
    const run = await sub(sending([0x87, 0x8f]), ['-t', 'a', '-t', 'b']);
    await expect(run.said).toMatchFileSnapshot('golden/sub-denied.txt');
  });

  it('are told, and the exit code in the end, while others go on', async () => {
    const run = await sub(sending([0x87, 1], 'x'), ['-t', 'a', '-t', 'b', '-C', '1']);
    await expect(run.said).toMatchFileSnapshot('golden/sub-partly-denied.txt');
  });

  it('are 0x80 before 5.0', async () => {
    const run = await sub(sending([0x80]), ['-V', '311', '-t', 'a']);
    expect(run.platform.exitCode).toBe(128);
  });

  it('are told as JSON with --json', async () => {
    const run = await sub(sending([0x87]), ['-t', 'a', '--json']);
    expect(JSON.parse(run.platform.err)).toMatchObject({
      v: 1,
      type: 'error',
      code: 135,
      name: 'Not authorized',
    });
  });
});

describe('the end', () => {
  async function running(words: readonly string[], act: (platform: RecordedPlatform) => void) {
    const subscribed = deferred();
    server = await ScriptedServer.start((packet, client) => {
      politely()(packet, client);
      if (packet.type === 'subscribe') subscribed.resolve();
    });
    const platform = new RecordedPlatform();
    const where = ['-h', '127.0.0.1', '-p', server.port];
    const done = runProgram(['sub', ...where, '-t', 'a', ...words], platform);
    await subscribed.promise;
    await new Promise((resolve) => setTimeout(resolve, 50));
    act(platform);
    await done;
    return { platform, server };
  }

  it.each(['SIGINT', 'SIGTERM'] as const)('by %s is a goodbye, and exit 0', async (signal) => {
    const run = await running([], (platform) => platform.sendSignal(signal));
    expect(run.platform.transcript).toBe('exit 0\n');
    expect(run.server.of('disconnect')).toMatchObject([{ reasonCode: 0 }]);
  });

  it('by the time limit is exit 27, with what came', async () => {
    const run = await running(['-W', '5', '-C', '3'], (platform) => platform.advanceTo(5000));
    expect(run.platform.exitCode).toBe(27);
    expect(run.platform.err).toContain('timed out after 5 s waiting for messages: 0 of 3 received');
  });

  it('by a closed pipe is a goodbye, and exit 0 without a word', async () => {
    const run = await running([], (platform) => platform.endOutput());
    expect(run.platform.transcript).toBe('exit 0\n');
    expect(run.server.of('disconnect')).toHaveLength(1);
  });

  it('by the server is exit 4', async () => {
    const run = await running(['--no-reconnect'], () => server?.stop());
    expect(run.platform.exitCode).toBe(4);
    expect(run.platform.err).toContain('connection lost');
  });
});
