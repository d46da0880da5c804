import { Buffer } from 'node:buffer';
import { expect } from 'vitest';
import type { BrokerConfig } from '../../src/broker/broker-config.ts';
import type { ConnectPacket, Packet, ProtocolLevel } from '../../src/codec/packet.ts';
import { BrokerWorld, connectPacket, type TestClient } from './broker-world.ts';

/** One client in both worlds. */
export class TwinClient {
  readonly hot: TestClient;
  readonly cold: TestClient;
  readonly level: ProtocolLevel;
  /** How many of the packets that came have been answered. */
  answered = 0;

  constructor(hot: TestClient, cold: TestClient, level: ProtocolLevel) {
    this.hot = hot;
    this.cold = cold;
    this.level = level;
    hot.level = level;
    cold.level = level;
  }

  get isGone(): boolean {
    return this.hot.isClosed || this.cold.isClosed;
  }
}

/**
 * A broker with the hot path and one without: what is done to one is done to the other, and must
 * come out the same.
 */
export class TwinWorlds {
  readonly hot: BrokerWorld;
  readonly cold: BrokerWorld;
  readonly clients: TwinClient[] = [];

  constructor(config: Partial<BrokerConfig>) {
    this.hot = new BrokerWorld(config);
    this.cold = new BrokerWorld(config, undefined, undefined, 'off');
  }

  connect(over: Partial<ConnectPacket>): TwinClient {
    const packet = connectPacket(over);
    const client = new TwinClient(this.hot.open(), this.cold.open(), packet.level);
    this.clients.push(client);
    this.send(client, packet);
    return client;
  }

  send(client: TwinClient, ...packets: Packet[]): void {
    const bytes = Buffer.concat(packets.map((packet) => client.hot.encode(packet)));
    this.sendBytes(client, bytes, []);
  }

  /** Sends bytes in pieces that are cut at these places; with -1 in place of one a turn ends. */
  sendBytes(client: TwinClient, bytes: Buffer, cuts: readonly number[]): void {
    for (const [world, one] of [
      [this.hot, client.hot],
      [this.cold, client.cold],
    ] as const) {
      let start = 0;
      for (const cut of [...cuts.filter((at) => at > 0 && at < bytes.length), bytes.length]) {
        // What has been read is the channel's again: whoever kept a view sees nonsense.
        const chunk = Buffer.from(bytes.subarray(start, cut));
        if (!one.isClosed) one.channel.events?.onBytes(chunk);
        chunk.fill(0xee);
        if (cut % 3 === 0) world.settle();
        start = cut;
      }
      world.settle();
    }
  }

  both(deed: (client: TestClient) => void, client: TwinClient): void {
    deed(client.hot);
    deed(client.cold);
  }

  advance(seconds: number): void {
    this.hot.advance(seconds);
    this.cold.advance(seconds);
  }

  /** Everything that a client can see of its broker, and what the broker says of itself. */
  compare(): void {
    for (const { hot, cold } of this.clients) {
      expect(seen(hot)).toEqual(seen(cold));
    }
    expect(this.hot.core.counters).toEqual(this.cold.core.counters);
    expect(this.hot.events).toEqual(this.cold.events);
    expect(this.hot.alarmMs).toBe(this.cold.alarmMs);
    expect(waiting(this.hot)).toEqual(waiting(this.cold));
  }
}

function seen({ channel, frames }: TestClient): object {
  const { isClosed, isPaused, unsentBytes } = channel;
  return { frames: frames.map((frame) => frame.toString('hex')), isClosed, isPaused, unsentBytes };
}

function waiting({ core }: BrokerWorld): object[] {
  return [...core.sessions.values()].map(({ clientId, droppedCount, inbound, waitingCount }) => ({
    clientId,
    droppedCount,
    waitingCount,
    held: inbound.heldCount,
  }));
}
