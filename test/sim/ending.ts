import { Buffer } from 'node:buffer';
import { connectPacket, publishPacket } from '../support/packets.ts';
import { checkEmpty } from './checks.ts';
import { SimClient } from './client.ts';
import type { Simulation } from './simulation.ts';

/**
 * Rounds in which all that is under way has to arrive, once nothing goes wrong any more: a client
 * that takes one message at a time needs several for each of a long queue.
 */
const ROUNDS_MAX = 20_000;
const ALL_BYTES = 1_000_000;
/** Longer than any session that ends by itself here, and than the broker keeps what has expired. */
const LONG_MS = 4_000_000;

/**
 * Ends a simulation: the network heals, all that is under way arrives, everybody leaves, and
 * nothing may be left.
 *
 * @throws SimFailure
 */
export function endSimulation(simulation: Simulation): void {
  const { choices, clients } = simulation;
  for (const link of simulation.links) {
    link.isFrozen = false;
    if (link.isSilent) link.cut();
  }
  for (const client of clients) {
    // Who has taken no name has left its own session alone.
    if (client.connect?.clientId === '')
      simulation.open(client, choices.resume(client.clientId, 5));
  }
  calm(simulation, 'all that is under way has arrived', () => {
    for (const client of clients) {
      const level = client.connect?.level ?? 5;
      if (client.link === undefined || client.link.stage === 'closed') {
        simulation.open(client, choices.resume(client.clientId, level));
      }
    }
    return isFinished(simulation);
  });
  leaveNothing(simulation);
}

function leaveNothing(simulation: Simulation): void {
  const { clients, model } = simulation;
  for (const { clientId } of clients) comeAndGo(simulation, clientId, []);
  for (const link of simulation.links) link.cut();
  calm(simulation, 'all have gone', () => simulation.links.length === 0);
  // Sessions that nobody goes on with end by themselves, with wills that may be retained.
  simulation.passTime(LONG_MS);
  comeAndGo(simulation, 'cleaner', model.state.retained.topics);
  calm(simulation, 'all have gone', () => simulation.links.length === 0);
  simulation.passTime(LONG_MS);
  checkEmpty(simulation);
  simulation.endStep();
}

/** Ends the session of a client, and clears these topics. */
function comeAndGo(simulation: Simulation, clientId: string, topics: readonly string[]): void {
  const client = new SimClient({ clientId, kind: 'plain' }, 1, simulation);
  simulation.open(client, connectPacket({ clientId, keepAliveSeconds: 0 }));
  for (const topicName of topics) {
    client.publish(publishPacket({ topicName, isRetained: true, payload: Buffer.alloc(0) }), 0);
  }
  client.send({ type: 'disconnect', reasonCode: 0, properties: {} });
  calm(simulation, `${clientId} has gone`, () => client.link === undefined);
}

/** Moves all that can be moved, and has all answers sent, until it is done. */
function calm(simulation: Simulation, what: string, isDone: () => boolean): void {
  const { clients, links, model } = simulation;
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    if (isDone()) return;
    for (const link of [...links]) simulation.move(link, ALL_BYTES);
    for (const client of clients) while (client.answerCount > 0) client.answer();
    simulation.endStep();
    simulation.passTime(1);
  }
  model.state.report(`it takes too long until ${what}`);
  simulation.endStep();
}

/** Whether neither clients nor the broker wait for anything. */
function isFinished({ clients, model }: Simulation): boolean {
  if (clients.some(({ isReady, unfinishedCount }) => !isReady || unfinishedCount > 0)) return false;
  return [...model.state.sessions.values()].every(
    ({ connection, flights, held, pending }) =>
      connection === undefined || flights.size + pending.length + held.size === 0,
  );
}
