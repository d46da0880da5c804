import { Buffer } from 'node:buffer';
import type { Choices } from './choices.ts';
import type { SimClient } from './client.ts';

/** Frames that end a connection. */
const GARBAGE = [
  { what: 'packet type 0', bytes: Buffer.from([0x00, 0x00]) },
  { what: 'PUBLISH with QoS 3', bytes: Buffer.from([0x36, 0x05, 0, 1, 0x61, 0, 1]) },
  { what: 'SUBSCRIBE without a filter', bytes: Buffer.from([0x82, 0x03, 0, 1, 0]) },
] as const;

/** What a client may do of its own accord, and how often it does. */
const DEEDS: readonly { readonly weight: number; deed(client: SimClient, by: Choices): void }[] = [
  { weight: 50, deed: publishSome },
  { weight: 60, deed: answerSome },
  { weight: 12, deed: subscribe },
  { weight: 4, deed: unsubscribe },
  { weight: 3, deed: ping },
  { weight: 3, deed: leave },
  { weight: 1, deed: misbehave },
];
const WEIGHT_SUM = DEEDS.reduce((sum, { weight }) => sum + weight, 0);

/** Has a client that is connected do something. */
export function act(client: SimClient, choices: Choices): void {
  let left = choices.random.below(WEIGHT_SUM);
  for (const { deed, weight } of DEEDS) {
    left -= weight;
    if (left >= 0) continue;
    deed(client, choices);
    return;
  }
}

function publishSome(client: SimClient, choices: Choices): void {
  const { random } = choices;
  for (let left = 1 + random.below(4); left > 0; left -= 1) {
    const packet = choices.publish(client.clientId, client.kind, client.connect?.level ?? 5);
    client.publish(packet, random.chance(40) ? random.below(4) : 0);
  }
}

function answerSome(client: SimClient, { random }: Choices): void {
  for (let left = 1 + random.below(8); left > 0; left -= 1) client.answer();
}

function subscribe(client: SimClient, choices: Choices): void {
  const level = client.connect?.level ?? 5;
  client.send(choices.subscribe(client.kind, level, client.takeId()));
}

function unsubscribe(client: SimClient, choices: Choices): void {
  const topicFilters = [choices.filter(client.kind), choices.filter(client.kind)];
  client.send({ type: 'unsubscribe', packetId: client.takeId(), properties: {}, topicFilters });
}

function ping(client: SimClient): void {
  client.send({ type: 'pingreq' });
}

function leave(client: SimClient, choices: Choices): void {
  const { connect } = client;
  if (connect === undefined) return;
  client.send(choices.disconnect(connect));
  client.isReady = false;
}

function misbehave(client: SimClient, choices: Choices): void {
  const { connect } = client;
  if (connect === undefined) return;
  if (choices.random.chance(30)) client.send(connect);
  else {
    const { bytes, what } = choices.pick(GARBAGE);
    client.send({ type: 'garbage', what }, bytes);
  }
  client.isReady = false;
}
