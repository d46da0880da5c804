import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { Child } from './child.ts';

/** How often a port that was free may be taken by another before mosquitto has it. */
const ATTEMPTS_MAX = 5;
const POLL_MS = 20;

/** Debian's mosquitto on a loopback port of its own; ask `hasPeer('mosquitto')` first. */
export class Mosquitto {
  readonly port: string;
  /** What it does is in `err`. */
  child: Child;
  readonly #folder: string;

  private constructor(port: string, child: Child, folder: string) {
    this.port = port;
    this.child = child;
    this.#folder = folder;
  }

  /** @param config further lines of its configuration. */
  static async start(...config: readonly string[]): Promise<Mosquitto> {
    for (let attempt = 1; ; attempt += 1) {
      const port = await freePort();
      const folder = mkdtempSync(join(tmpdir(), 'mqttk-mosquitto-'));
      const file = join(folder, 'mosquitto.conf');
      const access = config.some((line) => line.startsWith('allow_anonymous'))
        ? []
        : ['allow_anonymous true'];
      // As another user than root, which it would become, it could not write there.
      const store = ['persistence true', `persistence_location ${folder}/`, 'user root'];
      const basic = [`listener ${port} 127.0.0.1`, 'log_type all', ...access, ...store];
      const lines = [...basic, ...config, ''];
      writeFileSync(file, lines.join('\n'));
      const child = new Child('mosquitto', ['-c', file]);
      const mosquitto = new Mosquitto(String(port), child, folder);
      if (await isServing(child, port)) return mosquitto;
      await mosquitto.stop();
      if (attempt === ATTEMPTS_MAX) throw new Error(`mosquitto does not start:\n${child.err}`);
    }
  }

  /** Ends it in peace, and starts it again on its port with all that it knew. */
  async restart(): Promise<void> {
    await this.child.stop();
    this.child = new Child('mosquitto', ['-c', join(this.#folder, 'mosquitto.conf')]);
    if (!(await isServing(this.child, Number(this.port)))) {
      throw new Error(`mosquitto does not start again:\n${this.child.err}`);
    }
  }

  async stop(): Promise<void> {
    await this.child.stop();
    rmSync(this.#folder, { recursive: true });
  }
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

/** Waits until it accepts connections; false if it has ended instead. */
async function isServing(child: Child, port: number): Promise<boolean> {
  let hasEnded = false;
  void child.ended.then(() => {
    hasEnded = true;
  });
  while (!hasEnded) {
    if (await canConnect(port)) return true;
    await setTimeout(POLL_MS);
  }
  return false;
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
