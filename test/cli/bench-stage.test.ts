import { afterEach, describe, expect, it } from 'vitest';
import { BenchStage, Interruption } from '../../src/cli/bench-stage.ts';
import { CLIENT_OPTIONS, clientTarget } from '../../src/cli/client-options.ts';
import { parseOptions } from '../../src/cli/options.ts';
import { until } from '../support/live-platform.ts';
import { RecordedPlatform } from '../support/recorded-platform.ts';
import { politely, type Script, ScriptedServer } from '../support/scripted-server.ts';

let server: ScriptedServer | undefined;
let stage: BenchStage | undefined;
afterEach(() => {
  stage?.close();
  server?.stop();
});

/** A stage before a server of the test, in time that stands still. */
async function start(script: Script, ...words: readonly string[]) {
  server = await ScriptedServer.start(script);
  const platform = new RecordedPlatform();
  const where = ['-h', '127.0.0.1', '-p', server.port, '-i', 'id', ...words];
  const target = await clientTarget(parseOptions(CLIENT_OPTIONS, where).options, 'bench', platform);
  stage = new BenchStage(target, 4, 0, platform);
  return { platform, server, stage };
}

const soon = () => new Promise((resolve) => setImmediate(resolve));

it('opens connections, some at a time, and numbers them', async () => {
  const run = await start(politely());
  const opened = await run.stage.openAll(100, async (index) => {
    await run.stage.open(`c${index}`);
    return index;
  });
  expect(opened).toEqual(Array.from({ length: 100 }, (_, index) => index));
  expect(run.stage).toMatchObject({ connectionCount: 100, connectTimes: { count: 100 } });
  const ids = run.server.of('connect').map(({ clientId, level }) => `${level} ${clientId}`);
  expect(ids.toSorted()).toEqual(opened.map((index) => `4 idc${index}`).toSorted());
});

it('waits for the answers to what it asks', async () => {
  const run = await start((packet, client) => {
    if (packet.type === 'pingreq') client.send({ type: 'pingresp' });
    else politely()(packet, client);
  });
  const opened = await run.stage.open('c0');
  await opened.subscribe(['a/#'], 1);
  await opened.ping();
  expect(run.server.packets.map(({ type }) => type)).toEqual(['connect', 'subscribe', 'pingreq']);
});

it('says goodbye to all when it is closed', async () => {
  const run = await start(politely());
  await Promise.all([run.stage.open('c0'), run.stage.open('c1')]);
  run.stage.close();
  await until(() => run.server.of('disconnect').length === 2);
  expect(run.platform.signalListeners).toBe(0);
});

describe('fails all that is waited for', () => {
  it('when one link has ended', async () => {
    const run = await start((packet, client) => {
      if (packet.type === 'subscribe') client.socket.destroy();
      else politely()(packet, client);
    });
    const opened = await run.stage.open('c0');
    const waiting = [
      run.stage.sleepUntil(1000),
      run.stage.until(() => false, 10),
      opened.subscribe(['a'], 0),
    ];
    for (const each of waiting) await expect(each).rejects.toMatchObject({ kind: 'lost' });
    await expect(run.stage.sleepUntil(0)).rejects.toMatchObject({ kind: 'lost' });
  });

  it('when nobody is accepted for half a minute', async () => {
    const run = await start(() => {});
    const opening = run.stage.open('c0');
    await until(() => run.server.connectionCount > 0);
    await soon();
    run.platform.advanceTo(30_000);
    await soon();
    run.platform.advanceTo(30_100);
    await expect(opening).rejects.toMatchObject({ kind: 'connect' });
  });

  it('when a signal comes and nobody is prepared for it', async () => {
    const run = await start(politely());
    const waiting = run.stage.sleepUntil(1000);
    run.platform.sendSignal('SIGTERM');
    await expect(waiting).rejects.toMatchObject({ signal: 'SIGTERM' });
  });

  it('when no connection comes about', async () => {
    const run = await start(politely(), '-p', '1');
    await expect(run.stage.openAll(3, () => run.stage.open('c'))).rejects.toMatchObject({
      kind: 'connect',
    });
  });
});

it('wakes who sleeps at a signal, where that is dealt with; a second one fails', async () => {
  const run = await start(politely());
  run.stage.isOrderly = true;
  const sleeping = run.stage.sleepUntil(1000);
  run.platform.sendSignal('SIGINT');
  await sleeping;
  expect(run.stage.interruption).toBeInstanceOf(Interruption);
  await run.stage.sleepUntil(1000);
  const asking = run.stage.until(() => false, 10);
  run.platform.sendSignal('SIGINT');
  await expect(asking).rejects.toBeInstanceOf(Interruption);
});

it('sleeps until the time has come, and asks until it is so', async () => {
  const run = await start(politely());
  let isAwake = false;
  const sleeping = run.stage.sleepUntil(1000).then(() => {
    isAwake = true;
  });
  run.platform.advanceTo(999);
  await soon();
  expect(isAwake).toBe(false);
  run.platform.advanceTo(1000);
  await sleeping;
  let asked = 0;
  const asking = run.stage.until(() => {
    asked += 1;
    return asked === 3;
  }, 10);
  for (const atMs of [1010, 1020]) {
    await soon();
    run.platform.advanceTo(atMs);
  }
  await asking;
  expect(asked).toBe(3);
});

it('calls its tickers ten times a second', async () => {
  const run = await start(politely());
  const ticks: number[] = [];
  run.stage.onTick((nowMs) => ticks.push(nowMs));
  run.platform.advanceTo(350);
  expect(ticks).toEqual([100, 200, 300]);
});

it('keeps connections alive', async () => {
  const run = await start(politely(), '-k', '10');
  await run.stage.open('c0');
  run.platform.advanceTo(5100);
  await soon();
  expect(run.server.of('pingreq')).toHaveLength(0);
  run.platform.advanceTo(10_200);
  await until(() => run.server.of('pingreq').length === 1);
});

it('pings nobody with a keep-alive of 0', async () => {
  const run = await start(politely(), '-k', '0');
  const opened = await run.stage.open('c0');
  run.platform.advanceTo(1_000_000);
  await opened.subscribe(['a'], 0);
  expect(run.server.packets.map(({ type }) => type)).toEqual(['connect', 'subscribe']);
});
