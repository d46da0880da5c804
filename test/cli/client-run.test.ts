import { afterEach, describe, expect, it } from 'vitest';
import { CLIENT_OPTIONS, clientTarget } from '../../src/cli/client-options.ts';
import { runClient } from '../../src/cli/client-run.ts';
import { parseOptions } from '../../src/cli/options.ts';
import { chooseReporter } from '../../src/cli/reporter.ts';
import { NO_PROPERTIES } from '../../src/codec/properties.ts';
import { hex } from '../support/hex.ts';
import { RecordedPlatform } from '../support/recorded-platform.ts';
import { IdleTask, RunBench } from '../support/run-bench.ts';
import { politely, type Script, ScriptedServer } from '../support/scripted-server.ts';

afterEach(() => RunBench.stopAll());

const silent: Script = () => {};
/** Refuses 5.0 in the way that is given, and serves other versions. */
function old(refuse: Script): Script {
  return (packet, client) => (client.level === 5 ? refuse : politely())(packet, client);
}

it('lets the task work, and ends with its goodbye', async () => {
  const bench = await RunBench.start(politely());
  (await bench.connected()).end();
  expect(await bench.end).toEqual({ kind: 'ended', error: undefined, wasAsked: true });
  expect(bench.server.packets.map(({ type }) => type)).toEqual(['connect', 'disconnect']);
  expect(bench.task.isStopped).toBe(true);
  expect(bench.platform.signalListeners).toBe(0);
  expect(bench.platform.err).toBe('');
});

it('ends with the reason of a server that ends it', async () => {
  const script: Script = (packet, client) => {
    politely()(packet, client);
    client.send({ type: 'disconnect', reasonCode: 0x8b, properties: NO_PROPERTIES });
    client.socket.end();
  };
  const bench = await RunBench.start(script);
  expect(await bench.end).toMatchObject({
    kind: 'ended',
    wasAsked: false,
    error: { kind: 'refused', reasonCode: 0x8b },
  });
});

it('ends at once where nobody listens', async () => {
  const unused = await ScriptedServer.start(silent);
  const words = ['-h', '127.0.0.1', '-p', unused.port];
  unused.stop();
  const platform = new RecordedPlatform();
  const { options } = parseOptions(CLIENT_OPTIONS, words);
  const target = await clientTarget(options, 'test', platform);
  const reporter = chooseReporter('text', 'test', platform);
  const end = await runClient(target, new IdleTask(), platform, reporter);
  expect(end).toMatchObject({ kind: 'ended', wasAsked: false, error: { kind: 'connect' } });
});

describe('an older broker', () => {
  it.each<[string, Script]>([
    [
      'answers CONNACK 0x84',
      (_, client) => {
        const properties = NO_PROPERTIES;
        client.send({ type: 'connack', isSessionPresent: false, reasonCode: 0x84, properties });
      },
    ],
    ['answers in the form of 3.1.1', (_, client) => client.socket.write(hex`20 02 00 01`)],
    ['closes', (_, client) => client.socket.end()],
    ['resets', (_, client) => client.socket.resetAndDestroy()],
  ])('is served in 3.1.1 if it %s', async (_, refuse) => {
    const bench = await RunBench.start(old(refuse));
    expect((await bench.connected()).level).toBe(4);
    expect(bench.server.of('connect').map(({ level }) => level)).toEqual([5, 4]);
    const note = 'speaks MQTT 3.1.1, not 5; going on with 3.1.1 (-V 311 skips this)\n';
    expect(bench.platform.err).toBe(`note: 127.0.0.1:${bench.server.port} ${note}`);
  });

  it('is not, where one version was asked for', async () => {
    const bench = await RunBench.start(
      old((_, client) => client.socket.write(hex`20 02 00 01`)),
      ['-V', '5'],
    );
    expect(await bench.end).toMatchObject({ error: { kind: 'refused', reasonCode: 132 } });
    expect(bench.server.connectionCount).toBe(1);
  });

  it('is not, where a password comes without a user name', async () => {
    const script = old((_, client) => client.socket.write(hex`20 02 00 01`));
    const bench = await RunBench.start(script, ['-P', 'secret']);
    expect(await bench.end).toMatchObject({ error: { reasonCode: 132 } });
  });

  it.each<[string, Script]>([
    ['for another reason', (_, client) => client.socket.write(hex`20 03 00 87 00`)],
    ['after it has said something', (_, client) => client.socket.end(hex`20`)],
  ])('is not what refuses %s', async (_, refuse) => {
    const bench = await RunBench.start(old(refuse));
    expect(await bench.end).toMatchObject({ kind: 'ended', wasAsked: false });
    expect(bench.server.connectionCount).toBe(1);
  });

  it('is tried once: the second close is what is reported', async () => {
    const bench = await RunBench.start((_, client) => client.socket.end());
    expect(await bench.end).toMatchObject({
      error: { kind: 'lost', message: expect.stringContaining('before CONNACK') },
    });
    expect(bench.server.connectionCount).toBe(2);
    expect(bench.platform.err).toBe('');
  });
});

