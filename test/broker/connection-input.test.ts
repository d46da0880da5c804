import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { brokerConfig } from '../../src/broker/broker-config.ts';
import { BufferPool } from '../../src/broker/buffer-pool.ts';
import { ConnectionInput, sharedInput } from '../../src/broker/connection-input.ts';
import type { MemoryAccount } from '../../src/broker/memory-account.ts';
import type { Packet, ProtocolLevel } from '../../src/codec/packet.ts';
import { PacketWriter } from '../../src/codec/packet-writer.ts';
import { writePacket } from '../../src/codec/write-packet.ts';
import type { ServerState } from '../../src/session/connection-state.ts';
import { plentyOfMemory } from '../support/memory.ts';
import { connectPacket, publishPacket } from '../support/packets.ts';

class Owner {
  state: ServerState = { kind: 'awaitingConnect' };
  readonly packets: Packet[] = [];
  onPacket(packet: Packet): void {
    this.packets.push(packet);
    if (packet.type === 'connect') this.state = { kind: 'judging', level: packet.level };
  }
  /** Takes whatever begins with these bytes. */
  taken: Buffer | undefined = undefined;
  takeFrames(bytes: Buffer, start: number, end: number): number {
    const { taken } = this;
    if (taken === undefined || start + taken.length > end) return start;
    const isIt = bytes.subarray(start, start + taken.length).equals(taken);
    return isIt ? start + taken.length : start;
  }
}

interface World {
  readonly owner: Owner;
  readonly input: ConnectionInput;
  readonly pool: BufferPool;
  readonly account: MemoryAccount;
}

function setUp(over = {}): World {
  const owner = new Owner();
  const account = plentyOfMemory();
  const config = brokerConfig(over);
  const pool = new BufferPool(1_048_576, account);
  const input = new ConnectionInput(config, owner, sharedInput(config, pool, account));
  return { owner, input, pool, account };
}

function bytesOf(packet: Packet, level: ProtocolLevel = 5): Buffer {
  return Buffer.from(writePacket(new PacketWriter(), packet, level));
}

const TYPES = (owner: Owner): string[] => owner.packets.map(({ type }) => type);

it.each([3, 4, 5] as const)('learns level %i from CONNECT, byte by byte or at once', (level) => {
  const bytes = bytesOf(connectPacket({ level }), level);
  const whole = setUp();
  whole.input.push(bytes);
  const cut = setUp();
  for (const byte of bytes) cut.input.push(Buffer.of(byte));
  expect([whole.input.level, cut.input.level]).toEqual([level, level]);
  expect([TYPES(whole.owner), TYPES(cut.owner)]).toEqual([['connect'], ['connect']]);
});

it('knows the version of a CONNECT that is too large before its body is there', () => {
  const header = (level: number, ...length: number[]): Buffer =>
    Buffer.from([0x10, ...length, 0, 4, ...Buffer.from('MQTT'), level, 0, 0, 0]);
  for (const length of [
    [0xff, 0xff, 0xff, 0x7f],
    [0xff, 0xff, 0x7f],
  ]) {
    const { input } = setUp();
    expect(() => input.push(header(5, ...length))).toThrow(
      expect.objectContaining({ rule: 'packet-too-large' }),
    );
    expect(input.level).toBe(5);
    const older = setUp().input;
    expect(() => older.push(header(4, ...length))).toThrow();
    expect(older.level).toBe(4);
  }
});

it('refuses a second CONNECT without reading it [MQTT-3.1.0-2]', () => {
  const { input, owner } = setUp();
  input.push(bytesOf(connectPacket()));
  const again = bytesOf(connectPacket({ level: 4 }), 4);
  again[8] = 0x7f; // A version that nobody knows.
  expect(() => input.push(again)).toThrow(expect.objectContaining({ rule: 'connect-twice' }));
  expect([TYPES(owner), input.level]).toEqual([['connect'], 5]);
});

describe('while CONNECT is judged', () => {
  it('holds back what comes, and gives it in order then [MQTT-3.1.4-6]', () => {
    const { input, owner } = setUp();
    input.push(bytesOf(connectPacket()));
    input.wait();
    const chunk = Buffer.concat([bytesOf({ type: 'pingreq' }), bytesOf(publishPacket())]);
    input.push(chunk);
    chunk.fill(0);
    expect([TYPES(owner), input.isWaiting]).toEqual([['connect'], true]);
    input.goOn();
    expect([TYPES(owner), input.isWaiting]).toEqual([['connect', 'pingreq', 'publish'], false]);
  });

  it('holds no more than a CONNECT may have', () => {
    const { input } = setUp({ connectBytesMax: 1_000 });
    input.push(bytesOf(connectPacket()));
    input.wait();
    const chunk = bytesOf(publishPacket({ payload: Buffer.alloc(400) }));
    input.push(chunk);
    input.push(chunk);
    expect(() => input.push(chunk)).toThrow(
      expect.objectContaining({ reason: 'packetTooLarge', limit: '--max-connect-size' }),
    );
  });

  it('forgets what has waited when it stops', () => {
    const { input, owner } = setUp();
    input.push(bytesOf(connectPacket()));
    input.wait();
    input.push(bytesOf({ type: 'pingreq' }));
    input.stop();
    expect(input.isWaiting).toBe(false);
    input.goOn();
    expect(TYPES(owner)).toEqual(['connect']);
  });
});

