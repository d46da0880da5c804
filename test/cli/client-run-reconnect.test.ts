import { afterEach, expect, it } from 'vitest';
import { CLIENT_OPTIONS, clientTarget } from '../../src/cli/client-options.ts';
import { type RunEnd, runClient } from '../../src/cli/client-run.ts';
import { parseOptions } from '../../src/cli/options.ts';
import { chooseReporter } from '../../src/cli/reporter.ts';
import { NO_PROPERTIES } from '../../src/codec/properties.ts';
import { RecordedPlatform } from '../support/recorded-platform.ts';
import { IdleTask, RunBench } from '../support/run-bench.ts';
import { politely, type Script, ScriptedServer } from '../support/scripted-server.ts';

const reconnect = { waitsForServer: false, reconnects: true, attemptsMax: Infinity };

afterEach(() => RunBench.stopAll());

/** Closes the first `count` connections as soon as they are accepted. */
function closing(count: number, isSessionPresent = false): Script {
  let connections = 0;
  return (packet, client) => {
    if (packet.type !== 'connect') return politely()(packet, client);
    connections += 1;
    const present = isSessionPresent && connections > 1;
    const properties = NO_PROPERTIES;
    client.send({ type: 'connack', isSessionPresent: present, reasonCode: 0, properties });
    if (connections <= count) client.socket.end();
  };
}

async function ended(bench: RunBench): Promise<RunEnd> {
  await bench.until(() => bench.task.welcomes.length === 2);
  bench.task.connection?.end();
  return await bench.end;
}

function cleanStarts(bench: RunBench): boolean[] {
  return bench.server.of('connect').map(({ isCleanStart }) => isCleanStart);
}

it('connects again after a while, says so, and lets the task go on', async () => {
  const bench = await RunBench.start(closing(1), [], { reconnect });
  await bench.until(() => bench.task.lostCount === 1);
  expect(bench.server.connectionCount).toBe(1);
  bench.platform.advanceTo(1000);
  expect(await ended(bench)).toMatchObject({ error: undefined, wasAsked: true });
  const { port } = bench.server;
  expect(bench.platform.warned).toEqual([
    `connection lost (127.0.0.1:${port} closed it); retrying`,
    'reconnected after 1.0 s',
    'all is lost',
  ]);
  expect(cleanStarts(bench)).toEqual([true, true]);
});

it('asks for the session that was to outlive the connection, and misses nothing', async () => {
  const { options } = parseOptions(CLIENT_OPTIONS, ['-i', 'me']);
  const { connect } = await clientTarget(options, 'x', new RecordedPlatform());
  const bench = await RunBench.start(closing(1, true), [], {
    reconnect,
    connect: { ...connect, properties: { sessionExpiryInterval: 60 } },
  });
  await bench.until(() => bench.task.lostCount === 1);
  bench.platform.advanceTo(1000);
  await ended(bench);
  expect(cleanStarts(bench)).toEqual([true, false]);
  const present = bench.task.welcomes.map(({ isSessionPresent }) => isSessionPresent);
  expect(present).toEqual([false, true]);
  expect(bench.platform.err).not.toContain('all is lost');
});

it('is over where the work was done', async () => {
  let release = () => {};
  const script: Script = (packet, client) => {
    politely()(packet, client);
    release = () => client.socket.end();
  };
  const bench = await RunBench.start(script, [], { reconnect });
  await bench.connected();
  bench.task.isDone = true;
  release();
  expect(await bench.end).toMatchObject({ kind: 'ended', wasAsked: true });
});

it('ends at once for a reason that will not pass', async () => {
  const script: Script = (packet, client) => {
    politely()(packet, client);
    if (packet.type !== 'connect') return;
    client.send({ type: 'disconnect', reasonCode: 0x8e, properties: NO_PROPERTIES });
  };
  const bench = await RunBench.start(script, [], { reconnect });
  expect(await bench.end).toMatchObject({ error: { kind: 'refused', reasonCode: 0x8e } });
  expect(bench.server.connectionCount).toBe(1);
});

it.each(['SIGINT', 'SIGTERM'] as const)('a wait is ended by %s', async (signal) => {
  const bench = await RunBench.start(closing(1), [], { reconnect });
  await bench.until(() => bench.task.lostCount === 1);
  bench.platform.sendSignal(signal);
  expect(await bench.end).toMatchObject({ kind: 'signal', signal });
  bench.platform.advanceTo(60_000);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(bench.server.connectionCount).toBe(1);
});

it('a wait is ended by the time limit', async () => {
  const bench = await RunBench.start(closing(9), ['-W', '0.4'], { reconnect });
  await bench.until(() => bench.task.lostCount === 1);
  bench.platform.advanceTo(400);
  expect(await bench.end).toMatchObject({ kind: 'timeout' });
});

it('waits for a broker that is not there yet, and says so once', async () => {
  const unused = await ScriptedServer.start(() => {});
  const words = ['-h', '127.0.0.1', '-p', unused.port];
  unused.stop();
  const platform = new RecordedPlatform();
  const { options } = parseOptions(CLIENT_OPTIONS, words);
  const waiting = { waitsForServer: true, reconnects: false, attemptsMax: 2 };
  const target = { ...(await clientTarget(options, 'test', platform)), reconnect: waiting };
  const reporter = chooseReporter('text', 'test', platform);
  let isOver = false;
  const end = runClient(target, new IdleTask(), platform, reporter).finally(() => {
    isOver = true;
  });
  for (let nowMs = 1000; !isOver; nowMs += 1000) {
    platform.advanceTo(nowMs);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  expect(await end).toMatchObject({ error: { kind: 'connect' } });
  expect(platform.warned).toHaveLength(1);
  expect(platform.err).toContain('connection refused; retrying');
});
