import { Buffer } from 'node:buffer';
import { ProtocolError } from '../codec/protocol-error.ts';
import type { Account } from './buffer-pool.ts';
import { LimitError } from './limit-error.ts';

/** Bytes that the topics of one connection may take, in UTF-8: about what they take in memory. */
const BYTES_MAX = 65_536;

/**
 * The topics that a client has given numbers (section 3.3.2.3.4). They end with the connection
 * [MQTT-3.3.2-7], and have nothing to do with those that the server gives.
 */
export class TopicAliases {
  readonly #topics = new Map<number, string>();
  #bytes = 0;
  readonly #aliasMax: number;

  readonly #account: Account;

  /** @param aliasMax 0..65_535, as announced: 0 allows none [MQTT-3.2.2-18]. */
  constructor(aliasMax: number, account: Account) {
    this.#aliasMax = aliasMax;
    this.#account = account;
  }

  /** The connection is gone. */
  end(): void {
    this.#topics.clear();
    this.#account.add(-this.#bytes);
    this.#bytes = 0;
  }

  /**
   * The topic that a PUBLISH means; one that names both sets the alias, or replaces it.
   *
   * @throws ProtocolError for an alias above the maximum or without a topic.
   * @throws LimitError for more topics than one connection may keep.
   */
  resolve(alias: number | undefined, topicName: string): string {
    if (alias === undefined) return topicName;
    if (alias > this.#aliasMax) {
      const message = `topic alias ${alias} is above ${this.#aliasMax}`;
      throw new ProtocolError('alias-too-high', message, { level: 5, subjects: ['client'] });
    }
    if (topicName !== '') return this.#set(alias, topicName);
    const known = this.#topics.get(alias);
    if (known !== undefined) return known;
    const message = `topic alias ${alias} has not been set on this connection`;
    throw new ProtocolError('alias-unknown', message, { level: 5 });
  }

  #set(alias: number, topicName: string): string {
    const old = this.#topics.get(alias) ?? '';
    const bytes = this.#bytes + Buffer.byteLength(topicName) - Buffer.byteLength(old);
    if (bytes > BYTES_MAX) {
      const message = `topics under aliases take more than ${BYTES_MAX} bytes`;
      throw new LimitError('quotaExceeded', message);
    }
    this.#account.add(bytes - this.#bytes);
    this.#bytes = bytes;
    this.#topics.set(alias, topicName);
    return topicName;
  }
}
