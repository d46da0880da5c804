import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { messageSource, PAYLOAD_BYTES_MAX } from '../../src/cli/message-source.ts';
import { RecordedPlatform } from '../support/recorded-platform.ts';

const NONE = {
  message: undefined,
  messageHex: undefined,
  messageBase64: undefined,
  decodeInput: undefined,
  file: undefined,
  stdinLine: undefined,
  stdinFile: undefined,
  nullMessage: undefined,
};

async function payloads(
  options: Partial<Parameters<typeof messageSource>[0]>,
  repeat = 1,
  input = 'x\n\ny',
): Promise<string[]> {
  const files = { 'f.bin': Uint8Array.of(0, 255), '-': input };
  const platform = new RecordedPlatform({ files });
  const source = await messageSource({ ...NONE, ...options }, repeat, platform);
  const texts: string[] = [];
  for await (const batch of source) texts.push(...batch.map((bytes) => bytes.toString('latin1')));
  return texts;
}

it('sends the text of -m, as it is', async () => {
  expect(await payloads({ message: 'h\\n' })).toEqual(['h\\n']);
  expect(await payloads({ message: '' })).toEqual(['']);
});

it('sends what a file holds', async () => {
  expect(await payloads({ file: 'f.bin' })).toEqual(['\0\xff']);
});

it('sends standard input whole, or by lines', async () => {
  expect(await payloads({ stdinFile: true })).toEqual(['x\n\ny']);
  expect(await payloads({ stdinLine: true })).toEqual(['x', '', 'y']);
});

it('sends nothing at all', async () => {
  expect(await payloads({ nullMessage: true })).toEqual(['']);
});

it('sends bytes that are given in hex or base64', async () => {
  expect(await payloads({ messageHex: Buffer.from('hi') })).toEqual(['hi']);
  expect(await payloads({ messageBase64: Buffer.from('ho') })).toEqual(['ho']);
});

it('repeats what is no stream', async () => {
  expect(await payloads({ message: 'm' }, 3)).toEqual(['m', 'm', 'm']);
  expect(await payloads({ stdinFile: true }, 2)).toEqual(['x\n\ny', 'x\n\ny']);
  expect(await payloads({ stdinLine: true }, 3)).toEqual(['x', '', 'y']);
});

it('reads input that is written in hex or base64, line by line too', async () => {
  const hex = { stdinLine: true, decodeInput: 'hex' } as const;
  expect(await payloads(hex, 1, '68 69\r\n6a\n')).toEqual(['hi', 'j']);
  const base64 = { stdinFile: true, decodeInput: 'base64' } as const;
  expect(await payloads(base64, 1, 'aGk=\n')).toEqual(['hi']);
  await expect(payloads(hex, 1, 'zz')).rejects.toMatchObject({ kind: 'usage' });
});

it('opens a file before anything else happens', async () => {
  const source = messageSource({ ...NONE, file: 'none' }, 1, new RecordedPlatform());
  await expect(source).rejects.toMatchObject({ kind: 'file' });
});

describe('usage', () => {
  it('wants a source, and names the ways to give one', async () => {
    await expect(payloads({})).rejects.toMatchObject({
      kind: 'usage',
      remedy: expect.stringMatching(/-m.*-s.*-l/),
    });
  });

  it.each([
    [{ message: 'x', nullMessage: true }, '-m and -n'],
    [{ file: 'f', stdinLine: true, stdinFile: true }, '-f and -l and -s'],
  ])('wants one message source only: %j', async (options, names) => {
    await expect(payloads(options)).rejects.toMatchObject({
      kind: 'usage',
      message: `there can be one message source, not ${names}`,
    });
  });

  it('counts a switch that is off as none', async () => {
    expect(await payloads({ message: 'x', nullMessage: false })).toEqual(['x']);
  });
});

it('leaves room for the longest topic, and for all that stands before a payload', () => {
  expect(PAYLOAD_BYTES_MAX + 2 + 65_535 + 2 + 1).toBe(268_435_455);
});
