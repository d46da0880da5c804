import type { PublishPacket } from '../codec/packet.ts';

/** What a condition is asked about: a message, whose payload is read as JSON once at most. */
export class WhereSubject {
  readonly packet: PublishPacket;
  #json: { readonly value: unknown } | undefined = undefined;

  constructor(packet: PublishPacket) {
    this.packet = packet;
  }

  /** The payload as JSON; null if it is none. */
  get json(): unknown {
    this.#json ??= { value: parse(this.packet.payload.toString()) };
    return this.#json.value;
  }
}

/** What a message has, by the name that conditions use; null where it has none. */
export const WHERE_FIELDS: ReadonlyMap<string, (packet: PublishPacket) => unknown> = new Map<
  string,
  (packet: PublishPacket) => unknown
>([
  ['topic', ({ topicName }) => topicName],
  ['qos', ({ qos }) => qos],
  ['retain', ({ isRetained }) => isRetained],
  ['dup', ({ isDuplicate }) => isDuplicate],
  ['length', ({ payload }) => payload.length],
  ['payload', ({ payload }) => payload.toString()],
  ['content_type', ({ properties }) => properties.contentType ?? null],
  ['response_topic', ({ properties }) => properties.responseTopic ?? null],
]);

/** The value of the first user property with this name; null if there is none. */
export function userPropertyOf({ properties }: PublishPacket, name: string): string | null {
  return properties.userProperty?.find(([known]) => known === name)?.[1] ?? null;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
