import { expect, it } from 'vitest';
import { VersionTracker, versionTitle } from '../../src/inspect/version-tracker.ts';
import { hex } from '../support/hex.ts';

it('prefers what it was given to what a CONNECT says', () => {
  const tracker = new VersionTracker(5);
  tracker.onConnect(4);
  expect(tracker.version).toEqual({ level: 5, from: 'option' });
  expect(tracker.isOpen).toBe(false);
});

it('prefers a CONNECT to evidence', () => {
  const tracker = new VersionTracker(undefined);
  tracker.weigh(hex`20 03 00 00 00`, 1);
  tracker.onConnect(3);
  expect(tracker.version).toEqual({ level: 3, from: 'connect' });
});

it('assumes 3.1.1 while packets fit both versions', () => {
  const tracker = new VersionTracker(undefined);
  tracker.weigh(hex`c0 00`, 1);
  expect(tracker.version).toEqual({ level: 4, from: 'assumed' });
});

it('infers from the packets that fit one version alone, and names the first', () => {
  const tracker = new VersionTracker(undefined);
  tracker.weigh(hex`c0 00`, 1);
  tracker.weigh(hex`20 03 00 00 00`, 2);
  tracker.weigh(hex`40 03 0001 10`, 3);
  expect(tracker.version).toEqual({ level: 5, from: 'inferred', evidence: '#2 CONNACK' });
  expect(tracker.isTorn).toBe(false);
  tracker.weigh(hex`20 02 00 00`, 4);
  expect(tracker.version.level).toBe(5);
  expect(tracker.isTorn).toBe(true);
});

it('names versions as people do', () => {
  expect([3, 4, 5].map((level) => versionTitle(level as 3 | 4 | 5))).toEqual([
    '3.1',
    '3.1.1',
    '5.0',
  ]);
});
