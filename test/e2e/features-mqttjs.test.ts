import { Buffer } from 'node:buffer';
import {
  connect,
  type IClientOptions,
  type IConnackPacket,
  type IPublishPacket,
  type MqttClient,
} from 'mqtt';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { BrokerProcess } from '../support/broker-process.ts';

let broker: BrokerProcess;
let clients: MqttClient[] = [];
beforeAll(async () => {
  broker = await BrokerProcess.start('--response-information', 'responses/%c');
});
afterEach(async () => {
  await Promise.all(clients.map((client) => client.endAsync(true)));
  clients = [];
});
afterAll(() => broker.stop());

/** An MQTT.js client of 5.0 that is connected. */
async function open(over: IClientOptions = {}): Promise<MqttClient> {
  return (await greet(over)).client;
}

/** The same, with what CONNACK told it. */
async function greet(over: IClientOptions) {
  const options = { protocolVersion: 5, reconnectPeriod: 0, ...over } as const;
  const client = connect(`mqtt://127.0.0.1:${broker.port}`, options);
  clients.push(client);
  const connack = await new Promise<IConnackPacket>((resolve, reject) => {
    client.once('connect', resolve);
    client.once('error', reject);
  });
  return { client, connack };
}

/** The packets of the next so many messages. */
function packets(client: MqttClient, count: number): Promise<IPublishPacket[]> {
  const got: IPublishPacket[] = [];
  return new Promise((resolve) => {
    client.on('message', (_topic, _payload, packet) => {
      got.push(packet);
      if (got.length === count) resolve(got);
    });
  });
}

it('hears of a topic once by name, and then by the alias that the broker gave it', async () => {
  const subscriber = await open({ properties: { topicAliasMaximum: 4 } });
  const publisher = await open();
  await subscriber.subscribeAsync('js/alias/out', { qos: 1 });
  const arrived = packets(subscriber, 2);
  const topics: string[] = [];
  subscriber.on('message', (topic) => topics.push(topic));
  const raw: IPublishPacket[] = [];
  subscriber.on('packetreceive', (packet) => {
    // MQTT.js puts the name back before it hands the message over.
    if (packet.cmd === 'publish') raw.push({ ...packet });
  });
  for (const payload of ['one', 'two']) {
    await publisher.publishAsync('js/alias/out', payload, { qos: 1 });
  }
  expect((await arrived).map(({ payload }) => String(payload))).toEqual(['one', 'two']);
  expect(topics).toEqual(['js/alias/out', 'js/alias/out']);
  expect(raw.map(({ properties, topic }) => [topic, properties?.topicAlias])).toEqual([
    ['js/alias/out', 1],
    ['', 1],
  ]);
});

it('sends by the aliases that it gives itself', async () => {
  const subscriber = await open();
  const publisher = await open({ autoAssignTopicAlias: true });
  await subscriber.subscribeAsync('js/alias/in/#', { qos: 1 });
  const arrived = packets(subscriber, 4);
  for (const name of ['a', 'b', 'a', 'b']) {
    await publisher.publishAsync(`js/alias/in/${name}`, name, { qos: 1 });
  }
  const topics = (await arrived).map(({ topic }) => topic);
  expect(topics).toEqual(['a', 'b', 'a', 'b'].map((name) => `js/alias/in/${name}`));
});

it('is told where responses may go, and gets them there', async () => {
  const asks = { clientId: 'asks', properties: { requestResponseInformation: true } };
  const { client: requester, connack } = await greet(asks);
  const responseTopic = connack.properties?.responseInformation ?? '';
  expect(responseTopic).toBe('responses/asks');
  const responder = await open();
  await responder.subscribeAsync('js/ask', { qos: 1 });
  responder.on('message', (_topic, payload, { properties }) => {
    const { correlationData, responseTopic: topic = '' } = properties ?? {};
    const back = correlationData === undefined ? {} : { correlationData };
    responder.publish(topic, `${payload}!`, { qos: 1, properties: back });
  });
  await requester.subscribeAsync(responseTopic, { qos: 1 });
  const answered = packets(requester, 1);
  const properties = { responseTopic, correlationData: Buffer.from('k7') };
  await requester.publishAsync('js/ask', 'what', { qos: 1, properties });
  const [answer] = await answered;
  expect(String(answer?.payload)).toBe('what!');
  expect(String(answer?.properties?.correlationData)).toBe('k7');
});

it('is one of the members that share a subscription, each message going to one', async () => {
  const members = [await open(), await open()];
  const got: string[] = [];
  const done = new Promise<void>((resolve) => {
    for (const member of members) {
      member.on('message', (_topic, payload) => {
        got.push(String(payload));
        if (got.length === 6) resolve();
      });
    }
  });
  for (const member of members) await member.subscribeAsync('$share/js/js/shared', { qos: 2 });
  const publisher = await open();
  for (const n of [1, 2, 3, 4, 5, 6]) await publisher.publishAsync('js/shared', `${n}`, { qos: 2 });
  await done;
  expect(got.sort()).toEqual(['1', '2', '3', '4', '5', '6']);
});

it('gets one copy for filters that overlap, with both identifiers', async () => {
  const subscriber = await open();
  for (const [filter, subscriptionIdentifier] of [
    ['js/over/+', 3],
    ['js/over/#', 9],
  ] as const) {
    await subscriber.subscribeAsync(filter, { qos: 1, properties: { subscriptionIdentifier } });
  }
  const arrived = packets(subscriber, 2);
  const publisher = await open();
  for (const payload of ['one', 'two']) {
    await publisher.publishAsync('js/over/lap', payload, { qos: 1 });
  }
  const got = await arrived;
  expect(got.map(({ payload }) => String(payload))).toEqual(['one', 'two']);
  // In no order that the standard names.
  const identifiers = [got[0]?.properties?.subscriptionIdentifier].flat();
  expect(identifiers.sort()).toEqual([3, 9]);
});

it('gets user properties as they were sent, and what is left of the expiry', async () => {
  const subscriber = await open();
  await subscriber.subscribeAsync('js/user', { qos: 1 });
  const arrived = packets(subscriber, 1);
  const userProperties = { z: ['first', 'third'], a: 'second' };
  const properties = { userProperties, messageExpiryInterval: 1_000 };
  await (await open()).publishAsync('js/user', 'x', { qos: 1, properties });
  const [packet] = await arrived;
  expect({ ...packet?.properties?.userProperties }).toEqual(userProperties);
  expect(packet?.properties?.messageExpiryInterval).toBeGreaterThan(900);
  expect(packet?.properties?.messageExpiryInterval).toBeLessThanOrEqual(1_000);
});

it('hears nothing of its own where it asked for others alone', async () => {
  const client = await open();
  await client.subscribeAsync('js/local', { qos: 1, nl: true });
  const arrived = packets(client, 1);
  await client.publishAsync('js/local', 'own', { qos: 1 });
  await (await open()).publishAsync('js/local', "other's", { qos: 1 });
  expect((await arrived).map(({ payload }) => String(payload))).toEqual(["other's"]);
});
