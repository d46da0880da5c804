import { Buffer } from 'node:buffer';
import { ClientConnection } from '../../src/client/client-connection.ts';
import type {
  ClientEnd,
  ClientHost,
  ConnectRequest,
  Welcome,
} from '../../src/client/client-host.ts';
import { ClientSession } from '../../src/client/client-session.ts';
import type { IncomingMessage, Publication, PublishOutcome } from '../../src/client/publication.ts';
import { FrameSplitter } from '../../src/codec/frame-splitter.ts';
import type { ConnackPacket, Packet } from '../../src/codec/packet.ts';
import { PacketReader } from '../../src/codec/packet-reader.ts';
import { PacketWriter } from '../../src/codec/packet-writer.ts';
import { NO_PROPERTIES } from '../../src/codec/properties.ts';
import { readPacket } from '../../src/codec/read-packet.ts';
import { writePacket } from '../../src/codec/write-packet.ts';
import { MemoryChannel } from './memory-channel.ts';
import { connackPacket, connectPacket } from './packets.ts';

/** A client in virtual time, with the test as its server and its user. */
export class ClientWorld implements ClientHost {
  readonly channel = new MemoryChannel();
  readonly connection: ClientConnection;
  readonly messages: IncomingMessage[] = [];
  readonly outcomes: PublishOutcome[] = [];
  welcome: Welcome | undefined = undefined;
  end: ClientEnd | undefined = undefined;
  drainCount = 0;
  /** How often time was asked for. */
  wakeCount = 0;
  /** Whether a message is taken as soon as it comes. */
  isEager = true;
  #nowMs = 0;
  #wakesAtMs = Number.POSITIVE_INFINITY;
  readonly #turnEnds: (() => void)[] = [];
  readonly #level: ConnectRequest['level'];
  readonly #writer = new PacketWriter();
  #writesRead = 0;
  readonly #received: Packet[] = [];
  readonly #splitter = new FrameSplitter({
    onHeader: () => {},
    onFrame: (frame) => this.#received.push(this.#read(Buffer.from(frame))),
  });

  constructor(over: Partial<ConnectRequest> = {}, session = new ClientSession(65_535)) {
    const { type: _type, ...connect } = connectPacket(over);
    this.#level = connect.level;
    this.connection = new ClientConnection({
      channel: this.channel,
      session,
      host: this,
      connect,
      server: 'h:1883',
      connackBeforeMs: 30_000,
    });
  }

  /** A client that CONNACK has accepted; what was sent so far is read. */
  static connected(
    over: Partial<ConnectRequest> = {},
    connack: Partial<ConnackPacket> = {},
    session?: ClientSession,
  ): ClientWorld {
    const world = new ClientWorld(over, session);
    world.connection.start();
    world.sent();
    world.receive(connackPacket(connack));
    return world;
  }

  nowMs(): number {
    return this.#nowMs;
  }
  atTurnEnd(callback: () => void): void {
    this.#turnEnds.push(callback);
  }
  wakeAt(atMs: number): void {
    this.#wakesAtMs = atMs;
    this.wakeCount += 1;
  }
  onConnected(welcome: Welcome): void {
    this.welcome = welcome;
  }
  onMessage(message: IncomingMessage): void {
    this.messages.push(message);
    if (this.isEager) message.take();
  }
  onDrained(): void {
    this.drainCount += 1;
  }
  onEnd(end: ClientEnd): void {
    if (this.end !== undefined) throw new Error('onEnd came twice');
    this.end = end;
  }

  /** Publishes with everything else plain; the outcome goes to `outcomes`. */
  publish(over: Partial<Publication> = {}): void {
    const publication: Publication = {
      topicName: 'a',
      payload: Buffer.from('m'),
      qos: 0,
      isRetained: false,
      properties: NO_PROPERTIES,
      ...over,
    };
    this.connection.publish(publication, (outcome) => this.outcomes.push(outcome));
  }

  /** The server sends packets, in one chunk. */
  receive(...packets: Packet[]): void {
    const frames = packets.map((packet) =>
      Buffer.from(writePacket(this.#writer, packet, this.#level)),
    );
    this.channel.arrive(Buffer.concat(frames));
  }

  /** Ends the turn; what the server has got since the last call. */
  sent(): Packet[] {
    for (const callback of this.#turnEnds.splice(0)) callback();
    const { writes } = this.channel;
    for (; this.#writesRead < writes.length; this.#writesRead += 1) {
      this.#splitter.push(writes[this.#writesRead] ?? Buffer.alloc(0));
    }
    return this.#received.splice(0);
  }

  /** The same, each packet as one word with its id and reason code: `pubrel 7 0`. */
  acksSent(): string[] {
    return this.sent().map((packet) => {
      if (!('packetId' in packet)) return packet.type;
      const code = 'reasonCode' in packet ? ` ${packet.reasonCode}` : '';
      return `${packet.type} ${packet.packetId}${code}`;
    });
  }

  /** Lets time pass, with all that is due in it. */
  pass(ms: number): void {
    const until = this.#nowMs + ms;
    while (this.#wakesAtMs <= until) {
      this.#nowMs = Math.max(this.#nowMs, this.#wakesAtMs);
      this.#wakesAtMs = Number.POSITIVE_INFINITY;
      this.connection.onDeadline(this.#nowMs);
    }
    this.#nowMs = until;
  }

  #read(frame: Buffer): Packet {
    const reader = new PacketReader();
    reader.level = this.#level;
    reader.sender = 'client';
    reader.reset(frame, 0, frame.length);
    return readPacket(reader);
  }
}
