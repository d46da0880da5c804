import { afterEach, expect, it } from 'vitest';
import { topicPlan } from '../../src/bench/bench-settings.ts';
import { runBench } from '../../src/cli/bench-run.ts';
import { CLIENT_OPTIONS, clientTarget } from '../../src/cli/client-options.ts';
import { parseOptions } from '../../src/cli/options.ts';
import { chooseReporter } from '../../src/cli/reporter.ts';
import { settingsOf } from '../support/bench-results.ts';
import { LivePlatform, LocalBroker } from '../support/live-platform.ts';

let broker: LocalBroker | undefined;
afterEach(() => broker?.stop());

/** Runs a fan-in of 20 messages, but for `over`, against a broker with these options. */
async function run(words: readonly string[], over = {}, brokerPid?: number) {
  broker = await LocalBroker.start(...words);
  const platform = new LivePlatform();
  const where = ['-h', '127.0.0.1', '-p', broker.port];
  const target = await clientTarget(parseOptions(CLIENT_OPTIONS, where).options, 'bench', platform);
  const settings = settingsOf({ publishers: 2, count: 20, warmupMs: 0, ...over });
  const order = { settings, target, plan: topicPlan(settings, 'x'), brokerPid };
  const result = runBench(order, platform, chooseReporter('text', 'mqttk bench', platform));
  return { platform, broker, result };
}

it('measures, and leaves nothing behind', async () => {
  const { platform, result } = await run([]);
  expect(await result).toMatchObject({
    version: '5.0',
    wasInterrupted: false,
    figures: { published: 20, delivered: 20, lost: 0 },
  });
  expect(platform.signalListeners).toBe(0);
});

it('keeps to the Receive Maximum of the broker, whatever the window [MQTT-3.3.4-7]', async () => {
  const { broker: own, result } = await run(['--receive-maximum', '3'], { qos: 2, count: 200 });
  expect(await result).toMatchObject({ figures: { delivered: 200, lost: 0 } });
  expect(own.log).not.toContain('0x93');
});

it('asks what the broker takes before it connects them all', async () => {
  const { broker: own, result } = await run(['--max-qos', '1'], { qos: 2 });
  await expect(result).rejects.toMatchObject({ kind: 'refused', reasonCode: 0x9b });
  expect(own.log.match(/ connect /g)).toHaveLength(1);
});

it('finds out before it connects that there is no such process', async () => {
  const { broker: own, result } = await run([], {}, 4711);
  await expect(result).rejects.toMatchObject({ kind: 'environment' });
  expect(own.log).not.toContain(' connect ');
});
