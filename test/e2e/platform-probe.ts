import { Buffer } from 'node:buffer';
import process from 'node:process';
import { defineCommand } from '../../src/cli/command.ts';
import { NodePlatform } from '../../src/cli/node-platform.ts';
import type { Platform } from '../../src/cli/platform.ts';
import { runProgram } from '../../src/cli/program.ts';

/** What each command does to the real platform; `node-platform.test.ts` looks on. */
const PROBES: Record<string, (platform: Platform, path: string) => Promise<number>> = {
  async large(platform) {
    setInterval(() => {}, 1000);
    platform.print(Buffer.alloc(3_000_000, 'x'));
    platform.warn('the end');
    return 5;
  },
  async endless(platform) {
    for (;;) {
      platform.print('line\n');
      await platform.whenPrinted();
      await new Promise<void>((resolve) => platform.atTurnEnd(resolve));
    }
  },
  async slow(platform) {
    let isTold = false;
    const isFree = platform.print(Buffer.alloc(1_000_000), () => {
      isTold = true;
    });
    platform.warn(`free ${isFree}, told ${isTold}`);
    await platform.whenPrinted();
    platform.warn(`told ${isTold}`);
    return 0;
  },
  async memory(platform) {
    platform.print(String(platform.memoryBytes));
    return 0;
  },
  async copy(platform, path) {
    for await (const chunk of platform.readChunks(path)) platform.print(chunk);
    return 0;
  },
  async whole(platform, path) {
    platform.print(await platform.read(path));
    return 0;
  },
  signal(platform) {
    return new Promise((resolve) => {
      const cancel = platform.onSignal((signal) => {
        cancel();
        platform.warn(signal);
        platform.setAlarm(platform.nowMs() + 1e9, () => {});
        resolve(9);
      });
      setInterval(() => {}, 1000);
      platform.print('ready\n');
    });
  },
  idle() {
    return new Promise(() => {});
  },
  fault(platform) {
    platform.atTurnEnd(() => {
      throw new RangeError('thrown in a callback');
    });
    return new Promise(() => {});
  },
};

const COMMANDS = new Map(
  Object.entries(PROBES).map(([name, probe]) => {
    const command = defineCommand({
      positionals: { usage: '[FILE]', max: 1 },
      options: {},
      examples: [],
      run: (_options, [path = '-'], platform) => probe(platform, path),
    });
    return [name, { summary: name, load: async () => command }];
  }),
);

void runProgram(process.argv.slice(2), new NodePlatform(), COMMANDS);
