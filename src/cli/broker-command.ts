import { Broker } from '../broker/broker.ts';
import { type BrokerConfig, brokerConfig } from '../broker/broker-config.ts';
import type { BrokerEvent, BrokerPorts } from '../broker/broker-ports.ts';
import { Tally } from '../broker/tally.ts';
import { type ListenAddress, listenTcp, type TcpListener } from '../net/tcp-listener.ts';
import { requireAnonymousAllowed } from './broker-access.ts';
import { LIMIT_OPTIONS, limitsFrom } from './broker-limits.ts';
import { renderStart } from './broker-start.ts';
import { SWITCH_OPTIONS, switchesFrom } from './broker-switches.ts';
import { defineCommand } from './command.ts';
import { EXITS, type ExitCode } from './exit-codes.ts';
import { renderLogLine } from './log-line.ts';
import { watchLoopLag } from './loop-lag.ts';
import { withinOpenFiles } from './open-files.ts';
import { parseHost, parsePort } from './option-values.ts';
import type { Cancel, Platform, Signal } from './platform.ts';
import { randomText } from './random-text.ts';

/** How long a shutdown may take until the last client is gone. */
const SHUTDOWN_MS = 10_000;
const EXIT_SECOND_SIGNAL = 130;

/** `mqttk broker`. */
export const BROKER_COMMAND = defineCommand({
  positionals: { usage: '', max: 0 },
  options: {
    port: {
      type: 'string',
      alias: 'p',
      value: 'PORT',
      default: '1883',
      coerce: parsePort,
      describe: 'the port to listen on; 0 is any that is free',
    },
    host: {
      type: 'string',
      value: 'ADDRESS',
      default: 'localhost',
      coerce: parseHost,
      describe: 'the address to listen on; "*" is all of this machine',
    },
    'allow-anonymous': {
      type: 'boolean',
      describe: 'let anybody in who can reach it, where others than this machine can',
    },
    retain: {
      type: 'boolean',
      default: true,
      describe: 'keep retained messages; --no-retain refuses them, as CONNACK tells clients',
    },
    'check-payload-format': {
      type: 'boolean',
      describe: 'refuse payloads and wills that say they are UTF-8 (5.0), and are not',
    },
    ...SWITCH_OPTIONS,
    verbose: { type: 'boolean', alias: 'v', describe: 'log what clients subscribe to and publish' },
    quiet: { type: 'boolean', describe: 'log errors only' },
    ...LIMIT_OPTIONS,
  },
  examples: [
    { line: 'mqttk broker', does: 'serves this machine on port 1883' },
    { line: 'mqttk broker -p 1884 -v', does: 'serves another port, and logs each message' },
    {
      line: "mqttk broker --host '*' --allow-anonymous",
      does: 'serves everybody who can reach this machine',
    },
    { line: 'mqttk broker --max-packet-size 64KiB', does: 'refuses packets that are larger' },
  ],
  async run(options, _positionals, platform) {
    requireAnonymousAllowed(options.host, options.allowAnonymous === true);
    const retainAvailable = options.retain ? 1 : 0;
    const payloadFormatChecked = options.checkPayloadFormat === true ? 1 : 0;
    const choices = { retainAvailable, payloadFormatChecked };
    const asked = brokerConfig({ ...limitsFrom(options), ...switchesFrom(options), ...choices });
    const openFilesMax = platform.openFilesMax();
    const config = withinOpenFiles(asked, openFilesMax);
    const threshold = thresholdOf(options.verbose === true, options.quiet === true);
    const isHeldBack = config.connectionsMax < asked.connectionsMax;
    const run = new BrokerRun(config, threshold, platform);
    const address = { host: options.host, port: options.port };
    return await run.run(address, isHeldBack ? openFilesMax : undefined);
  },
});

const LEVELS = ['error', 'warn', 'info', 'debug'] as const;
type Level = (typeof LEVELS)[number];

function thresholdOf(isVerbose: boolean, isQuiet: boolean): Level {
  if (isQuiet) return 'error';
  return isVerbose ? 'debug' : 'info';
}

/** One run of the broker: from the first listener to the last client. */
class BrokerRun implements BrokerPorts {
  readonly #platform: Platform;
  readonly #broker: Broker;
  readonly #config: BrokerConfig;
  readonly #threshold: Level;
  readonly logsDebug: boolean;
  #cancelAlarm: Cancel = () => {};
  readonly #acceptFailures = new Tally();

  constructor(config: BrokerConfig, threshold: Level, platform: Platform) {
    this.#platform = platform;
    this.#config = config;
    this.#threshold = threshold;
    this.logsDebug = threshold === 'debug';
    this.#broker = new Broker(config, this);
  }

  async run(address: ListenAddress, openFilesMax: number | undefined): Promise<ExitCode> {
    const startedMs = this.nowMs();
    const listener = await listenTcp(address, {
      onChannel: (channel) => this.#broker.accept(channel),
      onAcceptFailed: (error) => this.#onAcceptFailed(error),
    });
    const cancelLag = watchLoopLag(this.#platform, (lagMs) => this.#broker.onLag(lagMs));
    if (this.#threshold !== 'error') {
      const readyMs = Math.round(this.nowMs() - startedMs);
      const start = { addresses: listener.addresses, config: this.#config, readyMs, openFilesMax };
      this.#platform.warn(renderStart({ ...start, pid: this.#platform.pid }));
    }
    const exitCode = await this.#untilSignal(listener);
    cancelLag();
    return exitCode;
  }

  /** The system gives us no socket, most often for want of open files. */
  #onAcceptFailed({ message }: Error): void {
    const failed = this.#acceptFailures.add(this.nowMs());
    if (failed === 0) return;
    const next = 'lower --max-connections, or raise the open-file limit (ulimit -n)';
    this.log({ level: 'error', event: 'accept_limited', fields: { failed, message, next } });
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
    if (LEVELS.indexOf(event.level) > LEVELS.indexOf(this.#threshold)) return;
    this.#platform.warn(renderLogLine(event, this.#platform.date()));
  }

  /** Serves until a signal comes, and then until all clients have gone. */
  #untilSignal(listener: TcpListener): Promise<ExitCode> {
    return new Promise((resolve) => {
      let isLeaving = false;
      const onSignal = (signal: Signal): void => {
        if (isLeaving) {
          resolve(EXIT_SECOND_SIGNAL);
          return;
        }
        isLeaving = true;
        this.log({ level: 'info', event: 'shutdown', fields: { signal } });
        listener.close();
        const giveUp = (): void => resolve(EXITS.environment.code);
        const cancel = this.#platform.setAlarm(this.nowMs() + SHUTDOWN_MS, giveUp);
        this.#broker.shutDown(() => {
          cancel();
          this.#cancelAlarm();
          resolve(EXITS.ok.code);
        });
      };
      this.#platform.onSignal(onSignal);
    });
  }
}
