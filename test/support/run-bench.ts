import { CLIENT_OPTIONS, type ClientTarget, clientTarget } from '../../src/cli/client-options.ts';
import { type ClientTask, type RunEnd, runClient } from '../../src/cli/client-run.ts';
import { parseOptions } from '../../src/cli/options.ts';
import { chooseReporter } from '../../src/cli/reporter.ts';
import type { ClientConnection } from '../../src/client/client-connection.ts';
import type { Welcome } from '../../src/client/client-host.ts';
import { RecordedPlatform } from './recorded-platform.ts';
import { type Script, ScriptedServer } from './scripted-server.ts';

const RUNNING: ScriptedServer[] = [];

/** Does nothing but to tell that it was started. */
export class IdleTask implements ClientTask {
  connection: ClientConnection | undefined = undefined;
  isStopped = false;
  isDone = false;
  readonly meanwhile = 'all is lost';
  readonly welcomes: Welcome[] = [];
  lostCount = 0;
  start(connection: ClientConnection, welcome: Welcome): void {
    this.connection = connection;
    this.welcomes.push(welcome);
  }
  onLost(): void {
    this.lostCount += 1;
  }
  onMessage(): void {}
  onDrained(): void {}
  stop(): void {
    this.isStopped = true;
  }
  progress(): string {
    return 'nothing: 1 of 2';
  }
}

/** A run against a server of the test. */
export class RunBench {
  readonly platform: RecordedPlatform;
  readonly task = new IdleTask();
  readonly server: ScriptedServer;
  readonly end: Promise<RunEnd>;

  private constructor(server: ScriptedServer, target: ClientTarget, platform: RecordedPlatform) {
    this.server = server;
    this.platform = platform;
    const reporter = chooseReporter('text', 'test', platform);
    this.end = runClient(target, this.task, platform, reporter);
  }

  static async start(
    script: Script,
    words: readonly string[] = [],
    over: Partial<ClientTarget> = {},
  ): Promise<RunBench> {
    const server = await ScriptedServer.start(script);
    RUNNING.push(server);
    const platform = new RecordedPlatform();
    const where = ['-h', '127.0.0.1', '-p', server.port, ...words];
    const target = await clientTarget(parseOptions(CLIENT_OPTIONS, where).options, 'x', platform);
    return new RunBench(server, { ...target, ...over }, platform);
  }

  /** Ends the servers of all of them. */
  static stopAll(): void {
    for (const server of RUNNING.splice(0)) server.stop();
  }

  /** Waits for something to come true. */
  async until(isTrue: () => boolean): Promise<void> {
    while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, 2));
  }

  async connected(): Promise<ClientConnection> {
    await this.until(() => this.task.connection !== undefined);
    const { connection } = this.task;
    if (connection === undefined) throw new Error('not connected');
    return connection;
  }
}
