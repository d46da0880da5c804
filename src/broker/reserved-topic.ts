/** Where bridges say whether they are connected: `$SYS/broker/connection/NAME/state`. */
const BRIDGE_STATE = { prefix: '$SYS/broker/connection/', suffix: '/state' } as const;

/**
 * Topics that are the broker's own: what clients publish there is refused, or they could forge its
 * statistics, or write where only subscriptions are named. Bridges announce themselves under one.
 */
export function isReservedTopic(topicName: string): boolean {
  if (!topicName.startsWith('$')) return false;
  const slash = topicName.indexOf('/');
  const first = slash < 0 ? topicName : topicName.slice(0, slash);
  if (first === '$SYS') return !isBridgeState(topicName);
  return first === '$share' || first === '$CONTROL';
}

function isBridgeState(topicName: string): boolean {
  const { prefix, suffix } = BRIDGE_STATE;
  if (!topicName.startsWith(prefix) || !topicName.endsWith(suffix)) return false;
  const name = topicName.slice(prefix.length, -suffix.length);
  return name !== '' && !name.includes('/');
}
