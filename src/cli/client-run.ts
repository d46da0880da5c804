import { assert } from '../base/assert.ts';
import { CallerError } from '../base/caller-error.ts';
import { ClientConnection } from '../client/client-connection.ts';
import type { ClientEnd, ClientHost, ConnectRequest, Welcome } from '../client/client-host.ts';
import { ClientSession } from '../client/client-session.ts';
import type { IncomingMessage } from '../client/publication.ts';
import { NO_PROPERTIES } from '../codec/properties.ts';
import { reasonCode } from '../codec/reason-code.ts';
import { dial } from '../net/dialer.ts';
import type { ClientTarget } from './client-options.ts';
import type { Cancel, Platform, Signal } from './platform.ts';
import type { Reporter } from './reporter.ts';

const RECEIVE_MAXIMUM_MAX = 65_535;
const UNSUPPORTED_VERSION = reasonCode('unsupportedProtocolVersion');

/** What a command does with its connection. */
export interface ClientTask {
  /** CONNACK has accepted. */
  start(connection: ClientConnection, welcome: Welcome): void;
  onMessage(message: IncomingMessage): void;
  /** The broker reads again: there may be room. */
  onDrained(): void;
  /** The connection is over, or about to be: there is nothing left to do. */
  stop(): void;
  /** What it waits for, and how far it has come: `PUBACK: 7 of 9 acknowledged`. */
  progress(): string;
}

/** How a run ended. */
export type RunEnd =
  /** By itself; `wasAsked` if its work was done. */
  | { readonly kind: 'ended'; readonly error: CallerError | undefined; readonly wasAsked: boolean }
  | { readonly kind: 'timeout'; readonly error: CallerError }
  | { readonly kind: 'signal'; readonly signal: Signal; readonly isSecond: boolean }
  /** Standard output takes no more: without an error, its reader went away. */
  | { readonly kind: 'outputEnd'; readonly error: CallerError | undefined };

/**
 * Connects, goes back to an older version once if the target allows it, lets the task work, and
 * resolves when the connection is over, the time is up, or a signal has ended it.
 */
export async function runClient(
  target: ClientTarget,
  task: ClientTask,
  platform: Platform,
  reporter: Reporter,
): Promise<RunEnd> {
  return await new ClientRun(target, task, platform, reporter).run();
}

class ClientRun implements ClientHost {
  readonly #target: ClientTarget;
  readonly #task: ClientTask;
  readonly #platform: Platform;
  readonly #reporter: Reporter;
  readonly #abort = new AbortController();
  #settle: (end: RunEnd) => void = () => {};
  #fail: (bug: unknown) => void = () => {};
  #connection: ClientConnection | undefined = undefined;
  #isConnected = false;
  /** How many of the target's versions were tried. */
  #attempts = 0;
  /** Why it is to end before its work is done. */
  #leaving: RunEnd | undefined = undefined;
  #cancelAlarm: Cancel = () => {};
  #stopSpinner: Cancel = () => {};

  constructor(target: ClientTarget, task: ClientTask, platform: Platform, reporter: Reporter) {
    this.#target = target;
    this.#task = task;
    this.#platform = platform;
    this.#reporter = reporter;
  }

