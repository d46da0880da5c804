import { Buffer } from 'node:buffer';
import { afterEach, describe, expect, it } from 'vitest';
import { runProgram } from '../../src/cli/program.ts';
import { deferred } from '../support/deferred.ts';
import { hex } from '../support/hex.ts';
import { RecordedPlatform, type Surroundings } from '../support/recorded-platform.ts';
import { politely, type Script, ScriptedServer } from '../support/scripted-server.ts';

let server: ScriptedServer | undefined;
afterEach(() => server?.stop());

/** Runs `mqttk pub` against a server of the test. */
async function pub(script: Script, words: readonly string[], surroundings: Surroundings = {}) {
  server = await ScriptedServer.start(script);
  const platform = new RecordedPlatform(surroundings);
  const where = ['-h', '127.0.0.1', '-p', server.port, '-i', 'me'];
  await runProgram(['pub', ...where, ...words], platform);
  const { port } = server;
  return { platform, server, said: platform.transcript.replaceAll(port, 'PORT') };
}

describe.each([
  ['5', 5],
  ['311', 4],
  ['31', 3],
])('with -V %s', (version, level) => {
  it.each(['0', '1', '2'])('publishes with QoS %s, and says nothing', async (qos) => {
    const words = ['-V', version, '-t', 'a/b', '-q', qos, '-m', 'hi', '-r'];
    const run = await pub(politely(), words);
    expect(run.said).toBe('exit 0\n');
    expect(run.server.of('connect')).toMatchObject([{ level, clientId: 'me' }]);
    expect(run.server.of('publish')).toMatchObject([
      { topicName: 'a/b', qos: Number(qos), isRetained: true, payload: Buffer.from('hi') },
    ]);
    expect(run.server.packets.at(-1)?.type).toBe('disconnect');
  });
});

it('sends each line to each topic, with the QoS of its own', async () => {
  const words = ['-t', 'a', '-q', '0', '-t', 'b', '-q', '1', '-l'];
  const run = await pub(politely(), words, { files: { '-': 'x\n\ny' } });
  const sent = run.server.of('publish').map(({ topicName, payload, qos }) => {
    return `${topicName} ${qos} "${payload}"`;
  });
  expect(sent).toEqual(['a 0 "x"', 'b 1 "x"', 'a 0 ""', 'b 1 ""', 'a 0 "y"', 'b 1 "y"']);
});

it('takes the last QoS for all topics where they do not pair up', async () => {
  const run = await pub(politely(), ['-t', 'a', '-t', 'b', '-q', '0', '-q', '0', '-q', '1', '-n']);
  expect(run.server.of('publish').map(({ qos }) => qos)).toEqual([1, 1]);
});

describe('usage', () => {
  it.each([
    ['a topic with a wildcard', ['-t', 'a/#', '-m', 'x'], 'topic "a/#" has a wildcard'],
    ['no topic', ['-m', 'x'], '-t'],
    ['no message', ['-t', 'a'], '-l'],
    ['two messages', ['-t', 'a', '-m', 'x', '-n'], 'one message source'],
    ['a wrong QoS', ['-t', 'a', '-m', 'x', '-q', '3'], '--qos'],
  ])('refuses %s before it connects', async (_, words, text) => {
    const run = await pub(politely(), words);
    expect(run.platform.exitCode).toBe(2);
    expect(run.platform.err).toContain(text);
    expect(run.server.connectionCount).toBe(0);
  });

  it('opens the file before it connects', async () => {
    const run = await pub(politely(), ['-t', 'a', '-f', 'none']);
    expect(run.platform.exitCode).toBe(6);
    expect(run.server.connectionCount).toBe(0);
  });
});

describe('a refusal', () => {
  it('of a message is told with topic and reason, for each', async () => {
    const words = ['-t', 'sec/x', '-t', 'sec/y', '-q', '1', '-m', 'x', '-u', 'ro'];
    const run = await pub(politely({ publish: 0x87 }), words);
    await expect(run.said).toMatchFileSnapshot('golden/pub-denied.txt');
  });

  it.each(['1', '2'])('at QoS %s is an exit code', async (qos) => {
    const run = await pub(politely({ publish: 0x97 }), ['-t', 'a', '-q', qos, '-m', 'x']);
    expect(run.platform.exitCode).toBe(0x97);
  });

  it('is the exit code if it is the first', async () => {
    const script: Script = (packet, client) => {
      const isFirst = packet.type === 'publish' && packet.packetId === 1;
      politely({ publish: isFirst ? 0x99 : 0x87 })(packet, client);
    };
    const run = await pub(script, ['-t', 'a', '-t', 'b', '-q', '1', '-m', 'x']);
    expect(run.platform.exitCode).toBe(0x99);
  });

  it('of the connection is told with what to do', async () => {
    const refuse: Script = (_, client) => client.socket.end(hex`20 03 00 86 00`);
    const run = await pub(refuse, ['-t', 'a', '-m', 'x']);
    await expect(run.said).toMatchFileSnapshot('golden/pub-bad-password.txt');
  });

  it('by an older broker of an explicit version is told, too', async () => {
    const refuse: Script = (_, client) => client.socket.end(hex`20 02 00 01`);
    const run = await pub(refuse, ['-V', '5', '-t', 'a', '-m', 'x']);
    await expect(run.said).toMatchFileSnapshot('golden/pub-version-refused.txt');
  });

  it('is kept quiet with --quiet, but for its exit code', async () => {
    const run = await pub(politely({ publish: 0x87 }), [
      '-t',
      'a',
      '-q',
      '1',
      '-m',
      'x',
      '--quiet',
    ]);
    expect(run.said).toBe('exit 135\n');
  });
});

