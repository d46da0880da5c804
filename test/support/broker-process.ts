import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { Child } from './child.ts';

/** The program as a user starts it. */
export const MQTTK = fileURLToPath(new URL('../../bin/mqttk', import.meta.url));

/** The built broker in a process of its own, on a port of its own. */
export class BrokerProcess {
  readonly child: Child;
  readonly port: string;

  private constructor(child: Child, port: string) {
    this.child = child;
    this.port = port;
  }

  static async start(...words: readonly string[]): Promise<BrokerProcess> {
    const child = new Child(process.execPath, [MQTTK, 'broker', '-p', '0', ...words]);
    const [, port = ''] = await child.says('err', /mqtt:\/\/127\.0\.0\.1:(\d+)/);
    return new BrokerProcess(child, port);
  }

  async stop(): Promise<void> {
    await this.child.stop();
  }
}
