import { Random } from '../../src/base/random.ts';
import type { ConnectPacket, Packet, PublishPacket } from '../../src/codec/packet.ts';
import { ProtocolError } from '../../src/codec/protocol-error.ts';
import { SurvivingStore } from '../support/surviving-store.ts';
import { checkMemory } from './checks.ts';
import { Choices } from './choices.ts';
import { type ClientLog, SimClient } from './client.ts';
import { act } from './deeds.ts';
import { FAULTS } from './faults.ts';
import { type Garbage, Journal } from './journal.ts';
import { Link, type LinkClient, type LinkObserver } from './link.ts';
import { Model } from './model.ts';
import type { ModelConnection } from './model-connection.ts';
import { promiseOf } from './promises.ts';
import { World } from './world.ts';

/** How often something goes wrong instead of going on, in 1,000 steps. */
const FAULTS_PER_MILLE = 12;
const FAULT_WEIGHT_SUM = FAULTS.reduce((sum, { weight }) => sum + weight, 0);
const KINDS = ['plain', 'sharing', 'plain', 'worker', 'plain', 'nameless'] as const;
const CLIENTS_MIN = 3;
const CLIENTS_MAX = 20;
/** Bytes under way towards a client beyond which they stay with the broker. */
const UNDER_WAY_BYTES = [200, 1_500, 1_000_000] as const;
const ALL_BYTES = 100_000;
/** How many links are looked at for one that has something to move. */
const LOOKS = 4;

/** Why a run has ended before its time. */
export class SimFailure extends Error {
  readonly step: number;
  readonly events: readonly string[];

  constructor(message: string, step: number, events: readonly string[]) {
    super(message);
    this.step = step;
    this.events = events;
  }
}

/**
 * A broker in virtual time, with clients that do anything they may and a network that does anything
 * it can, all of it drawn from a seed; and a model that judges each step.
 */
export class Simulation implements ClientLog {
  readonly choices: Choices;
  readonly world: World;
  readonly model: Model;
  readonly clients: SimClient[] = [];
  readonly links: Link[] = [];
  readonly doubtful = new Set<string>();
  readonly #journal = new Journal();
  readonly #random: Random;
  #stepCount = 0;
  /** The broker is about to be killed, and what it gets now is lost with it. */
  #isLosing = false;
  /** Messages that the broker gets then, by link and packet id. */
  readonly #lost = new Map<string, PublishPacket>();
  #peers = 0;