it('goes on with 3.1.1 where the broker is older, and says so', async () => {
  const script: Script = (packet, client) => {
    if (client.level === 5) client.socket.write(hex`20 02 00 01`);
    else politely()(packet, client);
  };
  const run = await pub(script, ['-t', 'a', '-m', 'x']);
  await expect(run.said).toMatchFileSnapshot('golden/pub-older-broker.txt');
});

describe('a connection that is lost', () => {
  it('before the ack is exit 4', async () => {
    const script: Script = (packet, client) => {
      if (packet.type === 'connect') politely()(packet, client);
      else client.socket.end();
    };
    const run = await pub(script, ['-t', 'a', '-m', 'x', '-q', '1']);
    await expect(run.said).toMatchFileSnapshot('golden/pub-lost.txt');
  });

  it('by a reset after the goodbye is exit 4 at QoS 0, which nobody has acknowledged', async () => {
    const script: Script = (packet, client) => {
      if (packet.type === 'disconnect') client.socket.resetAndDestroy();
      else politely()(packet, client);
    };
    const run = await pub(script, ['-t', 'a', '-m', 'x', '-q', '0']);
    expect(run.platform.exitCode).toBe(4);
  });

  it('by a reset after the goodbye is nothing to a message that was acknowledged', async () => {
    const script: Script = (packet, client) => {
      if (packet.type === 'disconnect') client.socket.resetAndDestroy();
      else politely()(packet, client);
    };
    const run = await pub(script, ['-t', 'a', '-m', 'x', '-q', '1']);
    expect(run.said).toBe('exit 0\n');
  });
});

describe('over its options', () => {
  it('repeats a message, with a counter, each to a topic of its own', async () => {
    const words = ['-t', 'a/{{seq}}', '-m', 'n{{seq}}', '--repeat', '3', '--template', '-q', '1'];
    const run = await pub(politely(), words);
    const sent = run.server.of('publish').map((each) => `${each.topicName} ${each.payload}`);
    expect(sent).toEqual(['a/1 n1', 'a/2 n2', 'a/3 n3']);
    expect(run.said).toBe('exit 0\n');
  });

  it('gives messages and CONNECT their properties', async () => {
    const words = '-t a -m x --content-type t -D publish user-property a b -x 5 --will-topic w';
    const run = await pub(politely(), words.split(' '));
    expect(run.server.of('publish')[0]?.properties).toMatchObject({
      contentType: 't',
      userProperty: [['a', 'b']],
    });
    expect(run.server.of('connect')[0]).toMatchObject({
      properties: { sessionExpiryInterval: 5 },
      will: { topicName: 'w' },
    });
    expect(run.server.of('disconnect')[0]?.reasonCode).toBe(0);
  });

  it('leaves with 0x04 where the will is wanted at the end, too', async () => {
    const words = '-t a -m x --will-topic w --will-on-exit'.split(' ');
    const run = await pub(politely(), words);
    expect(run.server.of('disconnect')[0]?.reasonCode).toBe(4);
    const old = await pub(politely(), [...words, '-V', '311']);
    expect(old.server.of('disconnect')).toEqual([]);
  });

  it('says which option needs MQTT 5 where the broker has none', async () => {
    const refuse: Script = (_, client) => client.socket.end(hex`20 02 00 01`);
    const words = ['-t', 'a', '-m', 'x', '-D', 'publish', 'content-type', 't'];
    const run = await pub(refuse, words);
    expect(run.platform.exitCode).toBe(132);
    expect(run.platform.err).toContain('-D needs MQTT 5');
    expect(run.server.connectionCount).toBe(1);
  });

  it('takes its connection from the environment, which yields to what is typed', async () => {
    const env = { MQTTK_USERNAME: 'ann', MQTTK_PASSWORD: 'geheim', MQTTK_ID: 'other' };
    const run = await pub(politely(), ['-t', 'a', '-m', 'x'], { env });
    expect(run.server.of('connect')[0]).toMatchObject({ userName: 'ann', clientId: 'me' });
    expect(String(run.server.of('connect')[0]?.password)).toBe('geheim');
    expect(run.said).toBe('exit 0\n');
  });

  it('tells each ack to programs', async () => {
    const words = ['-t', 'a', '-q', '1', '-m', 'x', '--repeat', '2', '--json'];
    const run = await pub(politely(), words);
    const lines = run.platform.out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines).toMatchObject([
      { v: 1, type: 'published', topic: 'a', qos: 1, packet_id: 1, reason_code: 0 },
      { packet_id: 2, reason: 'Success', ms: expect.any(Number) },
    ]);
  });

  it('exits with 16 where nobody has subscribed, if somebody must have', async () => {
    const words = ['-t', 'a', '-q', '1', '-m', 'x'];
    const run = await pub(politely({ publish: 0x10 }), [...words, '--require-subscriber']);
    expect(run.platform.exitCode).toBe(16);
    expect(run.platform.err).toContain('nobody has subscribed to "a"');
    expect((await pub(politely({ publish: 0x10 }), words)).platform.exitCode).toBe(0);
  });

  it('stops at the first refusal if it is to', async () => {
    const words = ['-t', 'a', '-q', '1', '-M', '1', '-m', 'x', '--repeat', '5'];
    const run = await pub(politely({ publish: 0x87 }), [...words, '--stop-on-refusal']);
    expect(run.server.of('publish')).toHaveLength(1);
    expect(run.platform.exitCode).toBe(135);
    expect((await pub(politely({ publish: 0x87 }), words)).server.of('publish')).toHaveLength(5);
  });

  it('prints the packets and connects to nobody, as a dry run', async () => {
    const words = ['-V', '311', '-t', 'a', '-q', '1', '-m', 'x', '--repeat', '2', '--dry-run'];
    const run = await pub(politely(), words);
    expect(run.server.connectionCount).toBe(0);
    expect(run.platform.out).toBe(
      '100e00044d5154540402003c00026d65\n32060001610001' + '78\n3206000161000278\ne000\n',
    );
  });
});

