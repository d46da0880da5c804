import type { Buffer } from 'node:buffer';

/** What happens on a channel; each call comes on its own, never from within a call to it. */
export interface ChannelEvents {
  /** Bytes arrived: a view, good until this returns. */
  onBytes(chunk: Buffer): void;
  /** All that was written has left this process, after `write` had said otherwise. */
  onDrained(): void;
  /** The channel is closed, by whichever side; the last call. `error` where it did not end well. */
  onClosed(error: Error | undefined): void;
}

/**
 * One connection's bytes in both directions, whatever carries them: a TCP socket now, later TLS,
 * WebSocket and unix sockets; a pair of queues in tests.
 */
export interface ByteChannel {
  /** The other end, for logs: `192.0.2.7:50412`. */
  readonly peer: string;
  /** The other end's address, for limits: `192.0.2.7`; undefined where it has none. */
  readonly host?: string | undefined;
  /** Bytes written that have not left this process. */
  readonly unsentBytes: number;
  /** Whether the peer has closed its side. It may still read what is written, or throw it away. */
  readonly hasPeerEnded: boolean;
  /** Names who hears of what happens; called once, before anything does. */
  listen(events: ChannelEvents): void;
  /**
   * Sends bytes, in order. True if they have left this process, and the buffer is the caller's
   * again; false if the channel keeps it, and `onDrained` will come.
   */
  write(bytes: Buffer): boolean;
  /** Stops reading, so that the peer's own buffers fill up; and goes on. */
  pause(): void;
  resume(): void;
  /** Closes in both directions once all is sent. What still arrives is dropped. */
  end(): void;
  /** Closes at once, and forgets what is unsent. */
  destroy(): void;
}
