/** Section 4.7 said again, as plainly as can be and slowly: what the tries are held against. */
export function naiveMatches(filter: string, topic: string): boolean {
  const topicLevels = topic.split('/');
  const filterLevels = filter.split('/');
  if (topic.startsWith('$') && ['#', '+'].includes(filterLevels[0] ?? '')) return false;
  const isOpen = filterLevels.at(-1) === '#';
  const fixed = isOpen ? filterLevels.slice(0, -1) : filterLevels;
  const isLongEnough = isOpen
    ? topicLevels.length >= fixed.length
    : topicLevels.length === fixed.length;
  return isLongEnough && fixed.every((level, i) => level === '+' || level === topicLevels[i]);
}
