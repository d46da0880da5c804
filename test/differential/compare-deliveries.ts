import type { Difference, Pair } from './compare.ts';
import type { LegOutcome, Outcome } from './contestant.ts';
import type { Delivery } from './delivery.ts';
import { contextOf, type DeliveryContext, subscriptionTraits } from './delivery-context.ts';
import type { SentUnit } from './sent-unit.ts';

const TO_CLIENT = 'to client';
const TO_OBSERVER = 'to observer';

/** Compares what both brokers delivered, to the client itself and to the observer. */
export function compareDeliveries(
  sent: readonly (readonly SentUnit[])[],
  { mosquitto, mqttk }: Pair<Outcome>,
): Difference[] {
  const context = contextOf(sent);
  const toClient = sent.flatMap((_units, index) => {
    const lists = { mqttk: mqttk.legs[index], mosquitto: mosquitto.legs[index] };
    return compareLists(
      {
        mqttk: lists.mqttk?.deliveries ?? [],
        mosquitto: lists.mosquitto?.deliveries ?? [],
      },
      TO_CLIENT,
      context,
    );
  });
  const observed = { mqttk: mqttk.observed, mosquitto: mosquitto.observed };
  return [...toClient, ...compareLists(observed, TO_OBSERVER, context)];
}

/** Compares what the client got on one connection before a unit of it was answered. */
export function compareEarlier(
  sent: readonly (readonly SentUnit[])[],
  legIndex: number,
  unitIndex: number,
  { mosquitto, mqttk }: Pair<LegOutcome>,
): Difference[] {
  const before = ({ deliveries }: LegOutcome): Delivery[] =>
    deliveries.filter(({ unit }) => unit <= unitIndex);
  const pair = { mqttk: before(mqttk), mosquitto: before(mosquitto) };
  const context = contextOf(sent.slice(0, legIndex + 1));
  const differences = compareLists(pair, TO_CLIENT, context);
  if (differences.length > 0 || idsOf(pair.mqttk) === idsOf(pair.mosquitto)) return differences;
  const { version } = context;
  const answer = 'another id';
  return [{ version, packet: TO_CLIENT, traits: '', mqttk: answer, mosquitto: answer }];
}

/** Which message has which id, whatever the order. */
function idsOf(deliveries: readonly Delivery[]): string {
  return deliveries
    .map(({ packetId, payload, qos }) => `${packetId} ${qos} ${payload}`)
    .sort()
    .join('\n');
}

/**
 * Messages of one topic and QoS come in order, others in any (section 4.6): each such list is
 * compared alone.
 */
function compareLists(
  pair: Pair<readonly Delivery[]>,
  where: string,
  context: DeliveryContext,
): Difference[] {
  const groups = new Set([...pair.mqttk, ...pair.mosquitto].map(groupOf));
  return [...groups].flatMap((group) => {
    const mqttk = pair.mqttk.filter((one) => groupOf(one) === group);
    const mosquitto = pair.mosquitto.filter((one) => groupOf(one) === group);
    const at = mqttk.findIndex((one, index) => !isEqual(one, mosquitto[index]));
    const first = at < 0 ? mqttk.length : at;
    const pairAt = { mqttk: mqttk[first], mosquitto: mosquitto[first] };
    if (pairAt.mqttk === undefined && pairAt.mosquitto === undefined) return [];
    const isMissing = {
      mqttk: isLacking(mqttk, pairAt.mosquitto),
      mosquitto: isLacking(mosquitto, pairAt.mqttk),
    };
    const about = isMissing.mqttk ? pairAt.mosquitto : (pairAt.mqttk ?? pairAt.mosquitto);
    const traits = about === undefined ? [] : traitsOf(about, context, where);
    return [
      {
        version: context.version,
        packet: where,
        traits: traits.join(', '),
        mqttk: isMissing.mqttk ? 'missing' : describe(pairAt.mqttk, pairAt.mosquitto),
        mosquitto: isMissing.mosquitto ? 'missing' : describe(pairAt.mosquitto, pairAt.mqttk),
      },
    ];
  });
}

/** Whether a broker never delivered what the other one did. */
function isLacking(list: readonly Delivery[], other: Delivery | undefined): boolean {
  return other !== undefined && !list.some(({ payload }) => payload === other.payload);
}

function traitsOf(
  { bytes, isRetained, payload, qos, topic }: Delivery,
  context: DeliveryContext,
  where: string,
): string[] {
  return [
    `qos-${qos}`,
    ...(isRetained ? ['retained'] : []),
    ...(topic.startsWith('$') ? ['dollar-topic'] : []),
    ...(context.held.has(topic) || context.held.has(payload) ? ['held'] : []),
    ...(where === TO_CLIENT ? [...subscriptionTraits(topic, context), ...context.session] : []),
    ...(context.wills.get(payload) ?? []),
    ...(where === TO_CLIENT && bytes > context.packetBytesMax ? ['too-large'] : []),
    ...(payload === '' ? ['empty'] : []),
    ...(payload.startsWith('away') ? ['away'] : []),
  ];
}

/** What about a delivery is unlike the other one. */
function describe(one: Delivery | undefined, other: Delivery | undefined): string {
  if (one === undefined) return 'no further';
  if (other === undefined) return 'one more';
  if (one.payload !== other.payload) return 'another';
  const unlike = [
    ...(one.isRetained === other.isRetained ? [] : [one.isRetained ? 'retain' : 'no retain']),
    ...(one.isDuplicate === other.isDuplicate ? [] : [one.isDuplicate ? 'dup' : 'no dup']),
    ...(one.properties === other.properties ? [] : [one.properties]),
  ];
  return unlike.join(' + ');
}

function groupOf({ qos, topic }: Delivery): string {
  return `${qos} ${topic}`;
}

function isEqual(one: Delivery, other: Delivery | undefined): boolean {
  return (
    other !== undefined &&
    one.payload === other.payload &&
    one.isRetained === other.isRetained &&
    one.isDuplicate === other.isDuplicate &&
    one.properties === other.properties
  );
}
