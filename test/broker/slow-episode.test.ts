import { expect, it } from 'vitest';
import { type Holdable, SlowEpisode } from '../../src/broker/slow-episode.ts';

class Publisher implements Holdable {
  holders = 0;
  hold(): void {
    this.holders += 1;
  }
  letGo(): void {
    this.holders -= 1;
  }
}

it('holds a publisher once, until the client has caught up', () => {
  const [episode, publisher] = [new SlowEpisode(() => {}), new Publisher()];
  episode.hold(publisher);
  episode.hold(publisher);
  expect(publisher.holders).toBe(1);
  episode.end();
  expect(publisher.holders).toBe(0);
});

it('holds nobody any more once its grace is over', () => {
  const [episode, publisher] = [new SlowEpisode(() => {}), new Publisher()];
  episode.hold(publisher);
  episode.onDeadline();
  episode.hold(publisher);
  expect([publisher.holders, episode.isSpent]).toEqual([0, true]);
});

it('says once that its grace was not enough, and nothing if it was', () => {
  let spent = 0;
  const episode = new SlowEpisode(() => {
    spent += 1;
  });
  const publisher = new Publisher();
  expect([episode.hold(publisher), episode.hold(publisher)]).toEqual([true, false]);
  episode.onDeadline();
  episode.end();
  expect([spent, episode.hold(publisher)]).toEqual([1, false]);
});
