import { expect, it } from 'vitest';
import { DECODE_OPTIONS } from '../../src/cli/decode-options.ts';
import { DecodeOutput } from '../../src/cli/decode-output.ts';
import { parseOptions } from '../../src/cli/options.ts';
import { ConversationReport } from '../../src/inspect/conversation-report.ts';
import { decodeChunks, decodeOne } from '../support/decode-text.ts';
import { RecordedPlatform } from '../support/recorded-platform.ts';

function output(words: readonly string[], platform = new RecordedPlatform()) {
  const { options } = parseOptions(DECODE_OPTIONS, words);
  return { platform, sink: new DecodeOutput(options, platform) };
}

it('puts an empty line between packets', () => {
  const { platform, sink } = output([]);
  for (const packet of decodeChunks(['c000 d000'], { level: 4 }).packets) sink.onPacket(packet);
  expect(platform.out.match(/^$\n#2/gm)).toHaveLength(1);
});

it('takes the width that is given, else the terminal, else 100', () => {
  const packet = decodeOne('30 0e 0003 612f62 00 3132333435363738', 5);
  const width = (words: readonly string[], columns?: number) => {
    const platform = new RecordedPlatform(columns === undefined ? {} : { columns });
    output(words, platform).sink.onPacket(packet);
    return platform.out.split('\n').at(-2);
  };
  expect(width(['--width', '140'], 70)).toMatch(/^.{47} {5}│ 12345678 {9}│|│ .{47} │/);
  expect(width([], 70)).not.toContain('│ 12345678 │');
  expect(width([])).toContain('│ 12345678 │');
});

it('reports on standard error, or not at all, or as the last object of JSON', () => {
  const end = (...words: string[]) => {
    const { platform, sink } = output(words);
    sink.end(new ConversationReport());
    return [platform.out.trimEnd(), platform.warned.length];
  };
  expect(end()).toEqual(['', 2]);
  expect(end('--quiet')).toEqual(['', 0]);
  expect(end('--json')).toEqual([expect.stringContaining('"type":"summary"'), 0]);
});

it('waits for a reader that is slow', async () => {
  let isAwaited = false;
  class SlowPlatform extends RecordedPlatform {
    override print(data: string): boolean {
      super.print(data);
      return false;
    }
    override async whenPrinted(): Promise<void> {
      isAwaited = true;
    }
  }
  const { sink } = output(['--summary'], new SlowPlatform());
  await sink.whenPrinted();
  expect(isAwaited).toBe(false);
  sink.onPacket(decodeOne('c000'));
  await sink.whenPrinted();
  expect(isAwaited).toBe(true);
});
