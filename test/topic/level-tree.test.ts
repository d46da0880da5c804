import { expect, it } from 'vitest';
import { LevelTree } from '../../src/topic/level-tree.ts';

/** One byte less than a text can have, all of it levels. */
const DEEPEST = '/'.repeat(65_535);

function tree(...texts: string[]): LevelTree<string> {
  const grown = new LevelTree<string>();
  for (const text of texts) grown.grow(text).content = text;
  return grown;
}

function clear(from: LevelTree<string>, text: string): void {
  const node = from.find(text) ?? expect.fail(`${text} is missing`);
  node.content = undefined;
  from.prune(node);
}

it('keeps shared levels once', () => {
  expect(tree('a/b/c', 'a/b/d', 'a').nodeCount).toBe(4);
});

it('finds exactly the text that was put in, empty levels included', () => {
  const found = tree('/a', 'a/', 'a//b', 'a', '/');
  for (const text of ['/a', 'a/', 'a//b', 'a', '/']) expect(found.find(text)?.content).toBe(text);
  expect(found.find('a/b')).toBeUndefined();
  expect(found.find('')?.content).toBeUndefined();
});

it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])(
  'finds no %s by itself',
  (key) => {
    expect(tree('a').find(key)).toBeUndefined();
    expect(tree('a').find(`a/${key}`)).toBeUndefined();
    expect(tree(key).find(key)?.content).toBe(key);
  },
);

it('drops at once the nodes that lead nowhere, and no others', () => {
  const shrinking = tree('a/b/c/d', 'a/b', 'a/x');
  clear(shrinking, 'a/b/c/d');
  expect(shrinking.nodeCount).toBe(3);
  clear(shrinking, 'a/b');
  expect(shrinking.nodeCount).toBe(2);
  expect(shrinking.find('a/x')?.content).toBe('a/x');
  clear(shrinking, 'a/x');
  expect(shrinking.nodeCount).toBe(0);
  expect(shrinking.root.children).toBeUndefined();
});

it('keeps a node that has lost its content and still leads somewhere', () => {
  const shrinking = tree('a', 'a/b');
  clear(shrinking, 'a');
  expect(shrinking.find('a/b')?.content).toBe('a/b');
});

it('grows and shrinks to the deepest text', () => {
  const deep = tree(DEEPEST);
  expect(deep.nodeCount).toBe(65_536);
  expect(deep.find(DEEPEST)?.content).toBe(DEEPEST);
  clear(deep, DEEPEST);
  expect(deep.nodeCount).toBe(0);
});

it('keeps long levels as they are [MQTT-4.7.3-4] [311:4.7.3-4]', () => {
  const level = `\uFEFF${'é'.repeat(10)}${'e\u0301'.repeat(10)}😀`;
  const long = tree(`${level}/a`);
  expect(long.find(level)?.level).toBe(level);
  expect(long.find(level.normalize('NFC'))).toBeUndefined();
});
