import type { Buffer } from 'node:buffer';
import type { PublishPacket, QoS } from '../codec/packet.ts';
import type { PropertiesOf } from '../codec/properties.ts';

/** A message to send. */
export interface Publication {
  readonly topicName: string;
  /** The client's from `publish` to `done`: it may have to send it again. */
  readonly payload: Buffer;
  readonly qos: QoS;
  readonly isRetained: boolean;
  /** None before 5.0. Subscription Identifiers are for a server to send [MQTT-3.3.4-6]. */
  readonly properties: Omit<PropertiesOf<'publish'>, 'subscriptionIdentifier'>;
}

/** What became of a message. */
export type PublishOutcome =
  /** QoS 0: it has left this process. */
  | { readonly kind: 'written' }
  /** QoS 1 and 2: the server has taken it, or refused it with 0x80 or above. */
  | {
      readonly kind: 'answered';
      readonly packetId: number;
      readonly reasonCode: number;
      readonly reasonString: string | undefined;
    }
  /** The server has forgotten the session that it belonged to: it may be sent as a new message. */
  | { readonly kind: 'forgotten' };

/** Called once at most: a message that is neither answered nor forgotten waits in its session. */
export type PublishDone = (outcome: PublishOutcome) => void;

/** A message that came. */
export interface IncomingMessage {
  /** With its topic, even where an alias stood for it. The payload is good until this returns. */
  readonly packet: PublishPacket;
  /** Says that the message is taken care of: its ack may go out, in its turn. */
  take(): void;
}
