import type { Packet, SubscribePacket, UnsubscribePacket } from '../../src/codec/packet.ts';
import type { Answer, ModelConnection } from './model-connection.ts';
import { noReplay } from './model-retained.ts';
import type { ModelSession, ModelSubscription } from './model-session.ts';
import type { ModelState } from './model-state.ts';

const SUCCESS = 0x00;
const NO_SUBSCRIPTION_EXISTED = 0x11;

/** SUBSCRIBE: each filter as if it came alone; retained messages follow where they are wanted. */
export function onSubscribe(
  state: ModelState,
  session: ModelSession,
  { packetId, properties, subscriptions }: SubscribePacket,
): Answer {
  const identifier = properties.subscriptionIdentifier?.[0];
  const isNew = new Map<string, boolean>();
  for (const { topicFilter, ...options } of subscriptions) {
    const wasThere = session.subscriptions.has(topicFilter);
    isNew.set(topicFilter, !wasThere || isNew.get(topicFilter) === true);
    const subscription = { ...splitFilter(topicFilter), ...options, identifier };
    session.subscriptions.set(topicFilter, subscription);
    const stopped = session.stopReplay(topicFilter);
    if (state.outlives === 'nothing') continue;
    // A replay begins behind its SUBACK: where that waits, it is not stopped.
    for (const { subscription: old, optional, wanted } of stopped) {
      const replay = { ...noReplay(old), optional: new Set([...optional, ...wanted]) };
      session.replays.push({ topicFilter, replay });
    }
  }
  for (const [topicFilter, isFirst] of isNew) {
    const subscription = session.subscriptions.get(topicFilter);
    if (subscription === undefined || !asksForRetained(subscription, isFirst)) continue;
    const replay = state.retained.replayFor(subscription, state.nowMs);
    session.replays.push({ topicFilter, replay });
  }
  return { type: 'suback', packetId, codes: subscriptions.map(({ qos }) => qos) };
}

/** Retain Handling; a shared subscription gets none (section 4.8.2). */
function asksForRetained(
  { retainHandling, shareName }: ModelSubscription,
  isFirst: boolean,
): boolean {
  if (shareName !== undefined || retainHandling === 2) return false;
  return retainHandling === 0 || isFirst;
}

export function onUnsubscribe(
  session: ModelSession,
  level: number,
  { packetId, topicFilters }: UnsubscribePacket,
): Answer {
  const codes = topicFilters.map((topicFilter) => {
    session.stopReplay(topicFilter);
    return session.subscriptions.delete(topicFilter) ? SUCCESS : NO_SUBSCRIPTION_EXISTED;
  });
  return { type: 'unsuback', packetId, codes: level === 5 ? codes : [] };
}

/** `$share/NAME/FILTER` names a group. */
function splitFilter(text: string): Pick<ModelSubscription, 'filter' | 'shareName'> {
  const [, shareName, filter] = /^\$share\/([^/]+)\/(.+)$/.exec(text) ?? [];
  return { filter: filter ?? text, shareName };
}

/**
 * Judges an answer: it is the one to the oldest packet that has none [MQTT-4.6.0-2]. PINGRESP waits
 * for nothing that is to be kept.
 */
export function onAnswerSent(state: ModelState, connection: ModelConnection, packet: Packet): void {
  const { answers } = connection;
  const isFree = packet.type === 'pingresp' && state.outlives === 'all';
  const at = isFree ? answers.findIndex(({ type }) => type === 'pingresp') : 0;
  const owed = answers[at];
  if (owed !== undefined && isAnswer(owed, packet)) {
    answers.splice(at, 1);
    return;
  }
  const what = owed === undefined ? 'nothing' : JSON.stringify(owed);
  const shown = JSON.stringify(packet);
  state.report(`${shown} to ${connection.name}, where ${what} is owed`);
}

function isAnswer({ codes, packetId, type }: Answer, packet: Packet): boolean {
  if (packet.type !== type) return false;
  if ('packetId' in packet && packet.packetId !== packetId) return false;
  if (codes === undefined) return true;
  const sent = 'reasonCodes' in packet ? packet.reasonCodes : [codeOf(packet)];
  return sent.length === codes.length && sent.every((code, index) => code === codes[index]);
}

function codeOf(packet: Packet): number {
  return 'reasonCode' in packet ? packet.reasonCode : SUCCESS;
}
