import { expect, it } from 'vitest';
import { Random } from '../../src/base/random.ts';
import { InboundWindow } from '../../src/session/inbound-window.ts';
import { OutboundWindow, type Peer } from '../../src/session/outbound-window.ts';

const SEEDS = 300;
const MESSAGES = 60;
const STEPS_MAX = 20_000;
const LOSS_PERCENT = 3;
const QUOTA_MAX = 5;

type Kind = 'publish' | 'puback' | 'pubrec' | 'pubrel' | 'pubcomp';
interface Sent {
  readonly kind: Kind;
  readonly id: number;
  /** Of a PUBLISH: which message it is, and its QoS. */
  readonly message?: number | undefined;
  readonly qos?: 1 | 2;
}

const SENDER: Peer = { side: 'client', level: 5 };
const RECEIVER: Peer = { side: 'server', level: 5 };

/**
 * A sender and a receiver that keep sections 4.3, 4.4 and 4.9, and a link like TCP: in order both
 * ways, until it breaks and takes with it what is under way. A break may come at any packet.
 */
class World {
  readonly taken: number[] = [];
  /** The messages of QoS 2, in their order. */
  readonly wanted: number[] = [];
  readonly #random: Random;
  readonly #window = new OutboundWindow<number>();
  readonly #inbound = new InboundWindow(QUOTA_MAX);
  #quotaMax = QUOTA_MAX;
  /** PUBLISHes that this connection's receiver has not finished, by its own count. */
  readonly #unfinished = new Set<number>();
  #toReceiver: Sent[] = [];
  #toSender: Sent[] = [];
  #next = 0;

  constructor(seed: number) {
    this.#random = new Random(seed);
    this.#connect();
  }

  /** True when every message is sent and finished. */
  step(): boolean {
    if (this.#random.chance(LOSS_PERCENT)) this.#connect();
    else if (this.#random.chance(40)) this.#send();
    else if (this.#random.chance(50)) this.#receive(this.#toReceiver.shift());
    else this.#finish(this.#toSender.shift());
    return this.#next === MESSAGES && this.#window.size === 0;
  }

  #connect(): void {
    this.#toReceiver = [];
    this.#toSender = [];
    this.#unfinished.clear();
    this.#quotaMax = 1 + this.#random.below(QUOTA_MAX);
    this.#window.connect(this.#quotaMax);
    this.#inbound.connect();
  }

  #send(): void {
    const entry = this.#window.takeResend();
    if (entry?.stage === 'pubrel') this.#toReceiver.push({ kind: 'pubrel', id: entry.packetId });
    else if (entry !== undefined) this.#publish(entry.packetId, entry.message, entry.qos);
    else if (this.#next < MESSAGES && this.#window.hasRoom) {
      const qos = this.#random.chance(30) ? 1 : 2;
      this.#publish(this.#window.open(this.#next, qos), this.#next, qos);
      if (qos === 2) this.wanted.push(this.#next);
      this.#next += 1;
    }
  }

  #publish(id: number, message: number | undefined, qos: 1 | 2): void {
    this.#unfinished.add(id);
    // What was announced for this connection holds, whatever came before it [MQTT-4.9.0-2].
    expect(this.#unfinished.size).toBeLessThanOrEqual(this.#quotaMax);
    this.#toReceiver.push({ kind: 'publish', id, message, qos });
  }

  #receive(sent: Sent | undefined): void {
    if (sent === undefined) return;
    const { id, kind, message, qos } = sent;
    if (kind === 'pubrel') {
      this.#inbound.onPubrel(id);
      this.#toSender.push({ kind: 'pubcomp', id });
      return;
    }
    expect(message, 'a PUBLISH is never repeated without its message').toBeDefined();
    if (qos === 1) {
      this.#inbound.openQos1(SENDER);
      this.#inbound.closeQos1();
      this.#toSender.push({ kind: 'puback', id });
      return;
    }
    if (this.#inbound.onQos2(id, SENDER) === 'new') this.taken.push(message ?? -1);
    this.#toSender.push({ kind: 'pubrec', id });
  }

  #finish(sent: Sent | undefined): void {
    if (sent === undefined) return;
    const { id, kind } = sent;
    if (kind === 'pubrec') {
      expect(this.#window.onPubrec(id, 0, RECEIVER)).not.toBe('refused');
      this.#toReceiver.push({ kind: 'pubrel', id });
      return;
    }
    this.#unfinished.delete(id);
    if (kind === 'puback') this.#window.onPuback(id, RECEIVER);
    else this.#window.onPubcomp(id, RECEIVER);
  }

  static simulate(seed: number): World {
    const world = new World(seed);
    for (let step = 0; step < STEPS_MAX; step += 1) if (world.step()) return world;
    throw new Error(`seed ${seed}: not done after ${STEPS_MAX} steps`);
  }
}

it('hands on each QoS 2 message once, in order, within the quota, over a link that breaks', () => {
  for (let seed = 0; seed < SEEDS; seed += 1) {
    const { taken, wanted } = World.simulate(seed);
    expect(taken, `seed ${seed}`).toEqual(wanted);
  }
});
