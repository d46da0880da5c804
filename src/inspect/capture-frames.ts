import type { CaptureTarget } from './capture-target.ts';
import type { CapturedFrame, FrameTarget } from './captured-frame.ts';
import { IpFragments } from './ip-fragments.ts';
import { readIpPacket } from './ip-packet.ts';
import { ipStart, isKnownLink } from './link-layer.ts';
import { CONNECTIONS_MAX, TcpConnections } from './tcp-connections.ts';
import { countText } from './value-text.ts';

const TCP = 6;
/** MQTT's own port. */
export const MQTT_PORTS: readonly number[] = [1883];

/** How to read the packets of a network. */
export interface FrameOptions {
  /** Ports that are MQTT without further evidence. */
  readonly ports?: readonly number[];
  /** How many connections are followed at once. */
  readonly connectionsMax?: number | undefined;
  /** The number of the last stream, of this or an earlier capture. */
  readonly streams: { last: number };
}

/** Finds the MQTT streams in the packets of a network. */
export class CaptureFrames implements FrameTarget {
  readonly #target: CaptureTarget;
  readonly #fragments = new IpFragments();
  readonly #connections: TcpConnections;
  readonly #strangers = new Map<string, number>();
  /** Frames of links that cannot be read, by the link's number. */
  readonly #unknownLinks = new Map<number, number>();
  #frames = 0;

  constructor(target: CaptureTarget, { connectionsMax, ports, streams }: FrameOptions) {
    this.#target = target;
    const context = {
      target,
      streams,
      ports: new Set(ports ?? MQTT_PORTS),
      strangers: this.#strangers,
    };
    this.#connections = new TcpConnections(context, connectionsMax ?? CONNECTIONS_MAX);
  }

  /** A link that cannot be read, if all frames are of such. */
  get unknownLink(): number | undefined {
    const unknown = [...this.#unknownLinks.values()].reduce((sum, count) => sum + count, 0);
    return unknown === this.#frames ? [...this.#unknownLinks.keys()][0] : undefined;
  }

  onFrame({ byte, bytes, linkType, timeMs }: CapturedFrame): void {
    this.#frames += 1;
    if (!isKnownLink(linkType)) {
      this.#unknownLinks.set(linkType, (this.#unknownLinks.get(linkType) ?? 0) + 1);
      return;
    }
    const start = ipStart(linkType, bytes);
    const packet = start === undefined ? undefined : readIpPacket(bytes.subarray(start));
    if (packet === undefined || packet.protocol !== TCP) return;
    const whole = this.#fragments.join(packet);
    if (whole === undefined) return;
    const headerBytes = whole.payload.byteOffset - bytes.byteOffset;
    const isView = whole.payload.buffer === bytes.buffer;
    this.#connections.onPacket(whole, timeMs, isView ? byte + headerBytes : byte);
  }

  onNote(text: string): void {
    this.#target.onNote(text);
  }

  /** Nothing more comes: ends all streams, and tells of what was left out. */
  end(): void {
    this.#connections.end();
    for (const [link, count] of this.#unknownLinks) {
      this.onNote(`${countText(count, 'frame')} of link type ${link}, which decode cannot read`);
    }
    for (const [what, count] of this.#strangers) {
      this.onNote(`${countText(count, 'connection')} left out: ${what}`);
    }
    const { forgotten } = this.#connections;
    if (forgotten > 0) {
      this.onNote(`${countText(forgotten, 'connection')} forgotten (--max-streams)`);
    }
  }
}
