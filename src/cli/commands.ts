import type { CommandEntry } from './command.ts';

/** The commands of mqttk, one line each, in the order in which the usage shows them. */
export const COMMANDS: ReadonlyMap<string, CommandEntry> = new Map<string, CommandEntry>([]);