describe('the time limit', () => {
  it('ends a run that waits for CONNACK', async () => {
    const bench = await RunBench.start(silent, ['-W', '1.5']);
    await bench.until(() => bench.server.packets.length > 0);
    bench.platform.advanceTo(1500);
    expect(await bench.end).toMatchObject({
      kind: 'timeout',
      error: { kind: 'timeout', message: 'timed out after 1.5 s waiting for CONNACK' },
    });
  });

  it('says goodbye, and what the task was waiting for', async () => {
    const bench = await RunBench.start(politely(), ['-W', '2']);
    await bench.connected();
    bench.platform.advanceTo(2000);
    expect(await bench.end).toMatchObject({
      error: { message: 'timed out after 2 s waiting for nothing: 1 of 2' },
    });
    expect(bench.task.isStopped).toBe(true);
    expect(bench.server.of('disconnect')).toHaveLength(1);
  });

  it('is no matter once the work is done', async () => {
    const bench = await RunBench.start(politely(), ['-W', '2']);
    (await bench.connected()).end();
    bench.platform.advanceTo(2000);
    expect(await bench.end).toMatchObject({ kind: 'ended', error: undefined });
  });

  it('does not wake anybody when it is not reached', async () => {
    const bench = await RunBench.start(politely(), ['-W', '2']);
    (await bench.connected()).end();
    await bench.end;
    bench.platform.advanceTo(100_000);
  });
});

describe('a signal', () => {
  it('ends with a goodbye', async () => {
    const bench = await RunBench.start(politely());
    await bench.connected();
    bench.platform.sendSignal('SIGTERM');
    expect(await bench.end).toEqual({ kind: 'signal', signal: 'SIGTERM', isSecond: false });
    expect(bench.server.of('disconnect')).toHaveLength(1);
  });

  it('ends at once before CONNACK, whoever keeps the connection open', async () => {
    const bench = await RunBench.start((_, client) => {
      client.socket.allowHalfOpen = true;
    });
    await bench.until(() => bench.server.packets.length > 0);
    bench.platform.sendSignal('SIGINT');
    expect(await bench.end).toMatchObject({ kind: 'signal' });
  });

  it('ends an attempt to connect', async () => {
    const bench = await RunBench.start(politely());
    bench.platform.sendSignal('SIGINT');
    expect(await bench.end).toMatchObject({ kind: 'signal' });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(bench.server.packets).toEqual([]);
  });

  it('ends at once when it is the second', async () => {
    const stubborn: Script = (packet, client) => {
      if (packet.type === 'connect') politely()(packet, client);
    };
    const bench = await RunBench.start(stubborn);
    await bench.connected();
    bench.platform.sendSignal('SIGINT');
    bench.platform.sendSignal('SIGTERM');
    expect(await bench.end).toEqual({ kind: 'signal', signal: 'SIGTERM', isSecond: true });
  });
});

it('says goodbye when its output is taken no more', async () => {
  const bench = await RunBench.start(politely());
  await bench.connected();
  bench.platform.endOutput();
  expect(await bench.end).toEqual({ kind: 'outputEnd', error: undefined });
  expect(bench.server.of('disconnect')).toHaveLength(1);
});

it('wakes its connection in time: PINGREQ after the Keep Alive', async () => {
  const bench = await RunBench.start(politely(), ['-k', '10']);
  await bench.connected();
  bench.platform.advanceTo(10_000);
  await bench.until(() => bench.server.of('pingreq').length > 0);
  bench.platform.sendSignal('SIGINT');
  await bench.end;
});
