import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { BrokerWorld } from '../support/broker-world.ts';
import { KEPT, message, outcome, publish, willOf } from '../support/conformance.ts';

const TEXT = { payloadFormatIndicator: 1 };
const CHECKED = { payloadFormatChecked: 1 };
/** Latin-1, a surrogate, an overlong slash, a cut sequence. */
const NOT_UTF8 = ['e4', 'eda080', 'c0af', 'e282'].map((hex) => Buffer.from(hex, 'hex'));

describe('a payload that is said to be UTF-8, and is not', () => {
  it.each(NOT_UTF8)('is refused where that is checked: %o [trap 84]', (payload) => {
    const world = new BrokerWorld(CHECKED);
    const watcher = world.subscriber('t', 2);
    const client = publish(
      world,
      message('', { qos: 1, payload, properties: TEXT }),
      message('', { qos: 2, payload, properties: TEXT }),
      message('', { qos: 2, properties: TEXT }),
    );
    expect(client.received).toMatchObject([
      { type: 'puback', reasonCode: 0x99, properties: { reasonString: expect.any(String) } },
      { type: 'pubrec', reasonCode: 0x99 },
      { type: 'pubrec', reasonCode: 0 },
    ]);
    expect(watcher.payloads).toEqual(['']);
    client.send(message('', { payload, properties: TEXT }));
    expect(outcome(client)).toBe('disconnect 0x99');
  });

  it('keeps a will from being accepted', () => {
    const [payload = Buffer.alloc(0)] = NOT_UTF8;
    const will = willOf({ payload, properties: TEXT });
    expect(outcome(new BrokerWorld(CHECKED).connect({ will }))).toBe('connack 0x99');
    expect(outcome(new BrokerWorld().connect({ will }))).toBe('open');
  });

  it('is sent on as it came where nobody asks [MQTT-3.3.2-4] [trap 84]', () => {
    const world = new BrokerWorld();
    const watcher = world.subscriber('t');
    const [payload = Buffer.alloc(0)] = NOT_UTF8;
    publish(world, message('', { payload, properties: TEXT }));
    expect(watcher.messages).toMatchObject([{ payload, properties: TEXT }]);
  });

  it('is not looked at a second time [MQTT-4.3.3-10]', () => {
    const world = new BrokerWorld(CHECKED);
    const client = world.connect({ properties: KEPT });
    client.send(message('x', { qos: 2, properties: TEXT }));
    const [payload = Buffer.alloc(0)] = NOT_UTF8;
    client.send(message('', { qos: 2, payload, properties: TEXT, isDuplicate: true }));
    expect(client.last).toMatchObject({ type: 'pubrec', reasonCode: 0 });
  });
});

it('lets all other payloads be what they are', () => {
  const world = new BrokerWorld(CHECKED);
  const watcher = world.subscriber('t');
  const [payload = Buffer.alloc(0)] = NOT_UTF8;
  publish(
    world,
    message('', { payload }),
    message('', { payload, properties: { payloadFormatIndicator: 0 } }),
    message('grün 🌱\u0000', { properties: TEXT }),
  );
  expect(watcher.messages).toHaveLength(3);
});
