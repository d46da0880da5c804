/** What is known of an end that came from what carries the bytes. */
export interface ChannelFaultDetails {
  /** Whether we have ended it, because the peer broke a rule, or the peer would not have us. */
  readonly endedBy: 'us' | 'peer';
  /** What to do about it: one sentence for who looks after the peer. */
  readonly next?: string | undefined;
  /** The statement of the standard that was not kept to, if it is one of MQTT's. */
  readonly clause?: string | undefined;
  readonly cause?: unknown;
}

/** Why a channel ends: not the network's doing, but that of TLS, HTTP or WebSocket above it. */
export class ChannelFault extends Error {
  override readonly name = 'ChannelFault';
  readonly endedBy: 'us' | 'peer';
  readonly next: string | undefined;
  readonly clause: string | undefined;

  constructor(message: string, { cause, clause, endedBy, next }: ChannelFaultDetails) {
    super(message, { cause });
    this.endedBy = endedBy;
    this.next = next;
    this.clause = clause;
  }
}
