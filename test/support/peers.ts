import { spawnSync } from 'node:child_process';
import process from 'node:process';

/** A program that some tests need and that a user may not have: Debian's packages bring it. */
const PACKAGES = {
  hexdump: 'bsdextrautils',
  mosquitto: 'mosquitto',
  mosquitto_pub: 'mosquitto-clients',
  mosquitto_rr: 'mosquitto-clients',
  mosquitto_sub: 'mosquitto-clients',
  tcpdump: 'tcpdump',
  tshark: 'tshark',
  xxd: 'xxd',
} as const;

/** Debian's Python, since only that one sees Debian's python3-paho-mqtt. */
export const PYTHON = '/usr/bin/python3';

/**
 * Whether tests with this program can run. Where it is missing the reason is printed and they are
 * passed over; in CI that is an error.
 */
export function hasPeer(name: keyof typeof PACKAGES | 'paho'): boolean {
  const isThere =
    name === 'paho'
      ? spawnSync(PYTHON, ['-c', 'import paho.mqtt.client']).status === 0
      : spawnSync('sh', ['-c', 'command -v "$0"', name], { env: searchEnv() }).status === 0;
  if (isThere) return true;
  const where = name === 'paho' ? 'python3-paho-mqtt' : PACKAGES[name];
  const message = `${name} is not installed ("apt-get install ${where}")`;
  const { CI } = process.env;
  if (CI !== undefined) throw new Error(message);
  process.stderr.write(`tests with ${name} are passed over: ${message}\n`);
  return false;
}

/** The version that a program names in the first line of its help; empty if it is not there. */
export function peerVersion(name: keyof typeof PACKAGES): string {
  const { stdout } = spawnSync(name, ['-h'], { env: searchEnv(), encoding: 'utf8' });
  return /^\S+ version (\S+)/.exec(stdout ?? '')?.[1] ?? '';
}

/** Debian puts servers where an ordinary user's PATH does not look. */
export function searchEnv(): NodeJS.ProcessEnv {
  const { PATH = '', ...others } = process.env;
  return { ...others, PATH: `${PATH}:/usr/sbin:/sbin` };
}
