import { connect } from 'node:net';
import type { ByteChannel } from '../base/byte-channel.ts';
import { dialError, noAnswerError } from './net-errors.ts';
import { socketChannel } from './socket-channel.ts';

export interface DialTarget {
  /** A name, or an address without brackets. */
  readonly host: string;
  readonly port: number;
  /** For looking up the name and for connecting, together. */
  readonly timeoutMs: number;
}

/** How long each address of a name has before the next one is tried (RFC 8305). */
const ATTEMPT_MS = 250;

/** The most that a timer of Node bears; beyond it fires at once. */
const TIMER_MS_MAX = 2 ** 31 - 1;

/**
 * Connects to a host, by any of its addresses. Rejects with a `CallerError` of kind connect, or
 * with the reason of `signal` once that is aborted; no socket is left behind then.
 */
export function dialTcp(target: DialTarget, signal?: AbortSignal): Promise<ByteChannel> {
  const { host, port, timeoutMs } = target;
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const socket = connect({
      host,
      port,
      autoSelectFamily: true,
      autoSelectFamilyAttemptTimeout: ATTEMPT_MS,
    });
    const settle = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    };
    const fail = (reason: unknown) => {
      settle();
      socket.destroy();
      reject(reason);
    };
    const onAbort = () => fail(signal?.reason);
    const onError = (error: Error) => fail(dialError(error, host, port));
    const onTimeout = () => fail(noAnswerError(host, port, timeoutMs));
    const timer = setTimeout(onTimeout, Math.min(timeoutMs, TIMER_MS_MAX));
    signal?.addEventListener('abort', onAbort);
    socket.on('error', onError);
    socket.once('connect', () => {
      settle();
      const channel = socketChannel(socket);
      socket.off('error', onError);
      resolve(channel);
    });
  });
}
