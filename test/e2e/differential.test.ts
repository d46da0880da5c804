import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DifferentialRun, EXPLAINED_VERSION } from '../differential/differential-run.ts';
import { hasPeer, peerVersion } from '../support/peers.ts';

/** `npm run differential` runs far more. */
const CASES = 300;
const FIXED_SEED = 2;

const canRun = hasPeer('mosquitto') && peerVersion('mosquitto') === EXPLAINED_VERSION;

describe.runIf(canRun)('the same bytes sent to the broker and to mosquitto', () => {
  let run: DifferentialRun;
  beforeAll(async () => {
    run = await DifferentialRun.start();
  });
  afterAll(() => run.stop());

  it.each([
    ['a fixed seed', FIXED_SEED],
    ['a fresh seed', Date.now() % 2 ** 31],
  ])(
    'have the same outcome, but for what is explained, with %s (%i)',
    async (_which, seed) => {
      const { cases, explained, unexplained } = await run.run(seed, CASES);
      expect(unexplained.join('\n')).toBe('');
      expect(cases).toBe(CASES);
      // Else nothing was compared.
      expect(explained.size).toBeGreaterThan(5);
    },
    120_000,
  );
});
