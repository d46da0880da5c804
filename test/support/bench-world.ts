import { Buffer } from 'node:buffer';
import { Deadlines } from '../../src/base/deadlines.ts';
import { BenchLink, type LinkEnd, type LinkOwner } from '../../src/bench/bench-link.ts';
import { TurnOutputs } from '../../src/bench/link-output.ts';
import type { BenchClock } from '../../src/bench/traffic.ts';
import { FrameSplitter } from '../../src/codec/frame-splitter.ts';
import type { Packet, ProtocolLevel } from '../../src/codec/packet.ts';
import { PacketWriter } from '../../src/codec/packet-writer.ts';
import { writePacket } from '../../src/codec/write-packet.ts';
import { MemoryChannel } from './memory-channel.ts';
import { connackPacket, connectPacket } from './packets.ts';
import { readFrame } from './read-frame.ts';

/** Turns of an event loop, and a clock, that move when a test says so. */
export class BenchWorld implements BenchClock {
  readonly outputs = new TurnOutputs((callback) => this.atTurnEnd(callback));
  readonly #alarms = new Deadlines();
  readonly #turnEnds: (() => void)[] = [];
  #nowMs = 1000;

  nowMs(): number {
    return this.#nowMs;
  }

  atTurnEnd(callback: () => void): void {
    this.#turnEnds.push(callback);
  }

  setAlarm(atMs: number, onDue: () => void): void {
    this.#alarms.set({ onDeadline: onDue }, atMs);
  }

  /** When the next alarm rings; undefined if there is none. */
  get nextAlarmMs(): number | undefined {
    return this.#alarms.nextMs();
  }

  /** Whether anybody waits for the end of this turn. */
  get isTurning(): boolean {
    return this.#turnEnds.length > 0;
  }

  /** Ends so many turns. */
  turn(count = 1): void {
    for (let turn = 0; turn < count; turn += 1) {
      for (const callback of this.#turnEnds.splice(0)) callback();
    }
  }

  /** Lets time pass at once, and then rings what is due. */
  pass(ms: number): void {
    this.#nowMs += ms;
    this.#alarms.advance(this.#nowMs);
  }

  /** A link that has sent CONNECT. */
  open(level: ProtocolLevel = 4): BenchPeer {
    return new BenchPeer(this, level);
  }

  /** A link that the broker has accepted. */
  connected(level: ProtocolLevel = 4): BenchPeer {
    const peer = this.open(level);
    peer.receive(connackPacket());
    peer.sent();
    return peer;
  }
}

/** A link of a bench run, with the test as its broker. */
export class BenchPeer implements LinkOwner {
  readonly channel = new MemoryChannel();
  readonly link: BenchLink;
  /** What its owner was told, as words. */
  readonly told: string[] = [];
  end: LinkEnd | undefined = undefined;
  readonly #world: BenchWorld;
  readonly #level: ProtocolLevel;
  readonly #packets: Packet[] = [];
  readonly #writer = new PacketWriter();
  #writesRead = 0;
  readonly #splitter = new FrameSplitter({
    onHeader() {},
    onFrame: (frame) => {
      this.#packets.push(readFrame(Buffer.from(frame), this.#level, 'client'));
    },
  });

  constructor(world: BenchWorld, level: ProtocolLevel) {
    const connect = connectPacket({ level });
    this.#world = world;
    this.#level = level;
    this.link = new BenchLink(this.channel, connect, world.outputs, this);
    this.link.start();
  }

  onConnected(): void {
    this.told.push('connected');
  }
  onSubscribed(): void {
    this.told.push('subscribed');
  }
  onPong(): void {
    this.told.push('pong');
  }
  onEnd(end: LinkEnd): void {
    this.told.push(`end: ${end.kind}`);
    this.end = end;
  }

  /** The broker sends packets, in one chunk. */
  receive(...packets: readonly Packet[]): void {
    const frames = packets.map((packet) => {
      return Buffer.from(writePacket(this.#writer, packet, this.#level));
    });
    this.channel.arrive(Buffer.concat(frames));
  }

  /** Ends a turn; what the broker has got since the last call. */
  sent(): Packet[] {
    this.#world.turn();
    return this.received();
  }

  /** What the broker has got, while the turn goes on. */
  received(): Packet[] {
    const { writes } = this.channel;
    for (; this.#writesRead < writes.length; this.#writesRead += 1) {
      this.#splitter.push(Buffer.from(writes[this.#writesRead] ?? []));
    }
    return this.#packets.splice(0);
  }
}
