import { Buffer } from 'node:buffer';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { FrameSplitter } from '../../src/codec/frame-splitter.ts';
import type { Packet, ProtocolLevel } from '../../src/codec/packet.ts';
import { PacketReader } from '../../src/codec/packet-reader.ts';
import { PacketWriter } from '../../src/codec/packet-writer.ts';
import { NO_PROPERTIES } from '../../src/codec/properties.ts';
import { readPacket } from '../../src/codec/read-packet.ts';
import { writePacket } from '../../src/codec/write-packet.ts';

/** One client of a scripted server. */
interface ScriptedClient {
  readonly socket: Socket;
  /** The version of its CONNECT. */
  readonly level: ProtocolLevel;
  send(packet: Packet): void;
}

/** What a server does when a packet comes. */
export type Script = (packet: Packet, client: ScriptedClient) => void;

/** A server that does what a test says, on a port of its own. */
export class ScriptedServer {
  /** All that came, from all clients. */
  readonly packets: Packet[] = [];
  connectionCount = 0;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(script: Script) {
    this.#server = createServer((socket) => this.#serve(socket, script));
  }

  static async start(script: Script): Promise<ScriptedServer> {
    const server = new ScriptedServer(script);
    server.#server.listen(0, '127.0.0.1');
    await once(server.#server, 'listening');
    return server;
  }

  get port(): string {
    return String((this.#server.address() as AddressInfo).port);
  }

  /** The packets of one type. */
  of<T extends Packet['type']>(type: T): (Packet & { readonly type: T })[] {
    return this.packets.filter((packet) => packet.type === type) as (Packet & {
      readonly type: T;
    })[];
  }

  stop(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }

  #serve(socket: Socket, script: Script): void {
    this.connectionCount += 1;
    this.#sockets.add(socket);
    const reader = new PacketReader();
    reader.sender = 'client';
    const writer = new PacketWriter();
    const client = {
      socket,
      get level() {
        return reader.level;
      },
      send: (packet: Packet) => {
        socket.write(Buffer.from(writePacket(writer, packet, reader.level)));
      },
    };
    const splitter = new FrameSplitter({
      onHeader: () => {},
      onFrame: (frame) => {
        const own = Buffer.from(frame);
        reader.reset(own, 0, own.length);
        const packet = readPacket(reader);
        this.packets.push(packet);
        script(packet, client);
      },
    });
    socket.on('data', (chunk) => splitter.push(chunk));
    socket.on('error', () => {}); // A client that goes in anger is part of many a script.
  }
}

/** Does what any broker does, with codes of the test's choice for its acks. */
export function politely(
  codes: { readonly publish?: number; readonly subscribe?: readonly number[] } = {},
): Script {
  const { publish = 0, subscribe = [] } = codes;
  const properties = NO_PROPERTIES;
  return (packet, client) => {
    if (packet.type === 'connect') {
      client.send({ type: 'connack', isSessionPresent: false, reasonCode: 0, properties });
    } else if (packet.type === 'publish' && packet.packetId !== undefined) {
      const type = packet.qos === 1 ? 'puback' : 'pubrec';
      client.send({ type, packetId: packet.packetId, reasonCode: publish, properties });
    } else if (packet.type === 'pubrel') {
      client.send({ type: 'pubcomp', packetId: packet.packetId, reasonCode: 0, properties });
    } else if (packet.type === 'subscribe') {
      const { packetId, subscriptions } = packet;
      const reasonCodes = subscriptions.map(({ qos }, index) => subscribe[index] ?? qos);
      client.send({ type: 'suback', packetId, reasonCodes, properties });
    } else if (packet.type === 'disconnect') client.socket.end();
  };
}
