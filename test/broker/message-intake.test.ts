import { expect, it } from 'vitest';
import { MessageIntake } from '../../src/broker/message-intake.ts';

type Heard = [name: string, error: Error | undefined, isMatched: boolean];

function listener(heard: Heard[], name: string) {
  return (error: Error | undefined, isMatched: boolean): void => {
    heard.push([name, error, isMatched]);
  };
}

it('lets a repeated message wait for the verdict on the first', () => {
  const [intake, heard] = [new MessageIntake(), [] as Heard[]];
  const settle = intake.begin(1, listener(heard, 'first'), () => {});
  intake.join(1, listener(heard, 'again'));
  expect(heard).toEqual([]);
  settle(undefined, false);
  expect(heard).toEqual([
    ['first', undefined, false],
    ['again', undefined, false],
  ]);
});

it('answers a repeated message at once if the first is safe', () => {
  const [intake, heard] = [new MessageIntake(), [] as Heard[]];
  intake.begin(
    1,
    () => {},
    () => {},
  )(undefined, true);
  intake.join(1, listener(heard, 'again'));
  expect([heard, intake.size]).toEqual([[['again', undefined, true]], 0]);
});

it('frees the id before anybody hears of a failure', () => {
  const [intake, steps] = [new MessageIntake(), [] as string[]];
  const settle = intake.begin(
    1,
    () => steps.push('heard'),
    () => steps.push('freed'),
  );
  settle(new Error('disk full'), false);
  expect([steps, intake.size]).toEqual([['freed', 'heard'], 0]);
});

it('does not mistake an old message for a new one under the same id', () => {
  const [intake, heard] = [new MessageIntake(), [] as Heard[]];
  const old = intake.begin(1, listener(heard, 'old'), () =>
    heard.push(['freed', undefined, false]),
  );
  intake.begin(1, listener(heard, 'new'), () => {});
  old(new Error('lost'), false);
  intake.join(1, listener(heard, 'again'));
  expect(heard).toHaveLength(1);
});