  async run(): Promise<RunEnd> {
    const { server, timeoutMs } = this.#target;
    const cancels = [this.#platform.onSignal((signal) => this.#onSignal(signal))];
    this.#platform.onOutputEnd((error) => this.#onOutputEnd(error));
    this.#stopSpinner = this.#reporter.spin(`connecting to ${server}`);
    if (timeoutMs !== undefined) {
      const atMs = this.nowMs() + timeoutMs;
      cancels.push(this.#platform.setAlarm(atMs, () => this.#onTimeout(timeoutMs)));
    }
    try {
      return await new Promise((resolve, reject) => {
        this.#settle = resolve;
        this.#fail = reject;
        this.#attempt();
      });
    } finally {
      for (const cancel of [...cancels, this.#cancelAlarm, this.#stopSpinner]) cancel();
      this.#task.stop();
    }
  }

  nowMs(): number {
    return this.#platform.nowMs();
  }

  atTurnEnd(callback: () => void): void {
    this.#platform.atTurnEnd(callback);
  }

  wakeAt(atMs: number): void {
    this.#cancelAlarm();
    this.#cancelAlarm = () => {};
    if (atMs === Number.POSITIVE_INFINITY) return;
    this.#cancelAlarm = this.#platform.setAlarm(atMs, () => {
      this.#connection?.onDeadline(this.nowMs());
    });
  }

  onConnected(welcome: Welcome): void {
    this.#stopSpinner();
    if (this.#attempts > 1) {
      const found = `${this.#target.server} speaks MQTT 3.1.1, not 5`;
      this.#reporter.note(`note: ${found}; going on with 3.1.1 (-V 311 skips this)`);
    }
    this.#isConnected = true;
    if (this.#connection !== undefined) this.#task.start(this.#connection, welcome);
  }

  onMessage(message: IncomingMessage): void {
    this.#task.onMessage(message);
  }

  onDrained(): void {
    this.#task.onDrained();
  }

  onEnd(end: ClientEnd): void {
    const { error, wasAsked } = end;
    if (this.#leaving !== undefined) this.#settle(this.#leaving);
    else if (this.#mayFallBack(end)) this.#attempt();
    else this.#settle({ kind: 'ended', error, wasAsked });
  }

  /** Tries the next version. What goes wrong here that is nobody's fault but ours is rejected. */
  #attempt(): void {
    this.#dial().catch((error: unknown) => {
      if (this.#leaving !== undefined) this.#settle(this.#leaving);
      else if (!(error instanceof CallerError)) this.#fail(error);
      else this.#settle({ kind: 'ended', error, wasAsked: false });
    });
  }

  async #dial(): Promise<void> {
    const { levels, server, ...target } = this.#target;
    const level = levels[this.#attempts] ?? 5;
    const connackBeforeMs = this.nowMs() + target.dial.timeoutMs;
    this.#attempts += 1;
    const channel = await dial(target.dial, this.#abort.signal);
    // Older versions can announce nothing, and so have no limit of their own.
    const properties = level === 5 ? this.#target.connect.properties : NO_PROPERTIES;
    const connect: ConnectRequest = { ...this.#target.connect, level, properties };
    const { receiveMaximum = RECEIVE_MAXIMUM_MAX } = connect.properties;
    const session = new ClientSession(receiveMaximum);
    this.#connection = new ClientConnection({
      channel,
      session,
      host: this,
      connect,
      server,
      connackBeforeMs,
    });
    this.#connection.start();
  }

  /** An older broker says so, or closes at a CONNECT that it does not understand. */
  #mayFallBack({ error, hasAnswered }: ClientEnd): boolean {
    if (this.#attempts >= this.#target.levels.length) return false;
    if (error?.kind === 'refused') return error.reasonCode === UNSUPPORTED_VERSION;
    return error?.kind === 'lost' && !hasAnswered;
  }

  #onTimeout(timeoutMs: number): void {
    // Its work is done, and the goodbye has a limit of its own.
    if (this.#isConnected && this.#connection?.isOver === true) return;
    const what = this.#isConnected ? this.#task.progress() : 'CONNACK';
    const message = `timed out after ${timeoutMs / 1000} s waiting for ${what}`;
    this.#leave({ kind: 'timeout', error: new CallerError('timeout', message) });
  }

  #onSignal(signal: Signal): void {
    const isSecond = this.#leaving !== undefined;
    if (isSecond) this.#settle({ kind: 'signal', signal, isSecond });
    else this.#leave({ kind: 'signal', signal, isSecond });
  }

  #onOutputEnd(error: Error | undefined): void {
    assert(error === undefined || error instanceof CallerError, 'the platform explains its errors');
    this.#leave({ kind: 'outputEnd', error });
  }

  /** Says goodbye where there is somebody to say it to, and waits for them to close. */
  #leave(end: RunEnd): void {
    if (this.#leaving !== undefined) return;
    this.#leaving = end;
    this.#abort.abort();
    this.#connection?.end();
    if (!this.#isConnected) this.#settle(end);
  }
}