describe('a line of the input', () => {
  it('is sent again as often as the connection breaks before its ack', async () => {
    let count = 0;
    const script: Script = (packet, client) => {
      if (packet.type === 'publish') {
        count += 1;
        if (count % 3 === 1) {
          client.socket.resetAndDestroy();
          return;
        }
      }
      politely()(packet, client);
    };
    server = await ScriptedServer.start(script);
    const platform = new RecordedPlatform({ files: { '-': '1\n2\n3\n4\n5' } });
    const words = ['-h', '127.0.0.1', '-p', server.port, '-t', 'a', '-q', '1', '-M', '1', '-l'];
    const done = runProgram(['pub', ...words], platform);
    let nowMs = 0;
    while (platform.exitCode === undefined) {
      nowMs += 1000;
      platform.advanceTo(nowMs);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await done;
    const seen = server.of('publish').map(({ payload }) => String(payload));
    expect([...new Set(seen)]).toEqual(['1', '2', '3', '4', '5']);
    expect(platform.exitCode).toBe(0);
  });
});

describe('meanwhile', () => {
  /** A run whose broker takes messages and acknowledges the first alone. */
  async function stuck(after: (platform: RecordedPlatform) => void, ...words: readonly string[]) {
    const started = deferred();
    server = await ScriptedServer.start((packet, client) => {
      if (packet.type !== 'publish' || packet.packetId === 1) politely()(packet, client);
      if (packet.type === 'publish' && packet.packetId === 3) started.resolve();
    });
    const platform = new RecordedPlatform({ files: { '-': '1\n2\n3\n' } });
    const where = ['-h', '127.0.0.1', '-p', server.port];
    const done = runProgram(['pub', ...where, '-t', 'a', '-q', '1', '-l', ...words], platform);
    await started.promise;
    await new Promise((resolve) => setTimeout(resolve, 50));
    after(platform);
    await done;
    return platform;
  }

  it('a signal ends it as that signal does, and it tells what was published', async () => {
    const platform = await stuck((on) => on.sendSignal('SIGINT'));
    expect(platform.transcript).toBe(
      'err interrupted: 1 of 3 messages published\nexit by SIGINT\nexit 130\n',
    );
  });

  it('a signal before CONNACK ends it as that signal does: nothing was sent', async () => {
    const connected = deferred();
    server = await ScriptedServer.start(() => connected.resolve());
    const platform = new RecordedPlatform();
    const where = ['-h', '127.0.0.1', '-p', server.port];
    const done = runProgram(['pub', ...where, '-t', 'a', '-m', 'x'], platform);
    await connected.promise;
    platform.sendSignal('SIGTERM');
    await done;
    expect(platform.transcript).toBe(
      'err interrupted: 0 of 0 messages published\nexit by SIGTERM\nexit 143\n',
    );
  });

  it('the time limit ends it with exit 27', async () => {
    const platform = await stuck((on) => on.advanceTo(5000), '-W', '5s');
    expect(platform.exitCode).toBe(27);
    expect(platform.err).toContain('timed out after 5 s waiting for PUBACK: 1 of 3 acknowledged');
  });
});

it('says how it is used, without a word', async () => {
  const platform = new RecordedPlatform();
  await runProgram(['pub'], platform);
  expect(platform.exitCode).toBe(2);
  expect(platform.err).toContain('mqttk pub [options]');
});
