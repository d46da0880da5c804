import type { BrokerConfig } from '../../src/broker/broker-config.ts';
import { BrokerWorld } from './broker-world.ts';
import { SurvivingBackend } from './surviving-backend.ts';
import { SurvivingStore } from './surviving-store.ts';

/** A broker whose state outlives it, and the next ones over the same store. */
export class SurvivingWorld extends BrokerWorld {
  readonly store: SurvivingStore;
  readonly backend: SurvivingBackend;
  readonly #config: Partial<BrokerConfig>;
  /** Whether what is asked for stays unwritten. */
  isDiskStuck = false;

  constructor(config: Partial<BrokerConfig> = {}, store = new SurvivingStore()) {
    let made: SurvivingBackend | undefined;
    super(config, (host) => {
      made = new SurvivingBackend(host, store);
      return made;
    });
    if (made === undefined) throw new Error('the broker makes its backend at once');
    this.backend = made;
    this.store = store;
    this.#config = config;
  }

  override settle(): void {
    do super.settle();
    while (!this.isDiskStuck && this.backend.goOn());
  }

  /** The broker is killed now, and another one started after this time. */
  restart(afterSeconds = 0): SurvivingWorld {
    const next = new SurvivingWorld(this.#config, this.store);
    next.nowMs = this.nowMs + afterSeconds * 1000;
    let isDone = false;
    next.broker.recover((error) => {
      isDone = error === undefined;
    });
    next.settle();
    if (!isDone) throw new Error('nothing keeps it from starting');
    return next;
  }
}
