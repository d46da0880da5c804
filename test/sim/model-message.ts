import type { Buffer } from 'node:buffer';
import type { PublishPacket, QoS } from '../../src/codec/packet.ts';
import type { PropertiesOf } from '../../src/codec/properties.ts';
import type { ModelConnection } from './model-connection.ts';
import type { ModelSession } from './model-session.ts';

/** An application message, as its publisher or a will has said it. */
export interface ModelMessage {
  readonly topicName: string;
  /** The payload: no two messages have the same, but for empty ones. */
  readonly text: string;
  readonly qos: QoS;
  readonly isRetained: boolean;
  readonly publisher: string;
  readonly sentAtMs: number;
  /** Infinity if never. */
  readonly expiresAtMs: number;
  /** What goes on to subscribers beside it, and the same as text. */
  readonly properties: Forwarded;
  readonly extras: string;
}

type AnyProperties = PropertiesOf<'publish'> | PropertiesOf<'will'>;
type Forwarded = Pick<
  PropertiesOf<'publish'>,
  'payloadFormatIndicator' | 'contentType' | 'responseTopic' | 'correlationData' | 'userProperty'
>;

/** A message that one session is owed. */
export interface Due {
  readonly message: ModelMessage;
  readonly qos: QoS;
  readonly isRetained: boolean;
  readonly identifiers: readonly number[];
  /** Owed by one of a group, not by this session for certain. */
  readonly share: Share | undefined;
  /** Where it was to go, with QoS 0, which does not wait for another connection. */
  to?: ModelConnection;
  /** It came together with other deadlines: nobody knows which of them was first. */
  isUnsure?: boolean;
  /** Why it need not come; undefined if it must. */
  excuse: string | undefined;
}

/** One message for one group: exactly one of those who may get it does. */
export class Share {
  readonly message: ModelMessage;
  /** Those who may still get it. */
  readonly dues = new Map<ModelSession, Due>();
  /** Who may have got it has gone, or may not take it: then nobody has it, rightly. */
  mayBeLost = false;
  isTaken = false;
  /** Nobody can tell its copies from those of another one, or which of them was for whom. */
  #isBlurred = false;

  constructor(message: ModelMessage) {
    this.message = message;
    if (message.text === '') this.blur();
  }

  get text(): string {
    return this.message.text;
  }

  /** There is another message with the same text. */
  blur(): void {
    this.#isBlurred = true;
    this.mayBeLost = true;
  }

  /** One of them has got it: no other may. */
  take(by: ModelSession): void {
    this.dues.delete(by);
    if (this.#isBlurred) return;
    this.isTaken = true;
    for (const [session, due] of this.dues) if (session !== by) session.forget(due);
    this.dues.clear();
  }

  /** This one does not get it. False if it is lost, and should not be. */
  giveUp(session: ModelSession, excuse: string | undefined): boolean {
    if (!this.dues.delete(session)) return true;
    if (excuse !== undefined) this.mayBeLost = true;
    return this.dues.size > 0 || this.isTaken || this.mayBeLost;
  }
}

/** What a client said, or its will. */
export function modelMessage(
  packet: Pick<PublishPacket, 'payload' | 'qos' | 'isRetained' | 'topicName'> & {
    readonly properties: AnyProperties;
  },
  publisher: string,
  nowMs: number,
): ModelMessage {
  const { isRetained, payload, properties, qos, topicName } = packet;
  const { messageExpiryInterval: seconds } = properties;
  return {
    topicName,
    text: textOf(payload),
    qos,
    isRetained,
    publisher,
    sentAtMs: nowMs,
    expiresAtMs: seconds === undefined ? Number.POSITIVE_INFINITY : nowMs + seconds * 1000,
    properties: forwardedOf(properties),
    extras: extrasOf(properties),
  };
}

export function textOf(payload: Buffer): string {
  return payload.toString('latin1');
}

/** The forwarded properties in a form that can be compared; empty if there are none. */
export function extrasOf(properties: AnyProperties): string {
  const forwarded = forwardedOf(properties);
  return Object.keys(forwarded).length === 0 ? '' : JSON.stringify(forwarded);
}

/** Those properties that go on unaltered (section 3.3.2.3), each at its place. */
function forwardedOf(properties: AnyProperties): Forwarded {
  const { contentType, correlationData, payloadFormatIndicator, responseTopic, userProperty } =
    properties as Forwarded;
  return {
    ...(payloadFormatIndicator === undefined ? {} : { payloadFormatIndicator }),
    ...(contentType === undefined ? {} : { contentType }),
    ...(responseTopic === undefined ? {} : { responseTopic }),
    ...(correlationData === undefined ? {} : { correlationData }),
    ...(userProperty === undefined ? {} : { userProperty }),
  };
}

/** What a message counts for in a queue: never less than the broker counts. */
export function queuedBytesMax({ extras, text, topicName }: ModelMessage): number {
  return 256 + topicName.length * 2 + text.length + extras.length * 4;
}
