import { Buffer } from 'node:buffer';
import { findOddCharacter } from '../codec/odd-text.ts';
import { PacketReader } from '../codec/packet-reader.ts';
import type { BrokerConfig } from './broker-config.ts';
import { LimitError } from './limit-error.ts';

/** Each becomes a pair of texts: cheap to send, and dear to hold. */
const USER_PROPERTIES_MAX = 1_000;
/** What goes on to others, or stands for a client: strict clients drop connections over these. */
const STRICT_FIELDS = new Set([
  'clientId',
  'responseTopic',
  'topicFilter',
  'topicName',
  'userName',
  'willTopic',
]);

/**
 * Reads what clients send: by the standard's rules, and no more user properties in one packet than
 * anybody needs, those of a will among them. It stops at the one that is too many, before the rest
 * costs memory. Where it is to be strict it takes no text that others might not.
 *
 * @throws LimitError at a user property too many.
 */
export class ClientPacketReader extends PacketReader {
  #userProperties = 0;
  readonly #isStrict: boolean;

  constructor({ textRule }: Pick<BrokerConfig, 'textRule'>) {
    super();
    this.#isStrict = textRule === 'strict';
    this.sender = 'client';
  }

  override reset(bytes: Buffer, start: number, end: number): void {
    super.reset(bytes, start, end);
    this.#userProperties = 0;
  }

  override utf8(field: string): string {
    const at = this.position + 2;
    const text = super.utf8(field);
    const odd = this.#isStrict && STRICT_FIELDS.has(field) ? findOddCharacter(text) : undefined;
    if (odd !== undefined) {
      const codePoint = text.codePointAt(odd)?.toString(16).toUpperCase().padStart(4, '0');
      const offset = at + Buffer.byteLength(text.slice(0, odd));
      const refusal = { at: offset, subjects: [field] };
      this.refuse('text-odd', `${field} holds U+${codePoint}`, refusal);
    }
    return text;
  }

  override enter(group: string): void {
    if (group !== 'userProperty') return;
    this.#userProperties += 1;
    if (this.#userProperties <= USER_PROPERTIES_MAX) return;
    const message = `more than ${USER_PROPERTIES_MAX} user properties`;
    throw new LimitError('quotaExceeded', message);
  }
}
