import { Buffer } from 'node:buffer';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { runProgram } from '../../src/cli/program.ts';
import { RecordedPlatform, type Surroundings } from '../support/recorded-platform.ts';

const CONNECT = '100d00044d5154540402003c000174';
const PCAP =
  'd4c3b2a1020004000000000000000000ffff00006500000000f15365000000002a0000002a000000' +
  '4500002a00004000400626cc0a0000010a0000029c40075b000003e9000007d5501802002a6e0000c000';

async function run(words: readonly string[], surroundings: Surroundings = {}) {
  const platform = new RecordedPlatform(surroundings);
  await runProgram(['decode', '--summary', ...words], platform);
  return platform;
}

describe('the forms that can be asked for', () => {
  it.each([
    ['hex', 'c000'],
    ['ws', '8202c000'],
    ['dec', '192 0'],
    ['array', '{0xc0, 0}, 0xc0, 0x00'],
    ['json', '[192, 0]'],
    ['base64', Buffer.from('c000', 'hex').toString('base64')],
  ])('%s is read', async (form, text) => {
    const { out } = await run(['--in', form], { files: { '-': text } });
    expect(out).toContain('PINGREQ');
  });

  it.each([
    ['xxd', 'c0 00', 'line 1, column 1 begins with "c0 00"'],
    ['pcap', 'c0 00', 'not of the form pcap'],
    ['hex', Buffer.from('c000', 'hex'), 'this is no text'],
    ['hex', Buffer.from(PCAP, 'hex'), 'this is a capture'],
    ['ws', Buffer.from('c000', 'hex'), 'no WebSocket frames'],
  ])('%s that does not fit is refused', async (form, text, why) => {
    const { err, exitCode } = await run(['--in', form], { files: { '-': text } });
    expect([err, exitCode]).toEqual([expect.stringContaining(why), 2]);
  });
});

it('opens gzip files, and those in base64', async () => {
  const packed = gzipSync(Buffer.from(PCAP, 'hex'));
  for (const input of [packed, packed.toString('base64')]) {
    const { out } = await run([], { files: { '-': input } });
    expect(out).toContain('C>S 1 PINGREQ');
  }
  const cut = packed.subarray(0, 30).toString('base64');
  const { err, exitCode } = await run([], { files: { '-': cut } });
  expect([err, exitCode]).toEqual([expect.stringContaining('damaged, or too large'), 2]);
});

it('gives a body its header, with the legal flags or others', async () => {
  const bodies = ['--body', 'connect', CONNECT.slice(4)];
  expect((await run(bodies)).out).toContain('C>S 1 CONNECT');
  expect((await run(['--flags', '3', ...bodies])).out).toContain('!flags');
  expect((await run(['--body', 'publish', '000174'])).out).toContain('q=0');
});

it('refuses flags of no body', async () => {
  const { err, exitCode } = await run(['--flags', '3', 'c0 00']);
  expect([err, exitCode]).toEqual([expect.stringContaining('add --body'), 2]);
});

it('searches when asked to, and ends with 2 where nothing is found', async () => {
  const hit = await run(['--scan', `ffff${CONNECT}ff`]);
  expect(hit.out).toContain('CONNECT');
  expect((await run(['--scan', 'ff c0 00 ff'])).exitCode).toBe(2);
  expect((await run(['--scan-all', 'ff c0 00 ff'])).exitCode).toBe(0);
});

it('takes the direction and the writer of a log from the command line', async () => {
  expect((await run(['--dir', 's2c', '30 03 00 01 74'])).out).toContain('S>C');
  expect((await run(['--tx', 'server', '> 30 03 00 01 74'])).out).toContain('S>C');
  expect((await run(['> 30 03 00 01 74'])).out).toContain('C>S');
});

it('says that a word names no file', async () => {
  const { err } = await run(['session.pcap']);
  expect(err).toContain('"session.pcap" names no file');
});

/** Standard input that goes on at will. */
class LivePlatform extends RecordedPlatform {
  readonly #waiting: ((chunk: Buffer | undefined) => void)[] = [];

  give(text: string | undefined): void {
    this.#waiting.shift()?.(text === undefined ? undefined : Buffer.from(text));
  }

  override async *readChunks(): AsyncGenerator<Buffer> {
    for (;;) {
      const chunk = await new Promise<Buffer | undefined>((take) => this.#waiting.push(take));
      if (chunk === undefined) return;
      yield chunk;
    }
  }
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

it('prints what stands on a line once nothing has come for a while', async () => {
  const platform = new LivePlatform();
  const ended = runProgram(['decode', '--summary'], platform);
  await turn();
  platform.give('> c000\n');
  await turn();
  expect(platform.out).toBe('');
  platform.advanceTo(1000);
  expect(platform.out).toContain('PINGREQ');
  platform.give('< d000\n');
  await turn();
  expect(platform.out).toContain('PINGRESP');
  platform.give(undefined);
  await ended;
  expect(platform.exitCode).toBe(0);
});

it('says nothing long to who stops it before anything came', async () => {
  const platform = new LivePlatform();
  const ended = runProgram(['decode'], platform);
  await turn();
  platform.sendSignal('SIGINT');
  await ended;
  expect([platform.exitCode, platform.err]).toEqual([2, expect.stringContaining('stopped before')]);
});
