import process from 'node:process';
import { parseArgs } from 'node:util';
import { DifferentialRun, EXPLAINED_VERSION } from '../test/differential/differential-run.ts';
import { peerVersion } from '../test/support/peers.ts';

/**
 * Sends the same bytes to mqttk's broker and to mosquitto, and compares what they make of them:
 * `npm run differential -- [--seed N] [--cases M]`. Prints each difference that
 * `test/differential/differences.md` does not explain, and then exits with 1.
 */
const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    cases: { type: 'string', default: '20000' },
  },
});

async function main(seed: number, cases: number): Promise<void> {
  process.stdout.write(`seed ${seed}\n`);
  const version = peerVersion('mosquitto');
  if (version !== EXPLAINED_VERSION) {
    process.stdout.write(
      `mosquitto ${version}: ${EXPLAINED_VERSION} is the one that is explained\n`,
    );
  }
  const run = await DifferentialRun.start();
  try {
    const startedMs = Date.now();
    const { cases: done, explained, unexplained } = await run.run(seed, cases);
    const seconds = (Date.now() - startedMs) / 1000;
    for (const [line, count] of [...explained].sort(([one], [other]) => one - other)) {
      process.stdout.write(`${String(count).padStart(6)}  differences.md:${line}\n`);
    }
    for (const text of unexplained) process.stdout.write(`\nnot explained: ${text}\n`);
    const rate = Math.round(done / seconds);
    const found = `${unexplained.length} classes of differences not explained`;
    process.stdout.write(`${done} cases, ${rate} a second: ${found}\n`);
    process.exitCode = unexplained.length > 0 ? 1 : 0;
  } finally {
    await run.stop();
  }
}

const [seed, cases] = [Number(values.seed), Number(values.cases)];
if (!Number.isInteger(seed) || !Number.isInteger(cases) || cases < 1) {
  process.stderr.write('usage: npm run differential -- [--seed N] [--cases M]\n');
  process.exitCode = 2;
} else {
  await main(seed, cases);
}
