import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout } from 'node:timers/promises';
import { VERSION } from '../src/cli/version.ts';

/** A broker to be measured. */
export interface Peer {
  readonly name: string;
  /** Undefined if it is not there. */
  readonly version: string | undefined;
  /** What serves on this port of 127.0.0.1; `folder` is for what it needs. */
  command(port: number, folder: string): readonly string[];
}

/** A peer that serves. */
export interface RunningPeer {
  readonly name: string;
  readonly port: number;
  readonly pid: number;
  stop(): Promise<void>;
}

const BROKER_CORE = '0';
const LOAD_CORE = '1';
const START_MS_MAX = 15_000;
const POLL_MS = 20;

/** Nothing on disk, no log, nothing dropped, nothing held back: as mqttk is started, too. */
const MOSQUITTO_LINES = [
  'allow_anonymous true',
  'persistence false',
  'log_type none',
  'max_queued_messages 0',
  'max_inflight_messages 0',
  'set_tcp_nodelay true',
];

/** So that nothing is left behind, however this ends. */
const RUNNING = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of RUNNING) child.kill('SIGKILL');
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

/** Debian puts servers where an ordinary user does not look; certificates are nobody's business. */
const ENV: NodeJS.ProcessEnv = { ...process.env };
const { PATH = '' } = process.env;
Object.assign(ENV, { PATH: `${PATH}:/usr/sbin:/sbin`, NODE_EXTRA_CA_CERTS: undefined });

/** Whether brokers and load can have a core each. */
export const IS_PINNED =
  availableParallelism() > 1 && spawnSync('taskset', ['-V'], { env: ENV }).status === 0;

export const PEERS: readonly Peer[] = [
  {
    name: 'mqttk',
    version: VERSION,
    command: (port) => [
      ...[process.execPath, 'bin/mqttk', 'broker', '--quiet'],
      ...['--host', '127.0.0.1', '-p', String(port), '--max-connections', '100000'],
      ...['--max-subscriptions', '100000'],
    ],
  },
  {
    name: 'mosquitto',
    version: mosquittoVersion(),
    command: (port, folder) => {
      const file = join(folder, 'mosquitto.conf');
      const lines = [`listener ${port} 127.0.0.1`, ...MOSQUITTO_LINES, ''];
      writeFileSync(file, lines.join('\n'));
      return ['mosquitto', '-c', file];
    },
  },
  {
    name: 'aedes',
    version: aedesVersion(),
    command: (port) => [process.execPath, 'scripts/aedes-broker.mjs', String(port)],
  },
];

/** Starts a peer on a port of its own, and waits until it serves. */
export async function startPeer({ command, name }: Peer): Promise<RunningPeer> {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'mqttk-bench-'));
  const child = start(command(port, folder), BROKER_CORE, 'ignore');
  const ended = once(child, 'exit');
  const stop = async () => {
    child.kill();
    await ended;
    rmSync(folder, { recursive: true });
  };
  for (let waitedMs = 0; !(await canConnect(port)); waitedMs += POLL_MS) {
    if (child.exitCode !== null || waitedMs > START_MS_MAX) {
      await stop();
      throw new Error(`${name} does not serve: ${command(port, folder).join(' ')}`);
    }
    await setTimeout(POLL_MS);
  }
  if (child.pid === undefined) throw new Error(`${name} has no process id`);
  // taskset becomes what it starts, so that this is the broker's own.
  return { name, port, pid: child.pid, stop };
}

/** Runs `mqttk bench` against a peer; what it printed, and how it ended. */
export async function runBench({ pid, port }: RunningPeer, words: readonly string[]) {
  const where = ['-h', '127.0.0.1', '-p', String(port), '--broker-pid', String(pid)];
  const command = [process.execPath, 'bin/mqttk', 'bench', ...words, '--json', ...where];
  const child = start(command, LOAD_CORE, 'pipe');
  const said = { out: '', err: '' };
  child.stdout?.on('data', (chunk) => {
    said.out += String(chunk);
  });
  child.stderr?.on('data', (chunk) => {
    said.err += String(chunk);
  });
  await once(child, 'close');
  return said;
}

function start(command: readonly string[], core: string, stdio: 'ignore' | 'pipe'): ChildProcess {
  const pinned = IS_PINNED ? ['taskset', '-c', core, ...command] : command;
  const [file = '', ...words] = pinned;
  const child = spawn(file, words, { env: ENV, stdio: ['ignore', stdio, stdio] });
  RUNNING.add(child);
  child.once('exit', () => RUNNING.delete(child));
  return child;
}

function mosquittoVersion(): string | undefined {
  const { stdout } = spawnSync('mosquitto', ['-h'], { env: ENV, encoding: 'utf8' });
  return /version (\S+)/.exec(stdout ?? '')?.[1];
}

function aedesVersion(): string | undefined {
  try {
    const { version } = JSON.parse(readFileSync('node_modules/aedes/package.json', 'utf8'));
    return String(version);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** What this machine is, in words. */
export function machineText(model: string, cores: number): string {
  const kernel = execFileSync('uname', ['-sr'], { encoding: 'utf8' }).trim();
  return `${model}, ${cores} cores, ${kernel}, Node.js ${process.version}`;
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function canConnect(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
