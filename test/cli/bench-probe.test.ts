import { afterEach, describe, expect, it } from 'vitest';
import { topicPlan } from '../../src/bench/bench-settings.ts';
import { probeBroker, requireTaken } from '../../src/cli/bench-probe.ts';
import { Interruption } from '../../src/cli/bench-stage.ts';
import { CLIENT_OPTIONS, clientTarget } from '../../src/cli/client-options.ts';
import { parseOptions } from '../../src/cli/options.ts';
import { chooseReporter } from '../../src/cli/reporter.ts';
import { serverLimits } from '../../src/client/server-limits.ts';
import type { PropertiesOf } from '../../src/codec/properties.ts';
import { settingsOf } from '../support/bench-results.ts';
import { hex } from '../support/hex.ts';
import { until } from '../support/live-platform.ts';
import { connackPacket } from '../support/packets.ts';
import { RecordedPlatform } from '../support/recorded-platform.ts';
import { politely, type Script, ScriptedServer } from '../support/scripted-server.ts';

let server: ScriptedServer | undefined;
afterEach(() => server?.stop());

async function probe(script: Script, words: readonly string[] = []) {
  server = await ScriptedServer.start(script);
  const platform = new RecordedPlatform();
  const where = ['-h', '127.0.0.1', '-p', server.port, ...words];
  const target = await clientTarget(parseOptions(CLIENT_OPTIONS, where).options, 'bench', platform);
  const reporter = chooseReporter('text', 'mqttk bench', platform);
  return { platform, server, terms: probeBroker(target, platform, reporter) };
}

it('finds out the version, the limits and the keep-alive, and says goodbye', async () => {
  const properties = { receiveMaximum: 7, serverKeepAlive: 30 };
  const run = await probe((packet, client) => {
    if (packet.type === 'connect') client.send(connackPacket({ properties }));
    else politely()(packet, client);
  });
  expect(await run.terms).toMatchObject({
    level: 5,
    keepAliveSeconds: 30,
    limits: { receiveMaximum: 7 },
  });
  expect(run.server.packets.map(({ type }) => type)).toEqual(['connect', 'disconnect']);
});

it('goes back to 3.1.1 where the broker is older', async () => {
  const run = await probe((packet, client) => {
    if (client.level === 5) client.socket.write(hex`20 02 00 01`);
    else politely()(packet, client);
  });
  expect(await run.terms).toMatchObject({ level: 4, keepAliveSeconds: 60 });
  expect(run.platform.err).toContain('speaks MQTT 3.1.1, not 5');
});

it('explains a refusal as pub does', async () => {
  const run = await probe((_, client) => client.socket.end(hex`20 03 00 86 00`));
  await expect(run.terms).rejects.toMatchObject({
    kind: 'refused',
    reasonCode: 0x86,
    remedy: 'check -u and -P',
  });
});

it('is interrupted by a signal', async () => {
  const run = await probe(() => {});
  await until(() => run.server.connectionCount > 0);
  run.platform.sendSignal('SIGINT');
  await expect(run.terms).rejects.toBeInstanceOf(Interruption);
});

describe('what the broker takes', () => {
  function require(said: PropertiesOf<'connack'>, over = {}, frameBytes = 100) {
    const settings = settingsOf(over);
    const terms = { level: 5, limits: serverLimits(said), keepAliveSeconds: 0 } as const;
    requireTaken(terms, settings, topicPlan(settings, 'x'), frameBytes);
  }

  it.each<[string, PropertiesOf<'connack'>, object, number]>([
    ['its highest QoS', { maximumQos: 1 }, { qos: 2 }, 0x9b],
    ['retained messages', { retainAvailable: 0 }, { scenario: 'retained' }, 0x9a],
    ['wildcards', { wildcardSubscriptionAvailable: 0 }, {}, 0xa2],
    ['shared subscriptions', { sharedSubscriptionAvailable: 0 }, { scenario: 'shared' }, 0x9e],
    ['the size of packets', { maximumPacketSize: 99 }, {}, 0x95],
  ])('is asked for %s', (_, said, over, reasonCode) => {
    expect(() => require(said, over)).toThrow(expect.objectContaining({ reasonCode }));
    expect(() => require({}, over)).not.toThrow();
  });

  it('does not matter where nothing is sent', () => {
    const said = { maximumQos: 0, wildcardSubscriptionAvailable: 0, maximumPacketSize: 9 } as const;
    expect(() => require(said, { scenario: 'connections', qos: 0 })).not.toThrow();
  });
});
