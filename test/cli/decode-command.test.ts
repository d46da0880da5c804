import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { DECODE_COMMAND } from '../../src/cli/decode-command.ts';
import { runProgram } from '../../src/cli/program.ts';
import { RecordedPlatform, type Surroundings } from '../support/recorded-platform.ts';

const SESSION = `10 2b 00 04 4d 51 54 54 05 c2 00 3c 08 11 00 00 0e 10 21 00 14
00 07 70 72 65 73 73 2d 37 00 05 6c 69 6e 65 31 00 06 73 65 63 72 65 74
32 33 00 0c 70 72 65 73 73 2f 37 2f 74 65 6d 70 00 05 1e 01 01 02 00 00 00 3c
03 00 0a 74 65 78 74 2f 70 6c 61 69 6e 26 00 04 75 6e 69 74 00 01 43 32 31 2e 35`;

async function run(words: readonly string[], surroundings: Surroundings = {}) {
  const platform = new RecordedPlatform(surroundings);
  await runProgram(['decode', ...words], platform);
  return platform;
}

it.each([
  ['decode-session', [], SESSION],
  ['decode-session-summary', ['--summary'], SESSION],
  ['decode-session-json', ['--json'], SESSION],
  ['decode-secrets', ['--show-secrets', '--flat', '--quiet'], SESSION],
  ['decode-subscribe', ['-V', '5', '82 09 00 00 00 00 03 61 23 62 03'], ''],
  ['decode-cut-connect', [], '10 2f 00 04 4d 51 54 54 05 c2 00 3c'],
  ['decode-gap', [], '> 10 0d 00 04 4D 51 54 54 04 02 00 3C 00 01 74 1A\n0d 0a 20 02 00 00'],
  ['decode-no-hex', [], 'connect\nhello'],
  ['decode-no-packet', ['00 04 4d'], ''],
  ['decode-no-file', ['session.pcap'], ''],
])('prints golden/%s.txt', async (name, words, input) => {
  const { transcript } = await run(words, { files: { '-': input } });
  await expect(transcript).toMatchFileSnapshot(`golden/${name}.txt`);
});

/** What `decode` says of packets that tshark 4.0.17 shows without any flag. */
const MALFORMED: readonly (readonly [version: string, hex: string, findings: string[]])[] = [
  ['5', '20 83 00 00 00 00', ['length-not-minimal [MQTT-1.5.5-1]']],
  ['311', '80 07 00 01 00 02 61 62 00', ['flags [311:2.2.2-1] [311:2.2.2-2] [311:3.8.1-1]']],
  ['5', '36 0a 00 03 61 2f 62 00 01 00 68 69', ['qos-3 [MQTT-3.3.1-4]']],
  ['5', '30 07 00 03 61 2f 23 00 78', ['topic-wildcard [MQTT-3.3.2-2] [MQTT-4.7.0-1]']],
  [
    '311',
    '82 08 00 00 00 03 61 23 62 00',
    ['packet-id-zero [311:2.3.1-1]', 'filter-wildcard [311:4.7.1-2]'],
  ],
  ['311', '10 0d 00 04 4d 51 54 54 04 03 00 3c 00 01 74', ['connect-reserved [311:3.1.2-3]']],
  [
    '5',
    '10 15 00 04 4d 51 54 54 05 1e 00 3c 00 00 01 74 00 00 01 77 00 01 78',
    ['will-qos-3 [MQTT-3.1.2-12]'],
  ],
  ['311', '30 05 00 02 61 ff 78', ['utf8 [311:1.5.3-1] [311:3.3.2-1]']],
  ['5', '30 0d 00 01 74 08 03 00 01 61 03 00 01 62 78', ['property-twice (5.0 section 3.3.2.3.9)']],
  ['5', '30 0a 00 01 74 05 11 00 00 00 3c 78', ['property-misplaced (5.0 section 2.2.2.2)']],
  ['5', '30 ff ff ff ff 01 00', ['length-too-long [MQTT-1.5.5-1]']],
  ['5', '82 03 00 01 00', ['no-filters [MQTT-3.8.3-2]']],
  ['311', '40 03 00 01 00', ['wrong-length [311:4.8.0-1]']],
  ['5', 'e1 00', ['flags [MQTT-2.1.3-1] [MQTT-3.14.1-1]']],
  ['5', '38 08 00 03 61 2f 62 00 68 69', ['dup-qos-0 [MQTT-3.3.1-2]']],
  ['5', '30 08 00 01 74 03 23 00 00 78', ['alias-zero [MQTT-3.3.2-8]']],
  ['5', '82 07 00 01 00 00 01 61 41', ['options-reserved [MQTT-3.8.3-5]']],
  ['5', '82 10 00 01 00 00 0a 24 73 68 61 72 65 2f 67 2f 74 04', ['share-no-local [MQTT-3.8.3-4]']],
  ['5', '40 03 00 01 42', ['reason-code [MQTT-3.4.2-1]']],
  ['311', '20 02 01 05', ['session-present [311:3.2.2-4]']],
  ['311', '90 03 00 01 03', ['reason-code [311:3.9.3-2]']],
  ['311', '60 02 00 01', ['flags [311:2.2.2-1] [311:2.2.2-2] [311:3.6.1-1]']],
  [
    '311',
    '10 11 00 04 4d 51 54 54 04 42 00 3c 00 01 74 00 02 70 77',
    ['password-alone [311:3.1.2-22]'],
  ],
];

