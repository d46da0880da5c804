import { resolve } from 'node:path';
import process from 'node:process';
import { Child } from './child.ts';

/** The program as a user starts it; scripts are bundled, and do not know where they came from. */
export const MQTTK = resolve('bin/mqttk');

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
