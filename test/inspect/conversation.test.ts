import { Buffer } from 'node:buffer';
import { expect, it } from 'vitest';
import { Conversation } from '../../src/inspect/conversation.ts';
import { RecordedCapture } from '../support/recorded-capture.ts';

function conversationOf(ports: readonly [number, number]) {
  const target = new RecordedCapture();
  const strangers = new Map<string, number>();
  const context = { target, strangers, ports: new Set([1883]), streams: { last: 0 } };
  const conversation = new Conversation(context, { ports, texts: ['a', 'b'] });
  const push = (side: 0 | 1, hex: string) =>
    conversation.onData(side, { bytes: Buffer.from(hex, 'hex'), timeMs: 0, byte: 0 });
  return { conversation, push, target, strangers };
}

it('holds what it cannot tell yet, and passes all of it on in its order', () => {
  const { conversation, push, target } = conversationOf([5, 6]);
  conversation.onBegin(0, true);
  push(0, '100d0004');
  expect(target.openings).toEqual([]);
  push(0, '4d515454');
  conversation.onHole(0, 3);
  push(1, '2002');
  conversation.end('closed');
  expect(target.openings).toEqual([{ stream: 1, title: 'a to b' }]);
  expect([target.hex(1, 'c2s'), target.hex(1, 's2c')]).toEqual(['100d00044d515454', '2002']);
  expect(target.breaks).toMatchObject([{ length: 3 }, { kind: 'middle' }]);
});

it('takes the other end of a known port for the client', () => {
  const { push, target } = conversationOf([1883, 5000]);
  push(1, 'c000');
  push(0, 'd000');
  expect([target.hex(1, 'c2s'), target.hex(1, 's2c')]).toEqual(['c000', 'd000']);
  expect(target.openings[0]?.title).toBe('b to a');
});

it('takes the end for the client that says CONNECT, where no port tells', () => {
  const { push, target } = conversationOf([5, 6]);
  push(0, '20');
  push(1, '100d00044d515454');
  expect(target.openings[0]?.title).toBe('b to a');
});

it('gives up what says nothing that it knows, at the end or after 64 KiB', () => {
  for (const end of [true, false]) {
    const { conversation, push, strangers } = conversationOf([5, 6]);
    push(0, '616263');
    expect(conversation.isStranger).toBe(false);
    if (end) conversation.end('stopped');
    else push(0, '00'.repeat(65_536));
    expect(conversation.isStranger).toBe(true);
    expect([...strangers]).toEqual([['no MQTT', 1]]);
    push(0, '616263');
  }
});
