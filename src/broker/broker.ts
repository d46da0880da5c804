import type { ByteChannel } from '../base/byte-channel.ts';
import { type BrokerConfig, brokerConfig } from './broker-config.ts';
import { BrokerCore, type BrokerParts } from './broker-core.ts';
import type { BrokerEvent, BrokerPorts } from './broker-ports.ts';
import type { Farewell } from './drain.ts';
import { statusFields } from './status.ts';

/**
 * An MQTT broker without sockets: give it channels, and the calls that its ports promise.
 *
 * @example
 * const broker = new Broker({}, ports);
 * listener.onChannel = (channel) => broker.accept(channel);
 */
export class Broker {
  readonly #core: BrokerCore;
  /** One for all clients. */
  readonly #onGone = (): void => this.#tellIfEmpty();
  /** Whom to tell that all clients are gone; undefined until the broker shuts down. */
  #onEmpty: (() => void)[] | undefined = undefined;

  /** @throws CallerError for limits that are out of bounds. */
  constructor(config: Partial<BrokerConfig>, ports: BrokerPorts, parts: BrokerParts = {}) {
    this.#core = new BrokerCore(brokerConfig(config), ports, parts);
  }

  get connectionCount(): number {
    return this.#core.connections.size;
  }

  /** How it does, for a line of log. */
  status(): BrokerEvent['fields'] {
    return statusFields(this.#core);
  }

  /**
   * Serves one more client, from its first byte on; none while it shuts down. Its channel is not
   * listened to before it is its turn.
   *
   * @param listener what the log calls the listener that let it in: `mqtt:1883`.
   */
  accept(channel: ByteChannel, listener?: string): void {
    if (this.#onEmpty !== undefined) channel.destroy();
    else this.#core.arrivals.arrive({ channel, listener, onGone: this.#onGone });
  }

  /** Takes up what a backend has kept; called before anybody is accepted, where there is one. */
  recover(done: (error?: Error) => void): void {
    this.#core.recover(done);
  }

  /** By how much the event loop was late over the last second, as it is measured. */
  onLag(lagMs: number): void {
    this.#core.arrivals.onLag(lagMs);
  }

  /** The moment that `setAlarm` was told has come. */
  onAlarm(): void {
    this.#core.onAlarm();
  }

  /**
   * Says goodbye to all clients [MQTT-3.14.4-2], and calls back once the last one is gone. Nobody
   * is accepted any more. The first call says how.
   */
  shutDown(done: () => void, farewell: Farewell = {}): void {
    const isFirst = this.#onEmpty === undefined;
    this.#onEmpty = [...(this.#onEmpty ?? []), done];
    this.#core.arrivals.close();
    if (isFirst) this.#core.drain(farewell);
    this.#tellIfEmpty();
  }

  #tellIfEmpty(): void {
    if (this.#onEmpty === undefined || this.#core.connections.size > 0) return;
    const told = this.#onEmpty;
    this.#onEmpty = [];
    for (const done of told) done();
  }
}
