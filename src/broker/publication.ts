import type { QoS } from '../codec/packet.ts';
import { type KeptMessage, keepMessage, type Message } from '../session/message.ts';
import type { Queued } from '../session/message-queue.ts';

/** A message on its way to all its subscribers: those who must keep it share one copy. */
export class Publication {
  readonly message: Message;
  #kept: KeptMessage | undefined = undefined;

  constructor(message: Message) {
    this.message = message;
  }

  /** The message with bytes of its own, copied when it is first asked for. */
  keep(): KeptMessage {
    this.#kept ??= keepMessage(this.message);
    return this.#kept;
  }
}

/** How one subscriber is to get a message. */
export interface DeliveryTerms {
  /** The lower of published and granted QoS [MQTT-3.8.4-8]. */
  readonly qos: QoS;
  /** The RETAIN flag as it goes out [MQTT-3.3.1-12] [MQTT-3.3.1-13]. */
  readonly isRetained: boolean;
  /** Of the subscriptions by which it comes [MQTT-3.3.4-3]; undefined if none has one. */
  readonly subscriptionIdentifiers: readonly number[] | undefined;
}

/** A message that waits for one subscriber. */
export interface Delivery extends DeliveryTerms {
  readonly message: Message;
  /** It was retained, and goes out because of a new subscription. */
  readonly isReplay?: boolean;
}

/** The same with a message that can be kept. */
export interface KeptDelivery extends Delivery {
  readonly message: KeptMessage;
}

/** The same in a queue. */
export class QueuedDelivery implements Queued {
  readonly delivery: KeptDelivery;
  readonly qos: QoS;

  constructor(delivery: KeptDelivery) {
    this.delivery = delivery;
    this.qos = delivery.qos;
  }

  bytesOf(): number {
    return this.delivery.message.queuedBytes;
  }
}
