import { Buffer } from 'node:buffer';
import type { ByteChannel, ChannelEvents } from '../../src/base/byte-channel.ts';
import type { AuthMethods } from '../../src/broker/authentication.ts';
import type { Backend, BackendHost } from '../../src/broker/backend.ts';
import { Broker } from '../../src/broker/broker.ts';
import type { BrokerConfig } from '../../src/broker/broker-config.ts';
import { BrokerCore } from '../../src/broker/broker-core.ts';
import type { BrokerEvent, BrokerPorts } from '../../src/broker/broker-ports.ts';
import { MemoryBackend } from '../../src/broker/memory-backend.ts';
import { FrameSplitter } from '../../src/codec/frame-splitter.ts';
import type {
  ConnackPacket,
  ConnectPacket,
  Packet,
  ProtocolLevel,
  PublishPacket,
  SubscribePacket,
  SubscriptionRequest,
} from '../../src/codec/packet.ts';
import { PacketReader } from '../../src/codec/packet-reader.ts';
import { PacketWriter } from '../../src/codec/packet-writer.ts';
import { readPacket } from '../../src/codec/read-packet.ts';
import { writePacket } from '../../src/codec/write-packet.ts';
import { connectPacket as plainConnect } from './packets.ts';

/** The server's end of a connection in memory, and what a test may do at the other end. */
class TestChannel implements ByteChannel {
  readonly hasPeerEnded = false;
  readonly peer: string;
  readonly host: string;
  /** Bytes that the client has not taken: all of them while it is frozen. */
  unsentBytes = 0;
  isFrozen = false;
  /** Whether the peer leaves the connection open when it is to end. */
  isLingering = false;
  isPaused = false;
  isClosed = false;
  /** How many writes there were: one for each turn in which something was sent. */
  writeCount = 0;
  events: ChannelEvents | undefined = undefined;
  readonly #onWrite: (bytes: Buffer) => void;
  readonly #onClose: () => void;
  #held: Buffer[] = [];

  constructor(peer: string, onWrite: (bytes: Buffer) => void, onClose: () => void) {
    this.peer = peer;
    this.host = peer.replace(/:\d+$/, '');
    this.#onWrite = onWrite;
    this.#onClose = onClose;
  }

  listen(events: ChannelEvents): void {
    this.events = events;
  }

  write(bytes: Buffer): boolean {
    this.writeCount += 1;
    if (!this.isFrozen) {
      this.#onWrite(bytes);
      return true;
    }
    this.#held.push(bytes);
    this.unsentBytes += bytes.length;
    return false;
  }

  /** The client takes what has waited. */
  thaw(): void {
    this.isFrozen = false;
    for (const bytes of this.#held) this.#onWrite(bytes);
    this.#held = [];
    this.unsentBytes = 0;
    this.events?.onDrained();
  }

  /** The client takes the first write that has waited, and no more. */
  takeOne(): void {
    const bytes = this.#held.shift();
    if (bytes === undefined) return;
    this.unsentBytes -= bytes.length;
    this.#onWrite(bytes);
  }

  pause(): void {
    this.isPaused = true;
  }
  resume(): void {
    this.isPaused = false;
  }
  end(): void {
    if (!this.isLingering) this.destroy();
  }
  destroy(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.#onClose();
  }
}

/** A client that does what the test says, and nothing by itself: no acks, no pings. */
export class TestClient {
  readonly channel: TestChannel;
  /** All packets that came, in order. */
  readonly received: Packet[] = [];
  /** The same as bytes, for those who compare them. */
  readonly frames: Buffer[] = [];
  level: ProtocolLevel = 5;
  readonly #world: BrokerWorld;
  readonly #reader = new PacketReader();
  readonly #writer = new PacketWriter();
  readonly #splitter: FrameSplitter;
  #bytesReceived = 0;

  constructor(world: BrokerWorld, name: string) {
    this.#world = world;
    this.#splitter = new FrameSplitter({
      onHeader() {},
      onFrame: (frame) => {
        const own = Buffer.from(frame);
        this.frames.push(own);
        this.received.push(this.#read(own));
      },
    });
    const onWrite = (bytes: Buffer): void => {
      this.#bytesReceived += bytes.length;
      this.#splitter.push(bytes);
    };
    const onClose = (): void => world.later(() => this.channel.events?.onClosed(undefined));
    this.channel = new TestChannel(name, onWrite, onClose);
  }

  get isClosed(): boolean {
    return this.channel.isClosed;
  }

  get bytesReceived(): number {
    return this.#bytesReceived;
  }

  /** The PUBLISH packets that came, in order. */
  get messages(): PublishPacket[] {
    return this.received.filter((packet) => packet.type === 'publish');
  }

  /** The packets that came since the last call, in order. */
  take(): Packet[] {
    return this.received.splice(0);
  }

  /** Payloads of the messages that came, as text. */
  get payloads(): string[] {
    return this.messages.map((packet) => packet.payload.toString());
  }

  /** The last packet that came. */
  get last(): Packet | undefined {
    return this.received.at(-1);
  }

