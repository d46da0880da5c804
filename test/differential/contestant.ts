import { Buffer } from 'node:buffer';
import type { ProtocolLevel } from '../../src/codec/packet.ts';
import { connectPacket, publishPacket, subscribePacket } from '../support/packets.ts';
import { writeFrame } from '../support/write-frame.ts';
import type { DifferentialCase, Leg } from './case-maker.ts';
import { type Delivery, deliveryOf, type SeenPublish } from './delivery.ts';
import { RawClient, type Received } from './raw-client.ts';
import { levelOf, readUnit } from './sent-unit.ts';
import { type Bytes, frame, text, u8, u16 } from './wire.ts';

/** What a broker made of one connection. */
export interface LegOutcome {
  /** The answers to each unit, messages left out. */
  readonly answers: readonly (readonly Received[])[];
  /** The unit at which the broker closed, or fell silent; undefined if it was there to the end. */
  readonly endedAt: number | undefined;
  /** Whether it neither answered nor closed. */
  readonly isMute: boolean;
  /** What it delivered to the client itself. */
  readonly deliveries: readonly Delivery[];
}

/** What a broker made of a case. */
export interface Outcome {
  readonly legs: readonly LegOutcome[];
  /** What a client that subscribes to everything got. */
  readonly observed: readonly Delivery[];
}

/** Packet ids of the fences: an UNSUBSCRIBE behind each unit, whose answer says that it is done. */
const FENCE_IDS = { min: 0xf000, max: 0xf7ff } as const;
const FENCE_TOPIC = 'fence';
/** What others publish while the client is away. */
const MEANWHILE = [
  publishPacket({ topicName: 'a', payload: Buffer.from('away 0') }),
  publishPacket({ topicName: 'a/b', qos: 1, packetId: 1, payload: Buffer.from('away 1') }),
  publishPacket({ topicName: 'a', qos: 1, packetId: 2, payload: Buffer.from('away 2') }),
] as const;

/** One broker, with those who watch what it does. */
export class Contestant {
  readonly #port: number;
  /** Subscribed to everything, at QoS 2. */
  readonly #observer: RawClient;
  /** Publishes what is no part of the case. */
  readonly #helper: RawClient;
  #fenceCount = 0;
  #observed: SeenPublish[] = [];
  #fencesSeen = 0;

  private constructor(port: number) {
    this.#port = port;
    this.#observer = new RawClient(port);
    this.#helper = new RawClient(port);
  }

  static async meet(port: number): Promise<Contestant> {
    const contestant = new Contestant(port);
    await contestant.#settle();
    return contestant;
  }

  async #settle(): Promise<void> {
    const observer = this.#observer;
    observer.onReceived = (packet) => this.#observe(packet);
    observer.write(writeFrame(connectPacket({ clientId: 'observer', keepAliveSeconds: 0 })));
    this.#helper.write(writeFrame(connectPacket({ clientId: 'helper', keepAliveSeconds: 0 })));
    const asked = { qos: 2, isRetainAsPublished: true } as const;
    observer.write(writeFrame(subscribePacket({ topicFilter: '#', ...asked })));
    observer.write(writeFrame(subscribePacket({ topicFilter: '$x/#', ...asked })));
    await observer.until(() => observer.received.filter(isOf('suback')).length === 2);
    await this.#helper.until(() => this.#helper.received.some(isOf('connack')));
    if (observer.isClosed || this.#helper.isClosed) throw new Error('the broker takes nobody');
  }

  /** Runs a case, and leaves the broker as it was. */
  async run({ legs }: DifferentialCase): Promise<Outcome> {
    const outcomes: LegOutcome[] = [];
    for (const [index, leg] of legs.entries()) {
      if (index > 0) await this.#publishMeanwhile();
      outcomes.push(await this.#runLeg(leg));
    }
    for (const clientId of new Set(legs.flatMap(clientIdsOf))) await this.#endSession(clientId);
    await this.#fence();
    const observed = this.#observed;
    this.#observed = [];
    await this.#clearRetained(observed);
    return { legs: outcomes, observed: observed.map((packet) => deliveryOf(packet)) };
  }

  close(): void {
    void this.#observer.close();
    void this.#helper.close();
  }

  async #runLeg({ torn, units }: Leg): Promise<LegOutcome> {
    const client = new RawClient(this.#port);
    const level = levelOf(units[0]);
    client.level = level;
    const last = FENCE_IDS.min + units.length - 1;
    const stream = units.flatMap((unit, index) => [unit, fenceOf(FENCE_IDS.min + index, level)]);
    client.write(Buffer.concat(stream));
    await client.until(() => units.length === 0 || client.received.some(isFence(last)));
    const { isClosed } = client;
    if (!isClosed) await client.close(torn);
    const answers = units.map((_unit, index) => answersOf(client.received, index));
    return {
      answers,
      endedAt: isClosed ? fencesIn(client.received) : undefined,
      isMute: client.isMute,
      deliveries: deliveriesOf(client.received),
    };
  }

  async #publishMeanwhile(): Promise<void> {
    const helper = this.#helper;
    helper.clear();
    for (const packet of MEANWHILE) helper.write(writeFrame(packet));
    await helper.until(() => helper.received.filter(isOf('puback')).length === 2);
  }

