/** Another packet, and how much time lies between: undefined where the input has no times. */
export interface Link {
  readonly number: number;
  readonly ms: number | undefined;
}

/** What a packet has to do with others. */
export interface PacketLinks {
  /** The request that this one answers. */
  readonly answers?: Link;
  /** What answers this one: known where packets were held back until it came. */
  readonly answeredBy?: Link;
  /** The topic that a Topic Alias stands for. */
  readonly aliasTopic?: string;
  /** The packets of a QoS 2 exchange up to this one, and the time since the first. */
  readonly walk?: { readonly numbers: readonly number[]; readonly ms: number | undefined };
  /** The CONNECT of the session that this CONNECT goes on with. */
  readonly resumes?: number;
}

/** The time from one packet to the other, in milliseconds; undefined where one has none. */
export function msBetween(from: number | undefined, to: number | undefined): number | undefined {
  return from === undefined || to === undefined ? undefined : Math.max(0, to - from);
}
