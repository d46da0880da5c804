import { describe, expect, it } from 'vitest';
import { renderResultJson } from '../../src/bench/result-json.ts';
import { readBaseline } from '../../src/cli/bench-baseline.ts';
import { resultOf, settingsOf } from '../support/bench-results.ts';
import { RecordedPlatform } from '../support/recorded-platform.ts';

const ORIGIN = { tool: 't', date: 'd', runtime: 'r' };
const FILE = renderResultJson(resultOf({ delivered_per_s: 5 }), ORIGIN, undefined);

function read(content: string, settings = settingsOf(), tolerance?: number) {
  const platform = new RecordedPlatform({ files: { 'old.json': content } });
  return readBaseline({ compare: 'old.json', tolerance }, settings, platform);
}

it('reads a former result, and tolerates 10 % unless another share is given', async () => {
  const figures = { delivered_per_s: 5 };
  expect(await read(FILE)).toEqual({ path: 'old.json', figures, tolerance: 0.1 });
  expect(await read(FILE, settingsOf(), 0.5)).toMatchObject({ tolerance: 0.5 });
});

it('is nothing where nothing is asked for', async () => {
  const nothing = { compare: undefined, tolerance: undefined };
  expect(await readBaseline(nothing, settingsOf(), new RecordedPlatform())).toBeUndefined();
});

describe('refuses', () => {
  it('a tolerance without anything to compare with', async () => {
    const words = { compare: undefined, tolerance: 0.1 };
    await expect(readBaseline(words, settingsOf(), new RecordedPlatform())).rejects.toMatchObject({
      kind: 'usage',
      message: '--tolerance means nothing without --compare',
    });
  });

  it('a file that cannot be read', async () => {
    const words = { compare: 'none', tolerance: undefined };
    await expect(readBaseline(words, settingsOf(), new RecordedPlatform())).rejects.toMatchObject({
      kind: 'file',
    });
  });

  it('a file that is no result', async () => {
    await expect(read('{}')).rejects.toMatchObject({
      kind: 'usage',
      message: 'old.json is no result of mqttk bench',
    });
  });

  it('a result of another run, and names the difference', async () => {
    await expect(read(FILE, settingsOf({ qos: 1 }))).rejects.toMatchObject({
      kind: 'usage',
      message: 'old.json tells of another run',
      why: '--qos was 0 there, and is 1 now',
    });
    await expect(read(FILE, settingsOf({ rate: 5 }))).rejects.toMatchObject({
      why: '--rate was not given there, and is 5 now',
    });
  });
});