  constructor(seed: number) {
    this.#random = new Random(seed);
    this.choices = new Choices(this.#random);
    const { config } = this.choices;
    // Where nothing is kept, messages take the hot path; where all is, the broker may be restarted.
    const store = this.#random.chance(50) ? new SurvivingStore() : undefined;
    this.world = new World(config, store);
    this.model = new Model(config, store === undefined ? 'nothing' : 'all');
    this.model.onTime(this.world.nowMs());
    const count = CLIENTS_MIN + this.#random.below(CLIENTS_MAX - CLIENTS_MIN + 1);
    for (let n = 1; n <= count; n += 1) {
      const kind = KINDS[n % KINDS.length] ?? 'plain';
      const { receiveMaximum } = config;
      this.clients.push(new SimClient({ clientId: `c${n}`, kind }, receiveMaximum, this));
    }
  }

  /** One thing that happens. @throws SimFailure if something is wrong after it. */
  step(): void {
    const random = this.#random;
    if (random.below(1_000) < FAULTS_PER_MILLE) this.#strike();
    else if (random.chance(30)) this.#deed();
    else this.#moveSome();
    // What comes on several connections may belong to one turn.
    while (random.chance(20)) {
      if (random.chance(50)) this.world.goOn();
      this.#moveSome();
    }
    this.endStep();
    if (random.chance(25)) this.passTime(this.#pause());
  }

  /** A step is over: what it has brought about is judged. @throws SimFailure */
  endStep(): void {
    this.#stepCount += 1;
    this.#judge();
    checkMemory(this);
    this.#failIfWrong();
  }

  /** A client connects, whatever link it has had. */
  connect(client: SimClient): void {
    const kept = this.#random.chance(70) ? client.connect?.level : undefined;
    const level = kept ?? this.choices.level(client.kind);
    this.open(client, this.choices.connect(client.clientId, client.kind, level));
  }

  /** A client connects with this. */
  open(client: SimClient, packet: ConnectPacket): void {
    this.#peers += 1;
    const link = this.#link(client, `link ${this.#peers}`);
    this.links.push(link);
    client.open(link, packet);
    this.world.broker.accept(link);
  }

  /** Lets time pass, with all that falls due on the way. */
  passTime(ms: number): void {
    const endMs = this.world.nowMs() + ms;
    for (;;) {
      const alarmMs = this.world.alarmMs ?? Number.POSITIVE_INFINITY;
      const pingMs = Math.min(...this.clients.map(({ pingAtMs }) => pingAtMs));
      const nextMs = Math.min(alarmMs, pingMs, this.model.nextDueMs);
      this.#wakeAt(Math.max(this.world.nowMs(), Math.min(nextMs, endMs)));
      if (nextMs > endMs) return;
    }
  }

  /** The clock is set forward: all that was due meanwhile is due at once. */
  jump(ms: number): void {
    this.#note('clock', `is set forward by ${ms} ms`);
    this.#wakeAt(this.world.nowMs() + ms);
  }

  /**
   * The broker is killed at any moment, and started again after a while. Of what it was about
   * nobody has heard anything: it is kept, or lost as if it had never come.
   */
  restart(afterMs: number): void {
    const { backend } = this.world;
    if (backend === undefined) return;
    this.#judge();
    if (this.#random.chance(60)) {
      for (let left = this.#random.below(4); left >= 0; left -= 1) this.#moveSome();
      backend.writeAll();
    }
    if (this.#random.chance(60)) this.#loseSome();
    this.world.kill();
    for (const link of this.links) link.abandon();
    this.links.length = 0;
    const nowMs = this.world.nowMs() + afterMs;
    this.model.onRestart(nowMs);
    this.world.start(nowMs);
    this.model.onTimeServed();
    this.#judge();
  }

  /** The broker gets what it will not have kept, and may answer nothing that promises it. */
  #loseSome(): void {
    this.#isLosing = true;
    this.#lost.clear();
    for (let left = this.#random.below(4); left >= 0; left -= 1) {
      this.links[this.#random.below(Math.max(1, this.links.length))]?.moveUp(ALL_BYTES);
      this.world.endTurn();
    }
    this.#isLosing = false;
    this.#failIfWrong();
  }

  /** Moves what can be moved on a link, at most so many bytes each way. False if it is over. */
  move(link: Link, max: number): boolean {
    // What is owed before CONNACK to who is taken over, or is there already, is another test's.
    const isJudging = [...this.model.state.connections].some(({ owedConnack }) => owedConnack);
    if (isJudging && this.world.backend !== undefined) this.world.settle();
    if (link.stage === 'closed') link.tellClosed();
    else if (this.#random.chance(50)) link.moveUp(max);
    else link.moveDown(max);
    if (!link.isOver) return true;
    this.links.splice(this.links.indexOf(link), 1);
    return false;
  }

  onSend(client: SimClient, packet: Packet | Garbage): void {
    client.noteSent(this.world.nowMs());
    this.#note(`${client.clientId} >`, packet);
  }

  onReceive(client: SimClient, packet: Packet): void {
    this.#note(`${client.clientId} <`, packet);
  }

  onFault(client: SimClient, what: string): void {
    this.model.state.report(`${client.clientId}: ${what}`);
  }

  #link(client: SimClient, peer: string): Link {
    const { model } = this;
    const observer: LinkObserver = {
      onArriving: (packet) => {
        this.#note(`broker < ${client.clientId}`, packet);
        if (this.#isLosing) {
          if (packet.type === 'publish') this.#lost.set(`${peer} ${packet.packetId}`, packet);
          return;
        }
        model.onArriving(connection, packet);
      },
      onWritten: (packet, length) => {
        this.#note(`broker > ${client.clientId}`, packet);
        if (this.#isLosing) this.#checkPromise(connection, client.clientId, packet);
        else model.onWritten(connection, packet, length);
      },
      onEnded: (how) => {
        this.#note(`broker | ${client.clientId}`, `closes ${peer} (${how})`);
        if (!this.#isLosing) model.onEnded(connection, how);
      },
      onResumed: () => {
        if (!this.#isLosing) model.onResumed(connection);
      },
      onClosing: () => {
        this.#note(`broker < ${client.clientId}`, `${peer} is closed`);
        model.onClosing(connection);
      },
      onFault: (what) => model.state.report(what),
    };
    const end: LinkClient = {
      onPacket: (packet) => {
        if (client.link === link) this.#receive(client, packet);
      },
      onGone: () => {
        if (client.link === link) client.onGone();
      },
    };
    const nowMs = (): number => this.world.nowMs();
    const max = this.choices.pick(UNDER_WAY_BYTES);
    const link = new Link(peer, { observer, client: end }, nowMs, max);
    const connection = model.onOpened(link);
    return link;
  }

  /** What is lost in a moment must not be promised. */
  #checkPromise(connection: ModelConnection, clientId: string, packet: Packet): void {
    const { backend, core } = this.world;
    const isDurable = core.sessions.find(clientId)?.isDurable === true;
    const id = 'packetId' in packet ? packet.packetId : undefined;
    const lost = this.#lost.get(`${connection.link.peer} ${id}`);
    const isTaking = lost !== undefined && backend?.isTaking(lost.payload) === true;
    const promise = promiseOf(packet, connection, { clientId, isDurable, isTaking });
    if (promise !== undefined) this.model.state.report(promise);
  }

  /** What a client's own side of the protocol refuses, no broker may send. */
  #receive(client: SimClient, packet: Packet): void {
    try {
      client.onPacket(packet);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.onFault(client, error.what);
    }
  }

  #strike(): void {
    let left = this.#random.below(FAULT_WEIGHT_SUM);
    const client = this.choices.pick(this.clients);
    const link = this.links[this.#random.below(Math.max(1, this.links.length))];
    for (const { name, strike, weight } of FAULTS) {
      left -= weight;
      if (left >= 0) continue;
      this.#note(client.clientId, `${name} ${link?.peer ?? ''}`);
      strike(this, client, link);
      return;
    }
  }

  #deed(): void {
    const client = this.choices.pick(this.clients);
    const { link } = client;
    // A client takes its time to find out that nobody hears it.
    const givesUp = link?.isSilent === true && this.#random.chance(10);
    if (link === undefined || givesUp) this.connect(client);
    else if (client.isReady) act(client, this.choices);
  }

  #moveSome(): void {
    for (let looks = 0; looks < LOOKS; looks += 1) {
      const link = this.links[this.#random.below(Math.max(1, this.links.length))];
      if (link === undefined) return;
      const isIdle = link.stage === 'open' && link.arrivingBytes + link.readableBytes === 0;
      if (isIdle) continue;
      this.move(link, this.#random.chance(70) ? ALL_BYTES : 1 + this.#random.below(60));
      return;
    }
  }

  #pause(): number {
    const random = this.#random;
    if (random.chance(80)) return random.below(100);
    return random.chance(90) ? random.below(1_000) : random.below(10_000);
  }

  #wakeAt(nowMs: number): void {
    this.#judge(); // No time passes within a turn.
    this.model.onTime(nowMs);
    this.world.wakeAt(nowMs);
    this.model.onTimeServed();
    this.#judge();
    for (const client of this.clients) {
      if (client.pingAtMs <= nowMs) client.send({ type: 'pingreq' });
    }
  }

  #judge(): void {
    this.world.settle();
    this.model.endStep();
    this.#failIfWrong();
  }

  #failIfWrong(): void {
    const finding = this.world.bugs[0] ?? this.model.state.findings[0];
    if (finding === undefined) return;
    throw new SimFailure(finding, this.#stepCount, this.#journal.render());
  }

  #note(who: string, what: Packet | Garbage | string): void {
    this.#journal.note(this.world.nowMs(), who, what);
  }
}
