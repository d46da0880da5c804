import fc from 'fast-check';
import { type TopicFilter, toTopicFilter } from '../../src/topic/topic-filter.ts';
import { type TopicName, toTopicName } from '../../src/topic/topic-name.ts';

/** Few, so that topics and filters meet; with all that could be mistaken for something else. */
const LEVELS = ['', 'a', 'b', '$SYS', '$share', '$', '__proto__', 'constructor', 'é', 'e\u0301'];

/** Topics of up to four levels out of few. */
export const topicNames: fc.Arbitrary<TopicName> = fc
  .array(fc.constantFrom(...LEVELS), { minLength: 1, maxLength: 4 })
  .map((levels) => levels.join('/'))
  .filter((text) => text !== '')
  .map(toTopicName);

/** Filters of up to five levels, about half of them wildcards. */
export const topicFilters: fc.Arbitrary<TopicFilter> = fc
  .tuple(
    fc.array(fc.oneof(fc.constantFrom(...LEVELS), fc.constant('+')), { maxLength: 4 }),
    fc.constantFrom('#', undefined, undefined),
  )
  .map(([levels, last]) => [...levels, ...(last === undefined ? [] : [last])].join('/'))
  .filter((text) => text !== '')
  .map(toTopicFilter);
