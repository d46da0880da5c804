import { Buffer } from 'node:buffer';
import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { CallerError } from '../../src/base/caller-error.ts';
import { gunzipChunks } from '../../src/cli/gunzip-chunks.ts';

async function* chunksOf(bytes: Buffer, step: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += step) yield bytes.subarray(at, at + step);
}

async function read(bytes: Buffer, step = bytes.length || 1): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of gunzipChunks(chunksOf(bytes, step))) parts.push(part);
  return Buffer.concat(parts);
}

const PLAIN = Buffer.from('c000d000', 'hex');

it.each([
  ['what is not packed', PLAIN],
  ['what is packed', gzipSync(PLAIN)],
  ['what is packed twice', gzipSync(gzipSync(PLAIN))],
])('gives the bytes of %s, in any pieces', async (_what, bytes) => {
  for (const step of [1, 2, 5, 100]) expect((await read(bytes, step)).equals(PLAIN)).toBe(true);
});

it.each([
  ['nothing', ''],
  ['one byte of two', '1f'],
  ['one other byte', 'c0'],
])('passes %s on', async (_what, hex) => {
  expect((await read(Buffer.from(hex, 'hex'))).toString('hex')).toBe(hex);
});

it('opens no more layers than a few', async () => {
  let bytes = gzipSync(PLAIN);
  for (let i = 0; i < 5; i += 1) bytes = gzipSync(bytes);
  expect((await read(bytes)).subarray(0, 2).toString('hex')).toBe('1f8b');
});

it('tells of damage, after what could be unpacked', async () => {
  const packed = gzipSync(Buffer.alloc(300_000, 'abcdefg'));
  await expect(read(packed.subarray(0, -9))).rejects.toThrow('damaged, or cut');
});

it('lets other errors through as they are', async () => {
  const fault = new CallerError('file', 'gone');
  async function* broken(): AsyncGenerator<Buffer> {
    yield gzipSync(PLAIN).subarray(0, 12);
    throw fault;
  }
  const chunks = gunzipChunks(broken());
  await expect(chunks.next()).rejects.toBe(fault);
});