  /** Sends bytes, and lets the broker do all that they bring about. */
  sendBytes(bytes: Buffer): void {
    if (!this.isClosed) this.channel.events?.onBytes(bytes);
    this.#world.settle();
  }

  send(...packets: Packet[]): void {
    this.sendBytes(Buffer.concat(packets.map((packet) => this.encode(packet))));
  }

  encode(packet: Packet): Buffer {
    return Buffer.from(writePacket(this.#writer, packet, this.level));
  }

  /** Cuts the connection, as a network failure does. */
  drop(): void {
    this.channel.destroy();
    this.#world.settle();
  }

  /** Takes what has waited while it was frozen. */
  thaw(): void {
    this.channel.thaw();
    this.#world.settle();
  }

  #read(frame: Buffer): Packet {
    this.#reader.level = this.level;
    this.#reader.sender = 'server';
    this.#reader.reset(frame, 0, frame.length);
    return readPacket(this.#reader);
  }
}

/** A broker on a virtual clock, and clients in memory. */
export class BrokerWorld {
  readonly broker: Broker;
  readonly core: BrokerCore;
  readonly events: BrokerEvent[] = [];
  nowMs = 1_000_000;
  alarmMs: number | undefined = undefined;
  #turnEnd: (() => void)[] = [];
  #clientCount = 0;

  constructor(
    config: Partial<BrokerConfig> = {},
    makeBackend: (host: BackendHost) => Backend = (host) => new MemoryBackend(host),
    authMethods: AuthMethods = new Map(),
    hotPath: 'on' | 'off' = 'on',
  ) {
    let ids = 0;
    const ports: BrokerPorts = {
      nowMs: () => this.nowMs,
      setAlarm: (atMs) => {
        this.alarmMs = atMs;
      },
      atTurnEnd: (callback) => this.later(callback),
      randomText: (length) => {
        ids += 1;
        return String(ids).padStart(length, '0');
      },
      log: (event) => this.events.push(event),
      logsDebug: false,
    };
    let host: BackendHost | undefined;
    this.broker = new Broker(config, ports, {
      authMethods,
      hotPath,
      makeBackend(given) {
        host = given;
        return makeBackend(given);
      },
    });
    if (!(host instanceof BrokerCore)) throw new Error('the core is the host of its backend');
    this.core = host;
  }

  /** Has something done at the end of the turn. */
  later(callback: () => void): void {
    this.#turnEnd.push(callback);
  }

  /** Ends turns until nothing is left to do. */
  settle(): void {
    while (this.#turnEnd.length > 0) {
      const turn = this.#turnEnd;
      this.#turnEnd = [];
      for (const callback of turn) callback();
    }
  }

  /** Lets time pass, with all that becomes due on the way. */
  advance(seconds: number): void {
    const endMs = this.nowMs + seconds * 1000;
    while (this.alarmMs !== undefined && this.alarmMs <= endMs) {
      this.nowMs = Math.max(this.nowMs, this.alarmMs);
      this.alarmMs = undefined; // It has gone off.
      this.broker.onAlarm();
      this.settle();
    }
    this.nowMs = endMs;
  }

  /** A connection on which nothing has been sent. */
  open(host = '192.0.2.1'): TestClient {
    this.#clientCount += 1;
    const client = new TestClient(this, `${host}:${50_000 + this.#clientCount}`);
    this.broker.accept(client.channel);
    return client;
  }

  /** A connection whose CONNECT has been answered: the answer is `received[0]`. */
  connect(over: Partial<ConnectPacket> = {}): TestClient {
    const client = this.open();
    const packet = connectPacket(over);
    client.level = packet.level;
    client.send(packet);
    return client;
  }

  /** A connected client with these subscriptions. */
  subscriber(filter: string, qos: 0 | 1 | 2 = 0, over: Partial<ConnectPacket> = {}): TestClient {
    const client = this.connect({ clientId: `sub-${filter}-${qos}`, ...over });
    client.send(subscribePacket([{ topicFilter: filter, qos }]));
    client.received.length = 0;
    return client;
  }

  /** The names of what was logged. */
  get log(): string[] {
    return this.events.map((event) => event.event);
  }
}

/** The plainest CONNECT, changed in what the test is about. */
export function connectPacket(over: Partial<ConnectPacket> = {}): ConnectPacket {
  return plainConnect({ keepAliveSeconds: 0, clientId: 'c1', ...over });
}

/** SUBSCRIBE with the filters' options at their defaults. */
export function subscribePacket(
  subscriptions: readonly (Partial<SubscriptionRequest> & { readonly topicFilter: string })[],
  over: Partial<SubscribePacket> = {},
): SubscribePacket {
  return {
    type: 'subscribe',
    packetId: 1,
    properties: {},
    subscriptions: subscriptions.map((subscription) => ({
      qos: 0,
      isNoLocal: false,
      isRetainAsPublished: false,
      retainHandling: 0,
      ...subscription,
    })),
    ...over,
  };
}

/** The CONNACK that a client got first. */
export function connackOf(client: TestClient): ConnackPacket {
  const [first] = client.received;
  if (first?.type !== 'connack') throw new Error(`got ${first?.type ?? 'nothing'}, no CONNACK`);
  return first;
}
