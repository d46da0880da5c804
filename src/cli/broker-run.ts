import { Broker } from '../broker/broker.ts';
import type { BrokerConfig } from '../broker/broker-config.ts';
import type { BrokerEvent, BrokerPorts } from '../broker/broker-ports.ts';
import { Tally } from '../broker/tally.ts';
import { renderHostPort } from '../net/host-port.ts';
import { type ListenAddress, listenTcp, type TcpListener } from '../net/tcp-listener.ts';
import { renderStart } from './broker-start.ts';
import type { StopPlan } from './broker-stop.ts';
import { EXITS, type ExitCode } from './exit-codes.ts';
import { type LogFormat, renderLogLine } from './log-line.ts';
import { watchLoopLag } from './loop-lag.ts';
import type { Cancel, Platform, Signal, UserSignal } from './platform.ts';
import { randomText } from './random-text.ts';
import { renderDuration } from './render-duration.ts';
import { VERSION } from './version.ts';

const LEVELS = ['error', 'warn', 'info', 'debug'] as const;
export type LogLevel = (typeof LEVELS)[number];

/** What a run of the broker is asked for, beside where it listens. */
export interface RunTerms {
  readonly config: BrokerConfig;
  /** The least level that is logged. */
  readonly threshold: LogLevel;
  readonly format: LogFormat;
  readonly stop: StopPlan;
}

const EXIT_SECOND_SIGNAL = 130;

/** One run of the broker: from the first listener to the last client. */
export class BrokerRun implements BrokerPorts {
  readonly #platform: Platform;
  readonly #broker: Broker;
  readonly #terms: RunTerms;
  readonly logsDebug: boolean;
  readonly #acceptFailures = new Tally();
  #startedMs = 0;
  #cancelAlarm: Cancel = () => {};

  constructor(terms: RunTerms, platform: Platform) {
    this.#platform = platform;
    this.#terms = terms;
    this.logsDebug = terms.threshold === 'debug';
    this.#broker = new Broker(terms.config, this);
  }

