import { Buffer } from 'node:buffer';
import { expect, it } from 'vitest';
import { PublishRun } from '../../src/broker/publish-run.ts';
import { RunParcel } from '../../src/broker/run-parcel.ts';
import { SessionMemory } from '../../src/broker/session-memory.ts';
import { keepMessage, messageFrom } from '../../src/session/message.ts';
import { plentyOfMemory } from '../support/memory.ts';
import { publishPacket } from '../support/packets.ts';

it('counts a message for each session that keeps it, and once for the broker', () => {
  const account = plentyOfMemory();
  const [one, other] = [new SessionMemory(account), new SessionMemory(account)];
  const packet = publishPacket({ payload: Buffer.alloc(10_000) });
  const message = keepMessage(messageFrom(packet, 'a', 'p', 0));
  const delivery = {
    message,
    qos: 1,
    isRetained: false,
    subscriptionIdentifiers: undefined,
  } as const;
  one.onKept(delivery);
  other.onKept(delivery);
  expect(one.bytes).toBeGreaterThan(10_000);
  expect(other.bytes).toBe(one.bytes);
  expect(account.bytes).toBeLessThan(12_000);
  one.onGivenUp(delivery);
  expect(one.bytes).toBe(0);
  expect(account.bytes).toBeGreaterThan(10_000);
  other.onGivenUp(delivery);
  expect(account.bytes).toBe(0);
});

it('counts a run for as long as a frame of it waits, and once for the broker', () => {
  const account = plentyOfMemory();
  const [one, other] = [new SessionMemory(account), new SessionMemory(account)];
  const run = new PublishRun(10);
  run.weight.bytes = 10_000;
  const [forOne, forOther] = [new RunParcel(run), new RunParcel(run)];
  for (const frame of [1, 2]) {
    one.onKept(forOne);
    expect([frame, one.bytes]).toEqual([frame, 10_000 + frame * 16]);
  }
  other.onKept(forOther);
  expect([other.bytes, account.bytes < 12_000]).toEqual([10_016, true]);
  one.onGivenUp(forOne);
  expect(one.bytes).toBe(10_016);
  one.onGivenUp(forOne);
  expect([one.bytes, account.bytes > 10_000]).toEqual([0, true]);
  other.onGivenUp(forOther);
  expect(account.bytes).toBe(0);
});
