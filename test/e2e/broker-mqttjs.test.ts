import { Buffer } from 'node:buffer';
import {
  connect,
  connectAsync,
  type IClientOptions,
  type IPublishPacket,
  type MqttClient,
} from 'mqtt';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { BrokerProcess } from '../support/broker-process.ts';

const VERSIONS = [3, 4, 5] as const;
const QOS = [0, 1, 2] as const;

let broker: BrokerProcess;
let clients: MqttClient[] = [];
beforeAll(async () => {
  broker = await BrokerProcess.start();
});
afterEach(async () => {
  await Promise.all(clients.map((client) => client.endAsync(true)));
  clients = [];
});
afterAll(() => broker.stop());

async function open(version: 3 | 4 | 5, over: IClientOptions = {}): Promise<MqttClient> {
  const client = await connectAsync(`mqtt://127.0.0.1:${broker.port}`, options(version, over));
  clients.push(client);
  return client;
}

function options(version: 3 | 4 | 5, over: IClientOptions): IClientOptions {
  const protocolId = version === 3 ? 'MQIsdp' : 'MQTT';
  return { protocolVersion: version, protocolId, reconnectPeriod: 0, ...over };
}

/** The next so many messages of a client, as `topic payload`. */
function messages(client: MqttClient, count: number): Promise<string[]> {
  const got: string[] = [];
  return new Promise((resolve) => {
    client.on('message', (topic, payload) => {
      got.push(`${topic} ${payload.toString()}`);
      if (got.length === count) resolve(got);
    });
  });
}

/** The packet of the next message. */
function nextPacket(client: MqttClient): Promise<IPublishPacket> {
  return new Promise((resolve) => {
    client.once('message', (_topic, _payload, packet) => resolve(packet));
  });
}

describe.each(VERSIONS)('MQTT.js with protocol version %i', (version) => {
  it.each(QOS)('exchanges messages in both directions at QoS %i', async (qos) => {
    const [a, b] = [await open(version), await open(version)];
    await a.subscribeAsync('to/a', { qos });
    await b.subscribeAsync('to/b', { qos });
    const arrived = Promise.all([messages(a, 1), messages(b, 1)]);
    await a.publishAsync('to/b', 'from a', { qos });
    await b.publishAsync('to/a', 'from b', { qos });
    expect(await arrived).toEqual([['to/a from b'], ['to/b from a']]);
  });

  it('gets a retained message, and none once it is cleared', async () => {
    const topic = `js/retained/${version}`;
    const publisher = await open(version);
    await publisher.publishAsync(topic, 'kept', { qos: 1, retain: true });
    const subscriber = await open(version);
    const arrived = nextPacket(subscriber);
    await subscriber.subscribeAsync(topic);
    const { payload, retain } = await arrived;
    expect([String(payload), retain]).toEqual(['kept', true]);
    await publisher.publishAsync(topic, '', { qos: 1, retain: true });
    const late = await open(version);
    const heard = messages(late, 1);
    await late.subscribeAsync(`js/retained/${version}`);
    await publisher.publishAsync(topic, 'live', { qos: 1 });
    expect(await heard).toEqual([`${topic} live`]);
  });

  it('hears the will of a client that was cut off', async () => {
    const topic = `js/will/${version}`;
    const watcher = await open(version);
    await watcher.subscribeAsync(topic, { qos: 1 });
    const heard = messages(watcher, 1);
    const will = { topic, payload: Buffer.from('gone'), qos: 1 as const, retain: false };
    const client = await open(version, { will });
    client.stream.destroy();
    expect(await heard).toEqual([`${topic} gone`]);
  });

  it('finds what came while it was away', async () => {
    const topic = `js/session/${version}`;
    const stay: IClientOptions = {
      clientId: `js-stays-${version}`,
      clean: false,
      ...(version === 5 ? { properties: { sessionExpiryInterval: 60 } } : {}),
    };
    const first = await open(version, stay);
    await first.subscribeAsync(topic, { qos: 2 });
    await first.endAsync();
    const publisher = await open(version);
    await publisher.publishAsync(topic, 'one', { qos: 1 });
    await publisher.publishAsync(topic, 'two', { qos: 2 });
    const back = connect(`mqtt://127.0.0.1:${broker.port}`, options(version, stay));
    clients.push(back);
    expect(await messages(back, 2)).toEqual([`${topic} one`, `${topic} two`]);
  });
});

it('forwards the properties of MQTT 5.0 to MQTT.js [MQTT-3.3.2-15] [MQTT-3.3.2-16]', async () => {
  const [publisher, subscriber] = [await open(5), await open(5)];
  await subscriber.subscribeAsync('js/properties', {
    qos: 1,
    properties: { subscriptionIdentifier: 7 },
  });
  const arrived = nextPacket(subscriber);
  const properties = {
    contentType: 'text/plain',
    responseTopic: 'answer/here',
    correlationData: Buffer.from([1, 2, 3]),
    userProperties: { unit: 'C' },
  };
  await publisher.publishAsync('js/properties', '21', { qos: 1, properties });
  const packet = await arrived;
  expect(packet.properties).toMatchObject({ ...properties, subscriptionIdentifier: 7 });
});
