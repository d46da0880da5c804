import type { BackendHost } from '../../src/broker/backend.ts';
import { Broker } from '../../src/broker/broker.ts';
import type { BrokerConfig } from '../../src/broker/broker-config.ts';
import { BrokerCore } from '../../src/broker/broker-core.ts';
import type { BrokerEvent, BrokerPorts } from '../../src/broker/broker-ports.ts';
import { MemoryBackend } from '../../src/broker/memory-backend.ts';
import { SurvivingBackend } from '../support/surviving-backend.ts';
import type { SurvivingStore } from '../support/surviving-store.ts';

/** A broker on a virtual clock. */
export class World implements BrokerPorts {
  readonly logsDebug = false;
  broker: Broker;
  core: BrokerCore;
  /** What outlives the broker; undefined where it keeps nothing. */
  readonly store: SurvivingStore | undefined;
  backend: SurvivingBackend | undefined = undefined;
  #nowMs = 1_000_000;
  alarmMs: number | undefined = undefined;
  /** What it says of faults of its own. */
  readonly bugs: string[] = [];
  #turnEnd: (() => void)[] = [];
  #names = 0;
  readonly #config: BrokerConfig;

  constructor(config: BrokerConfig, store: SurvivingStore | undefined) {
    this.#config = config;
    this.store = store;
    const { broker, core } = this.#makeBroker();
    this.broker = broker;
    this.core = core;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  setAlarm(atMs: number | undefined): void {
    this.alarmMs = atMs;
  }

  atTurnEnd(callback: () => void): void {
    this.#turnEnd.push(callback);
  }

  randomText(length: number): string {
    this.#names += 1;
    return String(this.#names).padStart(length, '0');
  }

  log({ event, fields: { stack } }: BrokerEvent): void {
    if (event === 'internal_error') this.bugs.push(String(stack));
  }

  /** Ends turns until nothing is left to do, or to be written. */
  settle(): void {
    do this.endTurn();
    while (this.#turnEnd.length > 0 || this.backend?.goOn() === true);
  }

  /** Ends one turn where something is kept, and lets the disk come one step further. */
  goOn(): void {
    if (this.backend === undefined) return;
    this.endTurn();
    this.backend.goOn();
  }

  /** Ends one turn. */
  endTurn(): void {
    const turn = this.#turnEnd;
    this.#turnEnd = [];
    for (const callback of turn) callback();
  }

  /** Sets the clock, and has the broker serve what is due. */
  wakeAt(nowMs: number): void {
    this.#nowMs = nowMs;
    if (this.alarmMs === undefined || this.alarmMs > nowMs) return;
    this.alarmMs = undefined; // It has gone off.
    this.broker.onAlarm();
    this.settle();
  }

  /** The broker is killed in the midst of its turn: what it had not written is lost. */
  kill(): void {
    this.#turnEnd = [];
    this.alarmMs = undefined;
  }

  /** It is started again at this time. */
  start(nowMs: number): void {
    this.#nowMs = nowMs;
    const { broker, core } = this.#makeBroker();
    this.broker = broker;
    this.core = core;
  }

  #makeBroker(): { readonly broker: Broker; readonly core: BrokerCore } {
    let host: BackendHost | undefined;
    const broker = new Broker(this.#config, this, {
      makeBackend: (given) => {
        host = given;
        if (this.store === undefined) return new MemoryBackend(given);
        this.backend = new SurvivingBackend(given, this.store);
        return this.backend;
      },
    });
    broker.recover((error) => {
      if (error !== undefined) throw error;
    });
    if (!(host instanceof BrokerCore)) throw new Error('the core is the host of its backend');
    return { broker, core: host };
  }
}
