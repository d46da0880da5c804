import type { BrokerConfig } from '../broker/broker-config.ts';

/** What the broker needs beside clients: listeners, files, connections that are no clients yet. */
const SPARE_FILES = 128;
/** Of these, what no connection may take. */
const OWN_FILES = 64;

/**
 * The limits of connections as the machine allows them: each takes one of the files that a process
 * may have open. Where these run out nobody can be told why.
 *
 * @param openFilesMax undefined where the system sets no limit.
 */
export function withinOpenFiles(
  config: BrokerConfig,
  openFilesMax: number | undefined,
): BrokerConfig {
  if (openFilesMax === undefined) return config;
  const connectionsMax = Math.min(config.connectionsMax, Math.max(1, openFilesMax - SPARE_FILES));
  const left = Math.max(1, openFilesMax - OWN_FILES - connectionsMax);
  return { ...config, connectionsMax, pendingMax: Math.min(config.pendingMax, left) };
}
