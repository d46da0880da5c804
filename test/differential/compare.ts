import { renderAnswer } from './answer-text.ts';
import type { DifferentialCase } from './case-maker.ts';
import { compareDeliveries, compareEarlier } from './compare-deliveries.ts';
import type { LegOutcome, Outcome } from './contestant.ts';
import { scenarioOf } from './scenario.ts';
import { readCase, type SentUnit } from './sent-unit.ts';

/** One thing that the brokers did differently, in words that hold for a class of such things. */
export interface Difference {
  readonly version: string;
  readonly packet: string;
  readonly traits: string;
  readonly mqttk: string;
  readonly mosquitto: string;
}

/** The same of both brokers. */
export interface Pair<T> {
  readonly mqttk: T;
  readonly mosquitto: T;
}

/** Answers that may have another code, or further notes, and change nothing. */
const HARMLESS = /^(?:CONNACK 0x00(?: session)?|PUBREL|PUBCOMP)(?=[^+]*$)/;

/** How two brokers differ in a case, up to where it means nothing to go on. */
export function compare(made: DifferentialCase, outcomes: Pair<Outcome>): Difference[] {
  const sent = readCase(made);
  const differences: Difference[] = [];
  for (const index of sent.keys()) {
    const mqttk = outcomes.mqttk.legs[index];
    const mosquitto = outcomes.mosquitto.legs[index];
    if (mqttk === undefined || mosquitto === undefined) break;
    differences.push(...compareLeg(sent, index, { mqttk, mosquitto }));
    // From there on the brokers are in different states.
    if (!differences.every(isHarmless)) return differences;
  }
  return [...differences, ...compareDeliveries(sent, outcomes)];
}

/** Whether both brokers are in the same state still: their answers differ, but mean the same. */
function isHarmless({ mosquitto, mqttk }: Difference): boolean {
  const [one, other] = [mqttk, mosquitto].map((answer) => HARMLESS.exec(answer)?.[0]);
  return one !== undefined && one === other;
}

/** What two brokers answered on one connection, up to the first difference that matters. */
function compareLeg(
  sent: readonly (readonly SentUnit[])[],
  legIndex: number,
  pair: Pair<LegOutcome>,
): Difference[] {
  const units = sent[legIndex] ?? [];
  const differences: Difference[] = [];
  for (const [index, unit] of units.entries()) {
    const mqttk = describe(pair.mqttk, index, unit);
    const mosquitto = describe(pair.mosquitto, index, unit);
    if (mqttk !== mosquitto) {
      // Acks that mean nothing to one of them may be owed to what it did not deliver.
      const earlier = isAck(unit) ? compareEarlier(sent, legIndex, index, pair) : [];
      if (earlier.length > 0) return [...differences, ...earlier];
      const before = [...sent.slice(0, legIndex).flat(), ...units.slice(0, index)];
      const { packet, traits, version } = scenarioOf(unit, before);
      const difference = { version, packet, traits: traits.join(', '), mqttk, mosquitto };
      differences.push(difference);
      if (!isHarmless(difference)) return differences;
    }
    if (isEnd(pair.mqttk, index)) break;
  }
  return differences;
}

/** What a broker did with one unit, in words. */
function describe(outcome: LegOutcome, index: number, { packet }: SentUnit): string {
  const id = packet !== undefined && 'packetId' in packet ? packet.packetId : undefined;
  const answers = (outcome.answers[index] ?? []).map((answer) => renderAnswer(answer, id));
  const ends = isEnd(outcome, index) ? [outcome.isMute ? 'mute' : 'closed'] : [];
  const words = [...answers, ...ends];
  return words.length === 0 ? 'nothing' : words.join(' + ');
}

function isEnd({ endedAt }: LegOutcome, index: number): boolean {
  return endedAt === index;
}

function isAck({ packet }: SentUnit): boolean {
  return packet !== undefined && /^pub(?:ack|rec|comp)$/.test(packet.type);
}
