import { Buffer } from 'node:buffer';
import { expect, it } from 'vitest';
import { Histogram } from '../../src/bench/histogram.ts';
import { OrderedLedger } from '../../src/bench/ordered-ledger.ts';
import { Subscriber } from '../../src/bench/subscriber.ts';
import { countsOf } from '../support/ledger-world.ts';

function world() {
  const host = {
    ledger: new OrderedLedger(2, 2, false),
    latency: new Histogram(),
    payloadBytes: 16,
    delivered: 0,
    now: 0,
    nowUs: () => host.now,
    onDelivered: () => {
      host.delivered += 1;
    },
  };
  const subscriber = new Subscriber(host, 1);
  /** A message of these values, in one chunk. */
  const take = (...[publisher = 0, sequence = 0, stampUs = 0]: readonly number[]) => {
    const bytes = Buffer.alloc(20);
    for (const [index, value] of [publisher, sequence, stampUs].entries()) {
      bytes.writeUInt32BE(value, 2 + index * 4);
    }
    subscriber.onChunk();
    subscriber.onMessage(bytes, { qos: 0, packetId: 0, payloadAt: 2, payloadEnd: 18 });
    subscriber.onChunkEnd();
  };
  return { host, subscriber, take };
}

it('counts each message, with its time from due to delivered', () => {
  const { host, take } = world();
  host.now = 150;
  take(0, 0, 100);
  host.now = 200;
  take(1, 0, 0);
  expect(countsOf(host.ledger)).toEqual({ unique: 2, settled: 2 });
  expect([host.latency.quantile(0.5), host.latency.max, host.delivered]).toEqual([50, 200, 2]);
});

it('measures across the moment at which microseconds start over', () => {
  const { host, take } = world();
  host.now = 30;
  take(0, 0, 2 ** 32 - 20);
  expect(host.latency.max).toBe(50);
});

it('measures nothing for what comes twice', () => {
  const { host, take } = world();
  take(0, 0);
  take(0, 0);
  expect(host.latency.count).toBe(1);
  expect(host.ledger.duplicateCount).toBe(1);
});

it('takes a payload of another size for one of somebody else', () => {
  const { host, subscriber } = world();
  const span = { qos: 0, packetId: 0, payloadAt: 2, payloadEnd: 17 };
  subscriber.onMessage(Buffer.alloc(20), span);
  expect(countsOf(host.ledger)).toEqual({ stray: 1 });
});
