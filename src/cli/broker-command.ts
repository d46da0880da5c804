import { brokerConfig } from '../broker/broker-config.ts';
import { requireAnonymousAllowed } from './broker-access.ts';
import { defaultMemoryBytes, LIMIT_OPTIONS, limitsFrom } from './broker-limits.ts';
import { BrokerRun, type LogLevel } from './broker-run.ts';
import { STOP_OPTIONS, stopPlanFrom } from './broker-stop.ts';
import { SWITCH_OPTIONS, switchesFrom } from './broker-switches.ts';
import { defineCommand } from './command.ts';
import { LOG_FORMATS } from './log-line.ts';
import { withinOpenFiles } from './open-files.ts';
import { parseHost, parsePort } from './option-values.ts';

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
    'log-format': {
      type: 'string',
      value: 'FORM',
      choices: LOG_FORMATS,
      default: 'text',
      describe: 'how the log is written: text to be read, json for programs, one object per line',
    },
    ...STOP_OPTIONS,
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
    const memoryBytesMax = defaultMemoryBytes(platform);
    const given = { memoryBytesMax, ...limitsFrom(options), ...switchesFrom(options) };
    const asked = brokerConfig({ ...given, ...choices });
    const openFilesMax = platform.openFilesMax();
    const config = withinOpenFiles(asked, openFilesMax);
    const threshold = thresholdOf(options.verbose === true, options.quiet === true);
    const { logFormat: format } = options;
    const isHeldBack =
      config.connectionsMax < asked.connectionsMax || config.pendingMax < asked.pendingMax;
    const run = new BrokerRun({ config, threshold, format, stop: stopPlanFrom(options) }, platform);
    const address = { host: options.host, port: options.port };
    return await run.run(address, isHeldBack ? openFilesMax : undefined);
  },
});

function thresholdOf(isVerbose: boolean, isQuiet: boolean): LogLevel {
  if (isQuiet) return 'error';
  return isVerbose ? 'debug' : 'info';
}
