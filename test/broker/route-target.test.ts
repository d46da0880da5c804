import { expect, it } from 'vitest';
import type { ClientSession } from '../../src/broker/client-session.ts';
import { RouteTarget, routeTarget } from '../../src/broker/route-target.ts';
import { BrokerWorld } from '../support/broker-world.ts';

const PLAIN = {
  qos: 0,
  isNoLocal: false,
  isRetainAsPublished: false,
  identifiers: undefined,
} as const;

type Terms = ConstructorParameters<typeof RouteTarget>[1];

function newSession(): ClientSession {
  const world = new BrokerWorld();
  world.connect({ clientId: 's' });
  const session = world.core.sessions.find('s');
  if (session === undefined) throw new Error('it has a session');
  return session;
}

function target(over: Partial<Terms> = {}): RouteTarget {
  return new RouteTarget(newSession().outbound, { ...PLAIN, ...over });
}

it('has the properties ready that it adds to a message without any', () => {
  expect(target().section.toString('hex')).toBe('00');
  expect(target({ identifiers: [5] }).section.toString('hex')).toBe('020b05');
  expect(target({ identifiers: [200, 1] }).section.toString('hex')).toBe('050bc8010b01');
});

it('is one for all subscriptions of a client [MQTT-3.3.4-2] [MQTT-3.3.4-4]', () => {
  const both = target({ qos: 1, identifiers: [1] }).with(
    target({ qos: 2, isRetainAsPublished: true, isNoLocal: true, identifiers: [2] }),
  );
  const { identifiers, isNoLocal, isRetainAsPublished, qos } = both;
  expect({ identifiers, isNoLocal, isRetainAsPublished, qos }).toEqual({
    identifiers: [1, 2],
    isNoLocal: true,
    isRetainAsPublished: true,
    qos: 2,
  });
  expect(both.section.toString('hex')).toBe('040b010b02');
  expect(target({ qos: 2 }).with(target({ qos: 1 })).qos).toBe(2);
  expect(target().with(target()).identifiers).toBeUndefined();
});

it('is the same for subscriptions of a client with the same terms, and for no others', () => {
  const session = newSession();
  const odd: Partial<Terms>[] = [
    { qos: 1 },
    { isNoLocal: true },
    { isRetainAsPublished: true },
    { identifiers: [1] },
    { identifiers: [2] },
  ];
  for (const over of odd) {
    const plain = routeTarget(session, PLAIN);
    expect(routeTarget(session, { ...PLAIN })).toBe(plain);
    expect(routeTarget(session, { ...PLAIN, ...over })).toMatchObject({ ...PLAIN, ...over });
  }
  expect(routeTarget(session, PLAIN)).toMatchObject(PLAIN);
  expect(routeTarget(newSession(), PLAIN)).not.toBe(routeTarget(session, PLAIN));
});
