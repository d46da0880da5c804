import type { Backend, BackendHost } from '../../src/broker/backend.ts';
import { Broker } from '../../src/broker/broker.ts';
import type { BrokerConfig } from '../../src/broker/broker-config.ts';
import { BrokerCore } from '../../src/broker/broker-core.ts';
import type { BrokerEvent, BrokerPorts } from '../../src/broker/broker-ports.ts';

/** A broker on a virtual clock. */
export class World implements BrokerPorts {
  readonly logsDebug = false;
  broker: Broker;
  core: BrokerCore;
  #nowMs = 1_000_000;
  alarmMs: number | undefined = undefined;
  /** What it says of faults of its own. */
  readonly bugs: string[] = [];
  #turnEnd: (() => void)[] = [];
  #names = 0;
  readonly #config: BrokerConfig;
  readonly #makeBackend: (host: BackendHost) => Backend;

  constructor(config: BrokerConfig, makeBackend: (host: BackendHost) => Backend) {
    this.#config = config;
    this.#makeBackend = makeBackend;
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

  /** Ends turns until nothing is left to do. */
  settle(): void {
    while (this.#turnEnd.length > 0) {
      const turn = this.#turnEnd;
      this.#turnEnd = [];
      for (const callback of turn) callback();
    }
  }

  /** Sets the clock, and has the broker serve what is due. */
  wakeAt(nowMs: number): void {
    this.#nowMs = nowMs;
    if (this.alarmMs === undefined || this.alarmMs > nowMs) return;
    this.alarmMs = undefined; // It has gone off.
    this.broker.onAlarm();
    this.settle();
  }

  #makeBroker(): { readonly broker: Broker; readonly core: BrokerCore } {
    let host: BackendHost | undefined;
    const broker = new Broker(this.#config, this, {
      makeBackend: (given) => {
        host = given;
        return this.#makeBackend(given);
      },
    });
    if (!(host instanceof BrokerCore)) throw new Error('the core is the host of its backend');
    return { broker, core: host };
  }
}
