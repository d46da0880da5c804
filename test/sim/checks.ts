import { renderDue } from './model-publish.ts';
import type { Simulation } from './simulation.ts';

/** What the broker holds is what the model says that it has to, and no more. */
export function checkMemory({ links, model, world }: Simulation): void {
  const { core } = world;
  const { config, nowMs, retained, sessions } = model.state;
  const expected: [string, number, number, number][] = [
    ['connections', core.connections.size, links.length, links.length],
    ['sessions', core.sessions.size, sessions.size, sessions.size],
    ['retained messages', core.router.retainedCount, retained.liveCount(nowMs), retained.size],
  ];
  let subscriptionCount = 0;
  for (const session of sessions.values()) {
    subscriptionCount += session.subscriptions.size;
    const held = core.sessions.find(session.clientId);
    if (held === undefined) continue;
    const { clientId, flights, pending } = session;
    const queueMax = config.queueMessagesMax || Number.POSITIVE_INFINITY;
    const { unseenMax, unseenReplays } = session;
    const replayed = Math.min(unseenMax, unseenReplays.length);
    const most = flights.size + replayed + Math.min(pending.length, queueMax + unseenMax);
    const least = flights.size - session.unrepeatableCount + session.certainCount(nowMs);
    expected.push([`messages for ${clientId}`, held.waitingCount, least, most]);
    const { heldCount } = held.inbound;
    expected.push([`QoS 2 ids of ${clientId}`, heldCount, session.held.size, session.held.size]);
  }
  const { subscriptionCount: held } = core.router;
  expected.push(['subscriptions', held, subscriptionCount, subscriptionCount]);
  // A connection has one, and one while it is slow; a session one while nobody has it, and one for
  // what the log has to tell of it; the rest is one for each kind.
  const deadlinesMax = 2 * links.length + 2 * sessions.size + 5;
  expected.push(['deadlines', core.deadlines.size, 0, deadlinesMax]);
  for (const [what, count, least, most] of expected) {
    if (count >= least && count <= most) continue;
    const held = sessions.get(what.split(' ').at(-1) ?? '');
    const waiting = held?.pending.map(renderDue).join('; ') ?? '';
    const text = `${what}: the broker has ${count}, the model ${least} to ${most}`;
    model.state.report(`${text} (${held?.flights.size} in flight; ${waiting})`);
  }
}

/** Once all have gone, nothing is left of them. */
export function checkEmpty({ model, world }: Simulation): void {
  const { connections, deadlines, memory, outputMemory, router, sessions } = world.core;
  const { waitingRoom } = world.core;
  // What is there for all, however many they are, stays: routes by topic, and room for output.
  const { shared, small } = outputMemory;
  const sharedBytes = shared.slab.bytes.length + small.slab.bytes.length + router.cachedBytes;
  const left = {
    connections: connections.size,
    waiting: waitingRoom.waitingCount,
    sessions: sessions.size,
    subscriptions: router.subscriptionCount,
    retainedBytes: router.retainedBytes,
    levels: router.nodeCount,
    deadlines: deadlines.size,
    bytes: memory.bytes - sharedBytes,
  };
  for (const [what, count] of Object.entries(left)) {
    if (count !== 0) model.state.report(`${count} ${what} are left at the end`);
  }
}
