import { describe, expect, it } from 'vitest';
import { EXPIRY_NEVER } from '../../src/broker/broker-config.ts';
import { BrokerWorld, connackOf } from '../support/broker-world.ts';
import { LEVELS, outcome } from '../support/conformance.ts';

/** What the last line of log says of a refusal. */
function told(world: BrokerWorld): { readonly [field: string]: unknown } {
  const { event, fields } = world.events.at(-1) ?? { event: 'nothing', fields: {} };
  return { event, ...fields };
}

describe('a version that is not spoken', () => {
  it.each([
    [3, [4, 5], 'connack 0x01'],
    [4, [3], 'connack 0x01'],
    [5, [3, 4], 'connack 0x84'],
  ] as const)('is refused: level %i', (level, protocolLevels, answer) => {
    const world = new BrokerWorld({ protocolLevels });
    expect(outcome(world.connect({ level }))).toBe(answer);
    expect(told(world)).toMatchObject({
      event: 'connect_refused',
      next: expect.stringContaining('--protocols'),
    });
    for (const spoken of protocolLevels) {
      expect(outcome(world.connect({ level: spoken }))).toBe('open');
    }
  });
});

describe('a client without a client id', () => {
  it.each([
    [4, 'connack 0x02'],
    [5, 'connack 0x85'],
  ] as const)('is refused where none are given: level %i', (level, answer) => {
    const world = new BrokerWorld({ assignsClientIds: false });
    expect(outcome(world.connect({ level, clientId: '' }))).toBe(answer);
    expect(told(world)).toMatchObject({ next: expect.stringContaining('--no-empty-client-id') });
    expect(world.core.sessions.size).toBe(0);
  });

  it('is given one with the prefix that was chosen', () => {
    const world = new BrokerWorld({ autoIdPrefix: 'cell-3/' });
    const { properties } = connackOf(world.connect({ clientId: '' }));
    expect(properties.assignedClientIdentifier).toMatch(/^cell-3\/[0-9a-z]{22}$/);
  });
});

describe('a session too many', () => {
  const KEPT = { isCleanStart: false, properties: { sessionExpiryInterval: EXPIRY_NEVER } };

  it.each(LEVELS)('is refused, and the log names limit and client: level %i', (level) => {
    const world = new BrokerWorld({ sessionsMax: 1 });
    world.connect({ clientId: 'kept', ...KEPT }).drop();
    const client = world.connect({ clientId: 'new', level });
    expect(outcome(client)).toBe(level === 5 ? 'connack 0x97' : 'connack 0x03');
    expect(told(world)).toMatchObject({
      event: 'connect_refused',
      client: 'new',
      limit: '--max-sessions',
      next: expect.stringContaining('--max-sessions'),
    });
  });

  it('drives none out, and those that are kept go on', () => {
    const world = new BrokerWorld({ sessionsMax: 1 });
    world.connect({ clientId: 'kept', ...KEPT }).drop();
    world.connect({ clientId: 'new' });
    const back = world.connect({ clientId: 'kept', ...KEPT });
    expect(connackOf(back)).toMatchObject({ reasonCode: 0, isSessionPresent: true });
  });
});

it('refuses a connection too many by its limit', () => {
  const world = new BrokerWorld({ connectionsMax: 1 });
  world.connect({ clientId: 'a' });
  expect(outcome(world.connect({ clientId: 'b' }))).toBe('connack 0x97');
  expect(told(world)).toMatchObject({ limit: '--max-connections' });
  expect(outcome(world.connect({ clientId: 'a' }))).toBe('open');
});

it('names what there is no room for, and lets clients take over from themselves', () => {
  const kept = { sessionExpiryInterval: EXPIRY_NEVER };
  const limits = [
    [{ connectionsMax: 1 }, '--max-connections'],
    [{ connectionsPerAddressMax: 1 }, '--max-connections-per-ip'],
    [{ sessionsMax: 1 }, '--max-sessions'],
  ] as const;
  for (const [config, limit] of limits) {
    const world = new BrokerWorld(config);
    world.connect({ clientId: 'a', properties: kept });
    expect(connackOf(world.connect({ clientId: 'b' })).reasonCode, limit).toBe(0x97);
    expect(world.events.at(-1)?.fields, limit).toMatchObject({ limit });
    const again = world.connect({ clientId: 'a', properties: kept });
    expect(connackOf(again).reasonCode, limit).toBe(0);
  }
});
