import process from 'node:process';
import { expect, it } from 'vitest';
import { MQTTK } from '../support/broker-process.ts';
import { Child } from '../support/child.ts';
import { deferred } from '../support/deferred.ts';
import { politely, ScriptedServer } from '../support/scripted-server.ts';

/** A publisher whose message was sent, and will not be acknowledged. */
async function stuckPublisher() {
  const received = deferred();
  const server = await ScriptedServer.start((packet, client) => {
    if (packet.type === 'publish') received.resolve();
    else politely()(packet, client);
  });
  const words = ['-h', '127.0.0.1', '-p', server.port, '-t', 'a', '-q', '1', '-m', 'x'];
  const child = new Child(process.execPath, [MQTTK, 'pub', ...words]);
  await received.promise;
  return { child, server };
}

it.each(['SIGINT', 'SIGTERM'] as const)(
  'ends by %s as if it had not listened, with a goodbye and a word',
  async (signal) => {
    const { child, server } = await stuckPublisher();
    expect(await child.stop(signal)).toEqual({ code: null, signal });
    expect(child.err).toBe('interrupted: 0 of 1 messages published\n');
    expect(server.of('disconnect')).toHaveLength(1);
    server.stop();
  },
);
