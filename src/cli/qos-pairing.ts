import type { QoS } from '../codec/packet.ts';

/** The QoS of each topic: as many `-q` as `-t` pair up; otherwise the last holds for all. */
export function pairQos(topicCount: number, qualities: readonly QoS[]): readonly QoS[] {
  if (topicCount === qualities.length) return qualities;
  const last = qualities.at(-1) ?? 0;
  return Array.from({ length: topicCount }, () => last);
}
