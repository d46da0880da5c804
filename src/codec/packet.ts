import type { Buffer } from 'node:buffer';
import type { PropertiesOf } from './properties.ts';

/** Delivery guarantee (section 4.3): at most once, at least once, exactly once. */
export type QoS = 0 | 1 | 2;

/** The level byte of CONNECT (section 3.1.2.2): MQTT 3.1 is 3, MQTT 3.1.1 is 4, MQTT 5.0 is 5. */
export type ProtocolLevel = 3 | 4 | 5;

/** What the server publishes for a client that goes without saying goodbye (section 3.1.2.5). */
export interface Will {
  readonly topicName: string;
  /** 0..65_535 bytes; a view into the receive buffer: whoever keeps it past the call copies it. */
  readonly payload: Buffer;
  readonly qos: QoS;
  readonly isRetained: boolean;
  readonly properties: PropertiesOf<'will'>;
}

/** CONNECT, section 3.1. */
export interface ConnectPacket {
  readonly type: 'connect';
  readonly level: ProtocolLevel;
  /** Clean Session before 5.0, where it also says that the session ends with the connection. */
  readonly isCleanStart: boolean;
  /** 0..65_535; 0 turns the mechanism off. */
  readonly keepAliveSeconds: number;
  /** Empty where the server is to choose one. */
  readonly clientId: string;
  readonly will: Will | undefined;
  readonly userName: string | undefined;
  /** 0..65_535 bytes; a view into the receive buffer. */
  readonly password: Buffer | undefined;
  readonly properties: PropertiesOf<'connect'>;
}

/** CONNACK, section 3.2. */
export interface ConnackPacket {
  readonly type: 'connack';
  /** Always false in 3.1, which has no such field. */
  readonly isSessionPresent: boolean;
  /** As on the wire: a reason code in 5.0, a return code 0..5 before it. */
  readonly reasonCode: number;
  readonly properties: PropertiesOf<'connack'>;
}

/** PUBLISH, section 3.3. */
export interface PublishPacket {
  readonly type: 'publish';
  readonly qos: QoS;
  readonly isDuplicate: boolean;
  readonly isRetained: boolean;
  /** Empty only where `properties.topicAlias` stands in for it. */
  readonly topicName: string;
  /** 1..65_535; undefined exactly when `qos` is 0. */
  readonly packetId: number | undefined;
  readonly properties: PropertiesOf<'publish'>;
  /** A view into the receive buffer: whoever keeps it past the call copies it. */
  readonly payload: Buffer;
}

/** PUBACK, PUBREC, PUBREL and PUBCOMP share one layout (sections 3.4 to 3.7). */
export interface AckPacket {
  readonly type: 'puback' | 'pubrec' | 'pubrel' | 'pubcomp';
  /** 1..65_535. */
  readonly packetId: number;
  /** 0x00 where the short form or an older version leaves it out. */
  readonly reasonCode: number;
  readonly properties: PropertiesOf<AckPacket['type']>;
}

/** When a subscription asks for retained messages (section 3.8.3.1): always, if new, never. */
export type RetainHandling = 0 | 1 | 2;

/** One filter of a SUBSCRIBE with its options; before 5.0 all but `qos` is 0. */
export interface SubscriptionRequest {
  readonly topicFilter: string;
  readonly qos: QoS;
  readonly isNoLocal: boolean;
  readonly isRetainAsPublished: boolean;
  readonly retainHandling: RetainHandling;
}

/** SUBSCRIBE, section 3.8. */
export interface SubscribePacket {
  readonly type: 'subscribe';
  readonly packetId: number;
  readonly properties: PropertiesOf<'subscribe'>;
  /** At least one. */
  readonly subscriptions: readonly SubscriptionRequest[];
}

/** SUBACK, section 3.9: one code for each filter, in the order of the SUBSCRIBE. */
export interface SubackPacket {
  readonly type: 'suback';
  readonly packetId: number;
  readonly properties: PropertiesOf<'suback'>;
  readonly reasonCodes: readonly number[];
}

/** UNSUBSCRIBE, section 3.10. */
export interface UnsubscribePacket {
  readonly type: 'unsubscribe';
  readonly packetId: number;
  readonly properties: PropertiesOf<'unsubscribe'>;
  /** At least one. */
  readonly topicFilters: readonly string[];
}

/** UNSUBACK, section 3.11; before 5.0 it carries no codes. */
export interface UnsubackPacket {
  readonly type: 'unsuback';
  readonly packetId: number;
  readonly properties: PropertiesOf<'unsuback'>;
  readonly reasonCodes: readonly number[];
}

/** PINGREQ and PINGRESP, sections 3.12 and 3.13: nothing but a fixed header. */
interface PingPacket {
  readonly type: 'pingreq' | 'pingresp';
}

/** DISCONNECT, section 3.14. */
export interface DisconnectPacket {
  readonly type: 'disconnect';
  readonly reasonCode: number;
  readonly properties: PropertiesOf<'disconnect'>;
}

/** AUTH, section 3.15; 5.0 only. */
export interface AuthPacket {
  readonly type: 'auth';
  readonly reasonCode: number;
  readonly properties: PropertiesOf<'auth'>;
}

export type Packet =
  | ConnectPacket
  | ConnackPacket
  | PublishPacket
  | AckPacket
  | SubscribePacket
  | SubackPacket
  | UnsubscribePacket
  | UnsubackPacket
  | PingPacket
  | DisconnectPacket
  | AuthPacket;
