import { Buffer } from 'node:buffer';
import { assert } from '../base/assert.ts';
import { LeanMap } from './lean-map.ts';

/** The place of one topic or filter, or of the levels that some begin with. */
export class LevelNode<Content> {
  readonly parent: LevelNode<Content> | undefined;
  /** Its key in the parent's `children`. */
  readonly level: string;
  /** Never empty: a Map and not an object, since peers choose the keys (`__proto__`). */
  children: LeanMap<string, LevelNode<Content>> | undefined = undefined;
  /** What belongs to the levels from the root down to here. */
  content: Content | undefined = undefined;

  constructor(parent: LevelNode<Content> | undefined, level: string) {
    this.parent = parent;
    this.level = level;
  }
}

/**
 * V8 makes longer pieces of a text point into it, which would keep up to 64 KB in memory for as
 * long as another filter shares a level with it; a copy takes 44 bytes.
 */
const COPIED_LENGTH_MAX = 12;

/**
 * Topics or filters as a tree of their levels, as they are written: an empty level is a level.
 * Each node but the root has content or a child that leads to some. Nothing here recurses, since a
 * text may have 65,536 levels.
 */
export class LevelTree<Content> {
  readonly root = new LevelNode<Content>(undefined, '');
  #nodeCount = 0;

  /** How many nodes there are, the root not counted. */
  get nodeCount(): number {
    return this.#nodeCount;
  }

  /** The node of exactly this text, if it or a longer one is in the tree. */
  find(text: string): LevelNode<Content> | undefined {
    let node: LevelNode<Content> | undefined = this.root;
    for (const level of text.split('/')) {
      node = node.children?.get(level);
      if (node === undefined) return undefined;
    }
    return node;
  }

  /** The node of this text, made if need be: the caller puts content there at once. */
  grow(text: string): LevelNode<Content> {
    let node = this.root;
    for (const level of text.split('/')) {
      node = node.children?.get(level) ?? this.#addChild(node, level);
    }
    return node;
  }

  /** Takes away a node that has lost its content, and those above that have nothing else below. */
  prune(emptied: LevelNode<Content>): void {
    assert(emptied.content === undefined, 'nothing with content is pruned');
    let node = emptied;
    while (node.parent !== undefined && node.content === undefined && node.children === undefined) {
      const { parent, level } = node;
      parent.children?.delete(level);
      if (parent.children?.size === 0) parent.children = undefined;
      this.#nodeCount -= 1;
      node = parent;
    }
  }

  #addChild(parent: LevelNode<Content>, level: string): LevelNode<Content> {
    const isPiece = level.length > COPIED_LENGTH_MAX;
    const child = new LevelNode(parent, isPiece ? Buffer.from(level).toString() : level);
    parent.children ??= new LeanMap();
    parent.children.set(child.level, child);
    this.#nodeCount += 1;
    return child;
  }
}
