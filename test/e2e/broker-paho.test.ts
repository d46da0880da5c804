import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BrokerProcess } from '../support/broker-process.ts';
import { run } from '../support/child.ts';
import { hasPeer, PYTHON } from '../support/peers.ts';

const SCRIPT = fileURLToPath(new URL('paho_exchange.py', import.meta.url));
const STEPS = [
  'exchange at QoS 0',
  'exchange at QoS 1',
  'exchange at QoS 2',
  'retained',
  'will',
  'session',
];

let broker: BrokerProcess;
beforeAll(async () => {
  broker = await BrokerProcess.start();
});
afterAll(() => broker.stop());

describe.runIf(hasPeer('paho'))('paho', () => {
  it.each(['3.1', '3.1.1', '5'])(
    'exchanges, retains, wills and resumes through the broker with MQTT %s',
    async (version) => {
      const { code, err, out } = await run(PYTHON, [SCRIPT, broker.port, version]);
      expect({ code, err, out }).toEqual({ code: 0, err: '', out: `${STEPS.join('\n')}\n` });
    },
    60_000,
  );
});
