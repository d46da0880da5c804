import type { CommandEntry } from './command.ts';

/** The commands of mqttk, one line each, in the order in which the usage shows them. */
export const COMMANDS: ReadonlyMap<string, CommandEntry> = new Map<string, CommandEntry>([
  [
    'broker',
    {
      summary: 'Serve MQTT 3.1, 3.1.1 and 5.0 clients',
      load: async () => (await import('./broker-command.ts')).BROKER_COMMAND,
    },
  ],
  [
    'pub',
    {
      summary: 'Publish messages',
      load: async () => (await import('./pub-command.ts')).PUB_COMMAND,
    },
  ],
  [
    'sub',
    {
      summary: 'Subscribe, and print what comes',
      load: async () => (await import('./sub-command.ts')).SUB_COMMAND,
    },
  ],
  [
    'bench',
    {
      summary: 'Measure a broker: throughput, latency, connections',
      load: async () => (await import('./bench-command.ts')).BENCH_COMMAND,
    },
  ],
  [
    'decode',
    {
      summary: 'Explain MQTT bytes, field by field',
      load: async () => (await import('./decode-command.ts')).DECODE_COMMAND,
    },
  ],
]);
