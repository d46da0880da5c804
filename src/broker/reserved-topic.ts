/**
 * Topics that are the broker's own: what clients publish there is refused, or they could forge its
 * statistics, or write where only subscriptions are named. Bridges announce themselves under one.
 */
export function isReservedTopic(topicName: string): boolean {
  if (!topicName.startsWith('$')) return false;
  const slash = topicName.indexOf('/');
  const first = slash < 0 ? topicName : topicName.slice(0, slash);
  if (first === '$SYS') return !/^\$SYS\/broker\/connection\/[^/]+\/state$/.test(topicName);
  return first === '$share' || first === '$CONTROL';
}