  /** @param openFilesMax how many files may be open, where that keeps clients out. */
  async run(address: ListenAddress, openFilesMax: number | undefined): Promise<ExitCode> {
    this.#startedMs = this.nowMs();
    // Before anything else: a signal that nobody listens for has Node open its debugger.
    const cancels = [this.#platform.onUserSignal((signal) => this.#onUserSignal(signal))];
    try {
      const listener = await this.#listen(address);
      cancels.push(watchLoopLag(this.#platform, (lagMs) => this.#broker.onLag(lagMs)));
      this.#tellStart(listener.addresses, openFilesMax);
      return await this.#untilStopped(listener);
    } finally {
      for (const cancel of cancels) cancel();
    }
  }

  nowMs(): number {
    return Math.floor(this.#platform.nowMs()); // A part of a millisecond would make times uneven.
  }

  setAlarm(atMs: number | undefined): void {
    this.#cancelAlarm();
    this.#cancelAlarm = () => {};
    if (atMs === undefined) return;
    this.#cancelAlarm = this.#platform.setAlarm(atMs, () => this.#broker.onAlarm());
  }

  atTurnEnd(callback: () => void): void {
    this.#platform.atTurnEnd(callback);
  }

  randomText(length: number): string {
    return randomText(length, (count) => this.#platform.randomBytes(count));
  }

  log(event: BrokerEvent): void {
    if (LEVELS.indexOf(event.level) <= LEVELS.indexOf(this.#terms.threshold)) this.#write(event);
  }

  async #listen(address: ListenAddress): Promise<TcpListener> {
    let name: string | undefined;
    const listener = await listenTcp(address, {
      onChannel: (channel) => this.#broker.accept(channel, name),
      onAcceptFailed: (error) => this.#onAcceptFailed(error),
    });
    name = `mqtt:${listener.addresses[0]?.port ?? address.port}`;
    return listener;
  }

  /** The system gives us no socket, most often for want of open files. */
  #onAcceptFailed({ message }: Error): void {
    const failed = this.#acceptFailures.add(this.nowMs());
    if (failed === 0) return;
    const next = 'lower --max-connections, or raise the open-file limit (ulimit -n)';
    this.log({ level: 'error', event: 'accept_limited', fields: { failed, message, next } });
  }

  #tellStart(addresses: readonly ListenAddress[], openFilesMax: number | undefined): void {
    const readyMs = Math.round(this.nowMs() - this.#startedMs);
    const { config } = this.#terms;
    const { pid } = this.#platform;
    const text = renderStart({ addresses, config, pid, readyMs, openFilesMax });
    const listening = addresses.map(({ host, port }) => renderHostPort(host, port)).join(' ');
    const fields = { version: VERSION, pid, listening, ready_ms: readyMs };
    this.#tell(text, { level: 'info', event: 'ready', fields });
  }

  /** Serves until a signal says to stop, and then until all clients have gone. */
  #untilStopped(listener: TcpListener): Promise<ExitCode> {
    return new Promise((resolve) => {
      let isStopping = false;
      this.#platform.onSignal((signal) => {
        if (signal === 'SIGHUP' && !this.#platform.hasLostTerminal()) this.#onReload();
        else if (isStopping) resolve(EXIT_SECOND_SIGNAL);
        else {
          isStopping = true;
          listener.close();
          this.#stop(signal, resolve);
        }
      });
    });
  }

  #stop(signal: Signal, onStopped: (code: ExitCode) => void): void {
    const { spreadMs, timeoutMs } = this.#terms.stop;
    const count = this.#broker.connectionCount;
    const spread = spreadMs > 0 ? renderDuration(spreadMs) : undefined;
    const next = count === 0 ? undefined : 'a second signal ends it at once';
    // The terminal has shown ^C: the line begins where that stands.
    const isBehindSign = this.#platform.isTerminal.stderr && signal === 'SIGINT';
    if (isBehindSign && this.#terms.format === 'text') this.#platform.warn('');
    const fields = { signal, connections: count, drain: spread, next };
    this.log({ level: 'info', event: 'shutdown', fields });
    const end = (code: ExitCode, cutCount: number): void => {
      cancel();
      this.#cancelAlarm();
      this.#tellStop(count - cutCount);
      onStopped(code);
    };
    const cancel = this.#platform.setAlarm(this.nowMs() + timeoutMs, () => {
      const cutCount = this.#broker.connectionCount;
      const message = `${counted(cutCount)} cut off, still open after ${renderDuration(timeoutMs)}`;
      this.log({ level: 'error', event: 'shutdown', fields: { message } });
      end(EXITS.environment.code, cutCount);
    });
    this.#broker.shutDown(() => end(EXITS.ok.code, 0), this.#terms.stop);
  }

  #tellStop(closedCount: number): void {
    const text = `mqttk broker  stopped after ${this.#age()}, ${counted(closedCount)} closed`;
    const fields = { uptime: this.#age(), closed: closedCount };
    this.#tell(text, { level: 'info', event: 'stopped', fields });
  }

  #onReload(): void {
    const message = 'nothing to reload: all options are those of the command line';
    this.log({ level: 'info', event: 'config_reloaded', fields: { message } });
  }

  #onUserSignal(signal: UserSignal): void {
    if (signal === 'SIGUSR1') {
      const fields = { uptime: this.#age(), ...this.#broker.status() };
      // Whatever is logged otherwise: somebody has asked.
      this.#write({ level: 'info', event: 'status', fields });
      return;
    }
    const message = 'there is no log file to be opened again';
    this.log({ level: 'info', event: 'logs_reopened', fields: { message } });
  }

  /** Since the start, in whole seconds if it is any. */
  #age(): string {
    const ms = this.nowMs() - this.#startedMs;
    return renderDuration(ms < 1_000 ? ms : ms - (ms % 1_000));
  }

  /** Text for a person who looks on; an event where only programs read. */
  #tell(text: string, event: BrokerEvent): void {
    if (this.#terms.format === 'json') this.log(event);
    else if (this.#terms.threshold !== 'error') this.#platform.warn(text);
  }

  #write(event: BrokerEvent): void {
    const { format } = this.#terms;
    this.#platform.warn(renderLogLine(event, this.#platform.date(), format));
  }
}

function counted(connections: number): string {
  return connections === 1 ? '1 connection' : `${connections} connections`;
}