  /** A new connection under the same id ends the session, and all that it still had to do. */
  async #endSession(clientId: string): Promise<void> {
    const client = new RawClient(this.#port);
    client.write(writeFrame(connectPacket({ clientId })));
    await client.until(() => client.received.length > 0);
    await client.close(writeFrame({ type: 'disconnect', reasonCode: 0, properties: {} }));
  }

  /** Waits until the observer has all that was published before. */
  async #fence(): Promise<void> {
    this.#fenceCount += 1;
    const payload = Buffer.from(String(this.#fenceCount));
    this.#helper.write(writeFrame(publishPacket({ topicName: FENCE_TOPIC, payload })));
    await this.#observer.until(() => this.#fencesSeen === this.#fenceCount);
    if (this.#observer.isClosed) throw new Error('the broker has dropped its observer');
  }

  async #clearRetained(observed: readonly SeenPublish[]): Promise<void> {
    const retained = observed.filter(({ isRetained }) => isRetained);
    if (retained.length === 0) return;
    for (const { topicName } of retained) {
      this.#helper.write(writeFrame(publishPacket({ topicName, isRetained: true })));
    }
    await this.#fence();
    this.#observed = [];
  }

  #observe(packet: Received): void {
    if (packet.type === 'pubrel') {
      const { packetId } = packet;
      const pubcomp = { type: 'pubcomp', packetId, reasonCode: 0, properties: {} } as const;
      this.#observer.write(writeFrame(pubcomp));
    }
    if (packet.type !== 'publish') return;
    if (packet.topicName === FENCE_TOPIC) this.#fencesSeen += 1;
    else this.#observed.push(packet);
    const { packetId, qos } = packet;
    if (packetId === undefined) return;
    const type = qos === 1 ? 'puback' : 'pubrec';
    this.#observer.write(writeFrame({ type, packetId, reasonCode: 0, properties: {} }));
  }
}

function isOf<T extends Received['type']>(type: T) {
  return (packet: Received): packet is Extract<Received, { readonly type: T }> =>
    packet.type === type;
}

function isFence(id: number) {
  return (packet: Received): boolean => packet.type === 'unsuback' && packet.packetId === id;
}

function fencesIn(received: readonly Received[]): number {
  const { max, min } = FENCE_IDS;
  const isAnyFence = (one: Received): boolean =>
    one.type === 'unsuback' && one.packetId >= min && one.packetId <= max;
  return received.filter(isAnyFence).length;
}

/** What came between two fences, messages left out. */
function answersOf(received: readonly Received[], index: number): Received[] {
  const before = received.findIndex(isFence(FENCE_IDS.min + index - 1));
  const after = received.findIndex(isFence(FENCE_IDS.min + index));
  if (index > 0 && before < 0) return [];
  const between = received.slice(before + 1, after < 0 ? undefined : after);
  return between.filter((packet) => packet.type !== 'publish');
}

function fenceOf(id: number, level: ProtocolLevel): Bytes {
  return frame(0xa2, u16(id), level === 5 ? u8(0) : Buffer.alloc(0), text(FENCE_TOPIC));
}

function clientIdsOf({ units }: Leg): string[] {
  return units.flatMap((unit) => {
    const { inspection } = readUnit(unit, 4);
    const id = inspection.fields.find(({ path }) => path === 'payload.clientId')?.value;
    return typeof id === 'string' && id !== '' && !id.includes('\0') ? [id] : [];
  });
}

/** Messages with the topics that their aliases stand for. */
function deliveriesOf(received: readonly Received[]): Delivery[] {
  const topics = new Map<number, string>();
  return received.flatMap((packet, index) => {
    if (packet.type !== 'publish') return [];
    const { topicAlias = 0 } = packet.properties;
    if (packet.topicName !== '') topics.set(topicAlias, packet.topicName);
    return [deliveryOf(packet, fencesIn(received.slice(0, index)), topics.get(topicAlias))];
  });
}
