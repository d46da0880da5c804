import { InboundWindow } from '../session/inbound-window.ts';
import { OutboundWindow } from '../session/outbound-window.ts';
import type { Publication, PublishDone } from './publication.ts';
import type { Delivery } from './receive-flow.ts';

/** Who waits for the end of a message with QoS 1 or 2. */
export interface WaitingPublish {
  readonly done: PublishDone;
  /** What PUBREC said: PUBCOMP has nothing to add for the one who waits. */
  reasonCode: number;
  reasonString: string | undefined;
}

/**
 * What a client remembers beyond one connection (section 4.1): the messages that it has not
 * finished sending, and those that it has not finished receiving.
 */
export class ClientSession {
  readonly outbound = new OutboundWindow<Publication>();
  /** By packet id, one for each unfinished message of `outbound`. */
  readonly waiting = new Map<number, WaitingPublish>();
  /** QoS 2 messages that were handed over, and are not taken: whatever connection they came on. */
  readonly untaken = new Map<number, Delivery>();
  readonly #receiveMaximum: number;
  #inbound: InboundWindow;
  #isKnown: boolean;

  /**
   * @param receiveMaximum 1..65_535, as CONNECT announces it.
   * @param origin `resumed` if an earlier process has left the server a session under this client
   *   id in which nothing is unfinished here.
   */
  constructor(receiveMaximum: number, origin: 'new' | 'resumed' = 'new') {
    this.#receiveMaximum = receiveMaximum;
    this.#inbound = new InboundWindow(receiveMaximum);
    this.#isKnown = origin === 'resumed';
  }

  get inbound(): InboundWindow {
    return this.#inbound;
  }

  /** Whether there is a state here that a server's Session Present can mean [MQTT-3.2.2-4]. */
  get isKnown(): boolean {
    return this.#isKnown;
  }

  /** Starts a connection on which the server goes on with this session. */
  resume(quotaMax: number): void {
    this.outbound.connect(quotaMax);
    this.#inbound.connect();
    this.#isKnown = true;
  }

  /**
   * Starts a connection on which the server knows nothing of this session: what was unfinished is
   * given up [MQTT-3.2.2-5], and who waits for it is told.
   */
  restart(quotaMax: number): void {
    const forgotten = [...this.waiting.values()];
    for (const { packetId } of [...this.outbound.entries()]) this.outbound.abandon(packetId);
    this.waiting.clear();
    this.untaken.clear();
    this.#inbound = new InboundWindow(this.#receiveMaximum);
    this.resume(quotaMax);
    for (const { done } of forgotten) done({ kind: 'forgotten' });
  }
}