it('gives nothing of what has waited behind a packet that stopped it', () => {
  const { input, owner } = setUp();
  input.push(bytesOf(connectPacket()));
  input.wait();
  input.push(Buffer.concat([bytesOf({ type: 'pingreq' }), bytesOf({ type: 'pingreq' })]));
  const onPacket = owner.onPacket.bind(owner);
  owner.onPacket = (packet) => {
    onPacket(packet);
    input.stop();
  };
  input.goOn();
  expect(TYPES(owner)).toEqual(['connect', 'pingreq']);
});

it('reads nothing that stands behind a packet that stopped it', () => {
  const { input, owner } = setUp();
  input.push(bytesOf(connectPacket()));
  const onPacket = owner.onPacket.bind(owner);
  owner.onPacket = (packet) => {
    onPacket(packet);
    input.stop();
  };
  input.push(Buffer.concat([bytesOf({ type: 'pingreq' }), bytesOf({ type: 'pingreq' })]));
  expect(TYPES(owner)).toEqual(['connect', 'pingreq']);
});

it('leaves to its owner what that takes as bytes', () => {
  const { input, owner } = setUp();
  const ping = bytesOf({ type: 'pingreq' });
  input.push(bytesOf(connectPacket()));
  owner.taken = bytesOf(publishPacket());
  input.push(Buffer.concat([ping, owner.taken, owner.taken, ping]));
  expect(TYPES(owner)).toEqual(['connect', 'pingreq', 'pingreq']);
});

describe('memory for a packet that comes in several chunks', () => {
  const large = publishPacket({ payload: Buffer.alloc(65_536, 7) });

  function connected(): World {
    const world = setUp();
    world.input.push(bytesOf(connectPacket({ level: 5 })));
    return world;
  }

  it('is lent by the pool once a quarter of it is there, and counted there alone', () => {
    const { input, account } = connected();
    const bytes = bytesOf(large);
    input.push(bytes.subarray(0, 20_000));
    expect(account.bytes).toBe(20_000);
    input.push(bytes.subarray(20_000, 40_000));
    expect(account.bytes).toBe(131_072);
    expect(input.heldBytes).toBe(40_000);
  });

  it('goes back to the pool when the hot path has taken the packet', () => {
    const { input, owner, pool, account } = connected();
    const bytes = bytesOf(large);
    owner.taken = bytes;
    input.push(bytes.subarray(0, 40_000));
    input.push(bytes.subarray(40_000));
    expect(account.bytes).toBe(0);
    expect(pool.freeBytes).toBe(131_072);
    expect(input.slab).toBe(undefined);
  });

  it('is not used again where a packet was made of it, which may be held', () => {
    const { input, owner, pool, account } = connected();
    const bytes = bytesOf(large);
    input.push(bytes.subarray(0, 40_000));
    input.push(bytes.subarray(40_000));
    expect(TYPES(owner)).toEqual(['connect', 'publish']);
    expect(account.bytes).toBe(0);
    expect(pool.freeBytes).toBe(0);
  });

  it('goes back where the connection ends in the middle, or in dealing with the packet', () => {
    const { input, pool, account } = connected();
    input.push(bytesOf(large).subarray(0, 40_000));
    input.stop();
    expect(account.bytes).toBe(0);
    expect(pool.freeBytes).toBe(131_072);
    const { input: other, owner, account: otherAccount } = connected();
    owner.onPacket = () => {
      other.stop();
      throw new Error('over');
    };
    other.push(bytesOf(large).subarray(0, 40_000));
    expect(() => other.push(bytesOf(large).subarray(40_000))).toThrow('over');
    expect(otherAccount.bytes).toBe(0);
  });

  it('is its own where little has come, and where more is to come than the pool has', () => {
    const { input, account } = connected();
    const huge = bytesOf(publishPacket({ payload: Buffer.alloc(2_000_000) }));
    input.push(huge.subarray(0, 1_000_000));
    expect(account.bytes).toBe(1_000_000);
    const { input: other, account: otherAccount } = connected();
    other.push(bytesOf(large).subarray(0, 10_000));
    expect(otherAccount.bytes).toBe(10_000);
  });
});
