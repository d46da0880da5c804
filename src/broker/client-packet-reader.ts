import type { Buffer } from 'node:buffer';
import { PacketReader } from '../codec/packet-reader.ts';
import { LimitError } from './limit-error.ts';

/** Each becomes a pair of texts: cheap to send, and dear to hold. */
const USER_PROPERTIES_MAX = 1_000;

/**
 * Reads what clients send: by the standard's rules, and no more user properties in one packet than
 * anybody needs, those of a will among them. It stops at the one that is too many, before the rest
 * costs memory.
 *
 * @throws LimitError at that one.
 */
export class ClientPacketReader extends PacketReader {
  #userProperties = 0;

  constructor() {
    super();
    this.sender = 'client';
  }

  override reset(bytes: Buffer, start: number, end: number): void {
    super.reset(bytes, start, end);
    this.#userProperties = 0;
  }

  override enter(group: string): void {
    if (group !== 'userProperty') return;
    this.#userProperties += 1;
    if (this.#userProperties <= USER_PROPERTIES_MAX) return;
    const message = `more than ${USER_PROPERTIES_MAX} user properties`;
    throw new LimitError('quotaExceeded', message);
  }
}
