import { assert } from '../base/assert.ts';
import { CallerError } from '../base/caller-error.ts';
import { Random } from '../base/random.ts';
import { ClientConnection } from '../client/client-connection.ts';
import type { ClientEnd, ClientHost, ConnectRequest, Welcome } from '../client/client-host.ts';
import { ClientSession } from '../client/client-session.ts';
import type { IncomingMessage } from '../client/publication.ts';
import { Reconnection, type ReconnectPolicy } from '../client/reconnection.ts';
import { NO_PROPERTIES } from '../codec/properties.ts';
import { reasonCode } from '../codec/reason-code.ts';
import { dial } from '../net/dialer.ts';
import type { ClientTarget } from './client-options.ts';
import { OutageNotes } from './outage-notes.ts';
import type { Cancel, Platform, Signal } from './platform.ts';
import type { Reporter } from './reporter.ts';

const RECEIVE_MAXIMUM_MAX = 65_535;
const UNSUPPORTED_VERSION = reasonCode('unsupportedProtocolVersion');
const ONE_CONNECTION: ReconnectPolicy = {
  waitsForServer: false,
  reconnects: false,
  attemptsMax: Number.POSITIVE_INFINITY,
};

/** What a command does with its connection. */
export interface ClientTask {
  /** Whether all work is done, so that no further connection is needed. */
  readonly isDone?: boolean;
  /** What an outage has cost, if the session did not outlast it; undefined if nothing. */
  readonly meanwhile?: string | undefined;
  /** CONNACK has accepted; after a loss once more, with the connection to go on with. */
  start(connection: ClientConnection, welcome: Welcome): void;
  /** The connection was lost; there may be another. */
  onLost?(): void;
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
  readonly #reconnection: Reconnection;
  readonly #outage: OutageNotes;
  #settle: (end: RunEnd) => void = () => {};
  #fail: (bug: unknown) => void = () => {};
  #connection: ClientConnection | undefined = undefined;
  /** What outlives each connection; one for each version, as long as none has been accepted. */
  #session: ClientSession | undefined = undefined;
  /** Of the last CONNACK. */
  #clientId: string | undefined = undefined;
  #isConnected = false;
  /** Which of the target's versions is tried, or spoken. */
  #levelIndex = 0;
  /** Why it is to end before its work is done. */
  #leaving: RunEnd | undefined = undefined;
  #cancelAlarm: Cancel = () => {};
  #cancelRetry: Cancel = () => {};
  #stopSpinner: Cancel = () => {};

  constructor(target: ClientTarget, task: ClientTask, platform: Platform, reporter: Reporter) {
    this.#target = target;
    this.#task = task;
    this.#platform = platform;
    this.#reporter = reporter;
    this.#outage = new OutageNotes(reporter);
    // Chance is for attempts after the first: most runs need none, and asking for it takes time.
    let random: Random | undefined;
    const below = (bound: number) => {
      random ??= new Random(platform.randomBytes(4).readInt32LE());
      return random.below(bound);
    };
    this.#reconnection = new Reconnection(target.reconnect ?? ONE_CONNECTION, { below });
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
      this.#cancelRetry();
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
    const isFirst = !this.#reconnection.hasEverConnected;
    this.#stopSpinner();
    if (isFirst && this.#levelIndex > 0) {
      const found = `${this.#target.server} speaks MQTT 3.1.1, not 5`;
      this.#reporter.note(`note: ${found}; going on with 3.1.1 (-V 311 skips this)`);
    }
    const meanwhile = isFirst || welcome.isSessionPresent ? undefined : this.#task.meanwhile;
    this.#outage.onConnected(this.nowMs(), isFirst, meanwhile);
    this.#reconnection.onConnected(this.nowMs());
    this.#clientId = welcome.clientId;
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
    this.#isConnected = false;
    if (this.#leaving !== undefined) this.#settle(this.#leaving);
    else if (this.#mayFallBack(end)) {
      this.#levelIndex += 1;
      this.#attempt();
    } else if (wasAsked || error === undefined) this.#settle({ kind: 'ended', error, wasAsked });
    else this.#onLost(error);
  }

  /** Tries once. What goes wrong here that is nobody's fault but ours is rejected. */
  #attempt(): void {
    this.#dial().catch((error: unknown) => {
      if (this.#leaving !== undefined) this.#settle(this.#leaving);
      else if (!(error instanceof CallerError)) this.#fail(error);
      else this.#onLost(error);
    });
  }

  async #dial(): Promise<void> {
    const { dial: way, goodbye, server } = this.#target;
    const connackBeforeMs = this.nowMs() + way.timeoutMs;
    const channel = await dial(way, this.#abort.signal);
    const connect = this.#connectRequest();
    const { receiveMaximum = RECEIVE_MAXIMUM_MAX } = connect.properties;
    const isKnown = this.#session !== undefined && this.#reconnection.hasEverConnected;
    const origin = connect.isCleanStart ? 'new' : 'resumed';
    const session =
      isKnown && this.#session ? this.#session : new ClientSession(receiveMaximum, origin);
    this.#session = session;
    this.#connection = new ClientConnection({
      channel,
      session,
      host: this,
      connect,
      goodbye,
      server,
      connackBeforeMs,
    });
    this.#connection.start();
  }

  /** What CONNECT says: after a loss it asks for the session, if that was to outlive it. */
  #connectRequest(): ConnectRequest {
    const level = this.#target.levels[this.#levelIndex] ?? 5;
    // Older versions can announce nothing, and so have no limit of their own.
    const properties: ConnectRequest['properties'] =
      level === 5 ? this.#target.connect.properties : NO_PROPERTIES;
    const connect = withoutWillProperties({ ...this.#target.connect, level, properties });
    const isKept = level === 5 && (properties.sessionExpiryInterval ?? 0) > 0;
    if (!this.#reconnection.hasEverConnected || !isKept) return connect;
    return { ...connect, isCleanStart: false, clientId: this.#clientId ?? connect.clientId };
  }

  /** Ends the run, or waits for the next attempt. */
  #onLost(error: CallerError): void {
    const { hasEverConnected } = this.#reconnection;
    this.#task.onLost?.();
    if (hasEverConnected && this.#task.isDone === true) {
      this.#settle({ kind: 'ended', error, wasAsked: true });
      return;
    }
    const level = this.#target.levels[this.#levelIndex] ?? 5;
    const after = this.#reconnection.onLost(error, level, this.nowMs());
    if (after.kind === 'end') {
      this.#settle({ kind: 'ended', error: after.error, wasAsked: false });
      return;
    }
    this.#outage.onLost(error, hasEverConnected, this.nowMs());
    // Whether it is an older one shows by what it says, not while it is being started.
    if (!hasEverConnected) this.#levelIndex = 0;
    const atMs = this.nowMs() + after.delayMs;
    this.#cancelRetry = this.#platform.setAlarm(atMs, () => this.#attempt());
  }

  /** An older broker says so, or closes at a CONNECT that it does not understand. */
  #mayFallBack({ error, hasAnswered }: ClientEnd): boolean {
    if (this.#reconnection.hasEverConnected) return false;
    if (this.#levelIndex + 1 >= this.#target.levels.length) return false;
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

/** Before 5.0 a will has no properties either. */
function withoutWillProperties(connect: ConnectRequest): ConnectRequest {
  const { level, will } = connect;
  if (level === 5 || will === undefined) return connect;
  return { ...connect, will: { ...will, properties: NO_PROPERTIES } };
}
