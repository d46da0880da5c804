import type { ProtocolLevel } from '../codec/packet.ts';

/** What a broker does, and does not, where the standard leaves it a choice. */
export interface BrokerSwitches {
  /** Whether sessions keep QoS 0 messages too while their clients are away. */
  readonly queuesQos0: boolean;
  /** The versions that are spoken. */
  readonly protocolLevels: readonly ProtocolLevel[];
  /** Whether a client without a client id is given one. */
  readonly assignsClientIds: boolean;
  /** How such ids begin. */
  readonly autoIdPrefix: string;
  /** Whether `$share/...` means a group before 5.0 too. */
  readonly sharesBefore5: boolean;
  /** Whether topics, filters and names may hold what the standard only advises against. */
  readonly textRule: 'strict' | 'spec';
  /** What clients that ask are told about response topics; `%c` as a level is the client id. */
  readonly responseInformation: string | undefined;
  /** Whether clients that come and say goodbye have lines at level info. */
  readonly logsConnections: boolean;
  /** Whether what they subscribe to has. */
  readonly logsSubscriptions: boolean;
}

/** What holds unless it is said otherwise. */
export const DEFAULT_SWITCHES: BrokerSwitches = {
  queuesQos0: false,
  protocolLevels: [3, 4, 5],
  assignsClientIds: true,
  autoIdPrefix: 'auto-',
  sharesBefore5: true,
  textRule: 'strict',
  responseInformation: undefined,
  logsConnections: true,
  logsSubscriptions: false,
};
