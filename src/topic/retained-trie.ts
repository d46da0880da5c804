import { type LevelNode, LevelTree } from './level-tree.ts';
import type { TopicFilter } from './topic-filter.ts';
import { isHidden, isWildcard } from './topic-matches.ts';
import type { TopicName } from './topic-name.ts';

/** Nodes that match the first `depth` levels of a filter and are yet to be looked at. */
interface Opened<Value> {
  readonly nodes: Iterator<LevelNode<Value>>;
  readonly depth: number;
  /** Leading wildcards do not see a first level that begins with `$` [MQTT-4.7.2-1]. */
  readonly isBlind: boolean;
}

/** How long a search may go on without a match before it lets the caller breathe. */
const LOOKS_MAX = 1000;

/** One value per topic, found by filter: the broker's retained messages (section 3.3.1.3). */
export class RetainedTrie<Value extends object> {
  readonly #tree = new LevelTree<Value>();
  #size = 0;

  /** How many topics have a value. */
  get size(): number {
    return this.#size;
  }

  /** How many levels of topics are kept, each once: 0 if there are no values. */
  get nodeCount(): number {
    return this.#tree.nodeCount;
  }

  get(topic: TopicName): Value | undefined {
    return this.#tree.find(topic)?.content;
  }

  /** Sets or replaces a topic's value, and gives the one that it had. */
  set(topic: TopicName, value: Value): Value | undefined {
    const node = this.#tree.grow(topic);
    const before = node.content;
    node.content = value;
    if (before === undefined) this.#size += 1;
    return before;
  }

  /** Takes away a topic's value and gives it, if there was one. */
  delete(topic: TopicName): Value | undefined {
    const node = this.#tree.find(topic);
    const before = node?.content;
    if (node === undefined || before === undefined) return undefined;
    node.content = undefined;
    this.#tree.prune(node);
    this.#size -= 1;
    return before;
  }

  /**
   * The values of all topics that a filter matches (section 4.7), found one by one as they are
   * asked for, so that a million can be sent at the pace of a socket. What is held meanwhile grows
   * with the levels of the filter and the topics, not with the matches. Where matches are rare it
   * gives `undefined` after each 1000 nodes without one, so that a caller may see to others first.
   *
   * The trie may change between two steps. A topic that has a value all the time is given once,
   * with the value that it has by then; one that has lost its value is not given; one that got its
   * first value meanwhile may be given or not. One that was deleted and set again counts as new
   * each time.
   */
  *matches(filter: TopicFilter): Generator<Value | undefined, void, undefined> {
    const levels = filter.split('/');
    const nodes = [this.#tree.root].values();
    const opened: Opened<Value>[] = [{ nodes, depth: 0, isBlind: false }];
    let looks = 0;
    for (let last = opened.at(-1); last !== undefined; last = opened.at(-1)) {
      const step = last.nodes.next();
      if (step.done === true) {
        opened.pop();
        continue;
      }
      const node = step.value;
      const isSeen = !last.isBlind || !isHidden(node.level);
      const value = isSeen && isMatch(levels, last.depth) ? node.content : undefined;
      looks += 1;
      if (value !== undefined || looks === LOOKS_MAX) {
        looks = 0;
        yield value;
      }
      // Only now, so that what has come below this node during the pause is found.
      const below = isSeen ? open(node, levels, last.depth) : undefined;
      if (below !== undefined) opened.push(below);
    }
  }
}

/** Whether a topic matches whose levels are as many as `depth`, and match those of the filter. */
function isMatch(levels: readonly string[], depth: number): boolean {
  return depth === levels.length || levels[depth] === '#';
}

/** The children of a node that match one level more; a `#` matches however many there are. */
function open<Value>(
  { children, parent }: LevelNode<Value>,
  levels: readonly string[],
  depth: number,
): Opened<Value> | undefined {
  const level = levels[depth];
  if (children === undefined || level === undefined) return undefined;
  if (isWildcard(level)) {
    const isBlind = parent === undefined;
    return { nodes: children.values(), depth: level === '#' ? depth : depth + 1, isBlind };
  }
  const child = children.get(level);
  return child && { nodes: [child].values(), depth: depth + 1, isBlind: false };
}
