import { Buffer } from 'node:buffer';
import { expect, it } from 'vitest';
import { containerIn } from '../../src/inspect/packed-text.ts';

const PCAP = Buffer.concat([Buffer.from('d4c3b2a1', 'hex'), Buffer.alloc(20)]);
const OPTIONS = { streams: { last: 0 } };

it('unpacks a capture in base64, over several lines', () => {
  const text = PCAP.toString('base64').replaceAll(/(.{8})/g, '$1\n');
  expect(containerIn(text, OPTIONS)).toEqual(PCAP);
  expect(containerIn(text, { ...OPTIONS, form: 'base64' })).toEqual(PCAP);
});

it.each([
  ['of another form', PCAP.toString('base64'), 'hex'],
  ['of other bytes', Buffer.from('c000c000', 'hex').toString('base64'), undefined],
  ['of anything else', `${PCAP.toString('base64')}!`, undefined],
  ['of hex', 'd4c3b2a1'.repeat(4), undefined],
])('leaves a text %s alone', (_what, text, form) => {
  expect(containerIn(text, { ...OPTIONS, form })).toBeUndefined();
});