it.each(MALFORMED)('finds, in version %s of %s, exactly %j', async (version, hex, findings) => {
  const { exitCode, out } = await run(['--width', '200', '-V', version, hex]);
  const found = out.match(/(?<=(?:malformed|protocol|odd): ).*/g);
  // 3.1.1 writes its ids as 5.0 does; here a prefix tells them apart.
  expect(found).toEqual(findings.map((finding) => finding.replaceAll('311:', 'MQTT-')));
  expect(exitCode).toBe(1);
});

it.each([
  ['311', '20 82 00 00 00'],
  ['5', '40 02 00 01'],
  ['5', 'e0 00'],
])('takes, in version %s, %s for clean', async (version, hex) => {
  expect((await run(['-V', version, hex])).exitCode).toBe(0);
});

describe('exit codes', () => {
  it('is 0 for faults with --lenient', async () => {
    expect((await run(['--lenient', '-V', '5', '40 02 00 00'])).exitCode).toBe(0);
  });

  it('is 1 from the severity on that --fail-on names', async () => {
    const codes = async (version: string, hex: string) => {
      const ends = ['malformed', 'protocol', 'odd'].map(async (severity) => {
        return (await run(['--fail-on', severity, '-V', version, hex])).exitCode;
      });
      return Promise.all(ends);
    };
    expect(await codes('311', '20 82 00 00 00')).toEqual([0, 0, 1]);
    expect(await codes('5', '40 02 00 00')).toEqual([0, 1, 1]);
    expect(await codes('5', 'e1 00')).toEqual([1, 1, 1]);
  });

  it('is 2 for a file that cannot be read, and for options that exclude each other', async () => {
    expect((await run([])).exitCode).toBe(2);
    const { err, exitCode } = await run(['--json', '--summary', 'c0 00']);
    expect([err, exitCode]).toEqual([expect.stringContaining('exclude each other'), 2]);
  });

  it('is 70 for a bug of ours', async () => {
    class BrokenPlatform extends RecordedPlatform {
      override print(): boolean {
        throw new TypeError('out of paper');
      }
    }
    const platform = new BrokenPlatform();
    await runProgram(['decode', 'c0 00'], platform);
    expect(platform.exitCode).toBe(70);
    expect(platform.err).toContain('internal error');
  });
});

it('tells someone at a terminal what it waits for', async () => {
  const { err } = await run([], { isTerminal: true, files: { '-': 'c0 00' } });
  expect(err).toContain('end with Ctrl-D');
});

it('numbers the packets of several files on, each a stream of its own', async () => {
  const { out } = await run(['--summary', 'a', 'b'], { files: { a: 'c0 00', b: 'd0 00' } });
  expect(out).toBe('1 - C>S 1 PINGREQ\n2 - S>C 2 PINGRESP\n');
});

it('ends at a signal as it ends with its input, and lets signals go', async () => {
  class EndlessPlatform extends RecordedPlatform {
    override async *readChunks(): AsyncGenerator<Buffer> {
      yield Buffer.from('c00030', 'hex');
      await new Promise(() => {});
    }
  }
  const platform = new EndlessPlatform();
  const ended = runProgram(['decode', '--summary'], platform);
  while (platform.out === '') await new Promise((resolve) => setImmediate(resolve));
  platform.sendSignal('SIGINT');
  await ended;
  expect(platform.out).toContain('1 - C>S 1 PINGREQ\n2 - ? 1 PUBLISH');
  expect(platform.exitCode).toBe(0);
  expect(platform.signalListeners).toBe(0);
});

it('shows examples that work', async () => {
  const [first] = DECODE_COMMAND.examples;
  const [, hex = ''] = /'(.*)'/.exec(first?.line ?? '') ?? [];
  expect((await run([hex])).exitCode).toBe(0);
});

it('follows all packets, and shows those that were asked for', async () => {
  const { err, out } = await run(['--summary', '--only', 'PINGREQ', 'c0 00 d0 00 c0 00']);
  expect(out).toBe('1 - C>S 1 PINGREQ\n3 - C>S 1 PINGREQ\n');
  expect(err).toContain('3 packets, 6 bytes');
});
