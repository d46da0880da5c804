import type { StreamEnd } from './capture-target.ts';
import type { Side } from './carrier.ts';
import { type CaptureContext, Conversation, type Ends } from './conversation.ts';
import { endpointText } from './ip-address.ts';
import type { IpPacket } from './ip-packet.ts';
import { readTcpSegment, type TcpSegment } from './tcp-segment.ts';
import { type SegmentData, TcpSide, type WaitingBudget } from './tcp-side.ts';

/** Connections that are followed at once; of more, those are forgotten that were silent longest. */
export const CONNECTIONS_MAX = 10_000;
/** Bytes that wait for others before them, of all connections. */
const ALL_WAITING_BYTES_MAX = 64 * 1024 * 1024;
/** One forgetting makes room for so many: it looks at all. */
const FORGOTTEN_SHARE = 16;
const PATIENCE_SEGMENTS = 4;

/** A connection, as far as the capture shows it. */
interface Connection {
  readonly sides: readonly [TcpSide, TcpSide];
  readonly keys: readonly [string, string];
  readonly conversation: Conversation;
  readonly hasFin: [boolean, boolean];
  /** How many segments it is followed yet once both sides have sent a FIN, if bytes are missing. */
  patience: number;
  /** It ended: only a SYN begins another. */
  isOver: boolean;
  /** Number of its last segment, among all. */
  lastSegment: number;
}

interface Place {
  readonly connection: Connection;
  readonly side: Side;
}

/** Follows all TCP connections of a capture. */
export class TcpConnections {
  readonly #context: CaptureContext;
  readonly #connectionsMax: number;
  readonly #budget: WaitingBudget = { bytes: 0, bytesMax: ALL_WAITING_BYTES_MAX };
  /** Each connection twice: by who sends to whom. */
  readonly #places = new Map<string, Place>();
  #segments = 0;
  #forgotten = 0;

  constructor(context: CaptureContext, connectionsMax = CONNECTIONS_MAX) {
    this.#context = context;
    this.#connectionsMax = connectionsMax;
  }

  /** Connections that were forgotten before they ended. */
  get forgotten(): number {
    return this.#forgotten;
  }

  /** Takes one packet that carries TCP; `byte` is where its payload begins in the input. */
  onPacket(packet: IpPacket, timeMs: number | undefined, byte: number): void {
    const { payload } = packet;
    const segment = readTcpSegment(payload);
    if (segment === undefined) return;
    this.#segments += 1;
    const place = this.#placeOf(packet, segment);
    const { connection, side } = place;
    connection.lastSegment = this.#segments;
    if (connection.isOver || connection.conversation.isStranger) return;
    const bytes = payload.subarray(segment.dataStart);
    const data = { bytes, timeMs, byte: byte + segment.dataStart };
    this.#follow(place, segment, data);
    const { acknowledged } = segment;
    if (acknowledged !== undefined) connection.sides[other(side)].acknowledge(acknowledged);
    if (segment.isReset || isFinished(connection)) this.#close(connection, 'closed');
  }

  /** The capture is over. */
  end(): void {
    const all = [...this.#places.values()];
    for (const { connection } of all) this.#close(connection, 'stopped');
    this.#places.clear();
  }

  #follow({ connection, side }: Place, segment: TcpSegment, data: SegmentData): void {
    const tcp = connection.sides[side];
    if (segment.isSyn && !tcp.isBegun) {
      tcp.begin(segment.sequence, true);
      connection.conversation.onBegin(side, segment.acknowledged === undefined);
    }
    // A SYN takes a number of its own; data may come with it.
    const sequence = segment.isSyn ? segment.sequence + 1 : segment.sequence;
    if (data.bytes.length > 0) tcp.push(sequence, data);
    if (!segment.isFin) return;
    connection.hasFin[side] = true;
    tcp.finish(sequence + data.bytes.length);
  }

  #placeOf({ destination, payload, source }: IpPacket, segment: TcpSegment): Place {
    const [from, to] = [source.toString('latin1'), destination.toString('latin1')];
    const ports = payload.toString('latin1', 0, 4);
    const key = from + to + ports;
    const known = this.#places.get(key);
    if (known !== undefined && !isRestart(known, segment)) return known;
    if (known !== undefined) this.#forget(known.connection);
    if (this.#places.size >= 2 * this.#connectionsMax) this.#makeRoom();
    const reverse = to + from + ports.slice(2) + ports.slice(0, 2);
    const connection = this.#open([key, reverse], {
      ports: [segment.sourcePort, segment.destinationPort],
      texts: [
        endpointText(source, segment.sourcePort),
        endpointText(destination, segment.destinationPort),
      ],
    });
    const place = { connection, side: 0 } as const;
    if (reverse !== key) this.#places.set(reverse, { connection, side: 1 });
    this.#places.set(key, place);
    return place;
  }

  #open(keys: Connection['keys'], ends: Ends): Connection {
    const conversation = new Conversation(this.#context, ends);
    const noted: [boolean, boolean] = [false, false];
    const sideOf = (side: Side) =>
      new TcpSide(
        {
          onData: (data) => conversation.onData(side, data),
          onHole: (length) => conversation.onHole(side, length),
          onDifference() {
            if (noted[side]) return;
            noted[side] = true;
            conversation.onNote('bytes were sent again, and differ: the first count');
          },
        },
        this.#budget,
      );
    const sides = [sideOf(0), sideOf(1)] as const;
    const hasFin: [boolean, boolean] = [false, false];
    const patience = PATIENCE_SEGMENTS;
    return { sides, keys, conversation, hasFin, patience, isOver: false, lastSegment: 0 };
  }

  #close(connection: Connection, how: StreamEnd): void {
    if (connection.isOver) return;
    connection.isOver = true;
    for (const side of connection.sides) side.end();
    const isFinished = connection.hasFin[0] || connection.hasFin[1];
    connection.conversation.end(isFinished ? 'closed' : how);
  }

  #forget(connection: Connection): void {
    this.#close(connection, 'stopped');
    for (const key of connection.keys) this.#places.delete(key);
  }

  /** First those go that are over or of no interest, then those that were silent longest. */
  #makeRoom(): void {
    const all = [...new Set([...this.#places.values()].map(({ connection }) => connection))];
    const isDone = ({ conversation, isOver }: Connection) => isOver || conversation.isStranger;
    const age = (connection: Connection) => (isDone(connection) ? 0 : connection.lastSegment);
    all.sort((a, b) => age(a) - age(b));
    for (const connection of all.slice(0, Math.ceil(this.#connectionsMax / FORGOTTEN_SHARE))) {
      if (!isDone(connection)) this.#forgotten += 1;
      this.#forget(connection);
    }
  }
}

/** Both sides are over; what is missing before their end may come yet, out of order. */
function isFinished(connection: Connection): boolean {
  const { hasFin, sides } = connection;
  if (!(hasFin[0] && hasFin[1])) return false;
  if (sides[0].isFinished && sides[1].isFinished) return true;
  connection.patience -= 1;
  return connection.patience <= 0;
}

/** A SYN other than the one that this side began with begins a connection. */
function isRestart({ connection, side }: Place, segment: TcpSegment): boolean {
  if (!segment.isSyn) return false;
  const tcp = connection.sides[side];
  if (tcp.isBegunAt(segment.sequence)) return false;
  return connection.isOver || (tcp.isBegun && segment.acknowledged === undefined);
}

function other(side: Side): Side {
  return side === 0 ? 1 : 0;
}
