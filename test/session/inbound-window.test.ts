import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InboundWindow } from '../../src/session/inbound-window.ts';
import type { Peer } from '../../src/session/outbound-window.ts';

const CLIENT: Peer = { side: 'client', level: 5 };
const TOO_MANY = expect.objectContaining({ rule: 'receive-maximum', reasonCode: 0x93 });

describe('QoS 2', () => {
  it('has an id in use from PUBLISH to PUBREL, on the connection on which it came', () => {
    const inbound = new InboundWindow(10);
    inbound.onQos2(7, CLIENT);
    expect([inbound.isInUse(7), inbound.isInUse(8)]).toEqual([true, false]);
    inbound.connect();
    expect(inbound.isInUse(7)).toBe(false);
    inbound.onQos2(7, CLIENT);
    inbound.onPubrel(7);
    expect(inbound.isInUse(7)).toBe(false);
  });

  it('passes a message on once, however often it comes [MQTT-4.3.3-10] [311:4.3.3-2]', () => {
    const inbound = new InboundWindow(10);
    const answers = [1, 2, 3].map(() => inbound.onQos2(7, CLIENT));
    expect(answers).toEqual(['new', 'repeat', 'repeat']);
  });

  it('knows a repeat on a later connection [MQTT-4.3.3-10]', () => {
    const inbound = new InboundWindow(10);
    inbound.onQos2(7, CLIENT);
    inbound.connect();
    expect(inbound.onQos2(7, CLIENT)).toBe('repeat');
    expect(inbound.heldCount).toBe(1);
  });

  it('takes an id for a new message after PUBREL [MQTT-4.3.3-11] [MQTT-4.3.3-12]', () => {
    const inbound = new InboundWindow(10);
    inbound.onQos2(7, CLIENT);
    expect(inbound.onPubrel(7)).toBe(true);
    expect(inbound.heldCount).toBe(0);
    expect(inbound.onQos2(7, CLIENT)).toBe('new');
  });

  it('says that it does not hold an id, as PUBCOMP 0x92 will [MQTT-4.3.3-11]', () => {
    expect(new InboundWindow(10).onPubrel(7)).toBe(false);
  });

  it('takes an id for a new message after it has refused one [MQTT-4.3.3-9]', () => {
    const inbound = new InboundWindow(1);
    inbound.onQos2(7, CLIENT);
    inbound.refuse(7);
    expect(inbound.onQos2(7, CLIENT)).toBe('new');
  });

  it('gives back the room of a message that it has refused', () => {
    const inbound = new InboundWindow(1);
    inbound.onQos2(7, CLIENT);
    inbound.refuse(7);
    expect(inbound.onQos2(8, CLIENT)).toBe('new');
  });
});

it('holds a message for which there is room, and that is new', () => {
  const inbound = new InboundWindow(1);
  inbound.hold(7);
  expect([inbound.room, inbound.currentCount, inbound.isHeld(7)]).toEqual([0, 1, true]);
  expect(() => inbound.hold(8)).toThrow('before they take a message');
  inbound.connect();
  expect([inbound.room, inbound.currentCount]).toEqual([1, 0]);
  expect(() => inbound.hold(7)).toThrow('before they take a message');
});

describe('Receive Maximum', () => {
  it.each<[Peer['side'], string]>([
    ['client', 'MQTT-3.3.4-7'],
    ['server', 'MQTT-3.3.4-9'],
  ])('counts both QoS against the %s that sends one too many [%s]', (side, clause) => {
    const inbound = new InboundWindow(2);
    inbound.openQos1({ side, level: 5 });
    inbound.onQos2(7, { side, level: 5 });
    const refusal = expect.objectContaining({ clauses: [clause], reasonCode: 0x93 });
    expect(() => inbound.openQos1({ side, level: 5 })).toThrow(refusal);
    expect(() => inbound.onQos2(8, { side, level: 5 })).toThrow(refusal);
    expect(inbound.heldCount).toBe(1);
  });

  it('has room again after PUBACK and after PUBREL [MQTT-4.9.0-2]', () => {
    const inbound = new InboundWindow(1);
    inbound.openQos1(CLIENT);
    inbound.closeQos1();
    inbound.onQos2(7, CLIENT);
    inbound.onPubrel(7);
    inbound.openQos1(CLIENT);
    expect(() => inbound.openQos1(CLIENT)).toThrow(TOO_MANY);
  });

  it('counts a repeat on the same connection once', () => {
    const inbound = new InboundWindow(2);
    inbound.onQos2(7, CLIENT);
    inbound.onQos2(7, CLIENT);
    inbound.openQos1(CLIENT);
    expect(() => inbound.openQos1(CLIENT)).toThrow(TOO_MANY);
  });

  it('counts anew on each connection, whatever is held from before [MQTT-4.9.0-1]', () => {
    const inbound = new InboundWindow(2);
    inbound.openQos1(CLIENT);
    inbound.onQos2(7, CLIENT);
    inbound.connect();
    inbound.openQos1(CLIENT);
    inbound.onQos2(8, CLIENT);
    expect(() => inbound.onQos2(7, CLIENT)).toThrow(TOO_MANY);
    inbound.onPubrel(8);
    expect(inbound.onQos2(7, CLIENT)).toBe('repeat');
  });

  it('names the section of the older version [311:section 4.3.3]', () => {
    const inbound = new InboundWindow(1);
    inbound.openQos1(CLIENT);
    const refusal = expect.objectContaining({ clauses: ['311:section 4.3.3'] });
    expect(() => inbound.openQos1({ side: 'client', level: 4 })).toThrow(refusal);
  });

  it('takes one PUBACK for each PUBLISH', () => {
    expect(() => new InboundWindow(1).closeQos1()).toThrow('each PUBACK answers one PUBLISH');
  });
});

const packetIds = fc.integer({ min: 1, max: 5 });
const steps = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant('publish' as const), id: packetIds }),
    fc.record({ kind: fc.constant('pubrel' as const), id: packetIds }),
    fc.record({ kind: fc.constant('refuse' as const), id: packetIds }),
    fc.record({ kind: fc.constant('connect' as const), id: packetIds }),
  ),
);

/** The window as two plain lists; each step is done to both, and must come out the same. */
class Model {
  readonly #inbound: InboundWindow;
  readonly #receiveMaximum: number;
  #held: number[] = [];
  #current: number[] = [];

  constructor(receiveMaximum: number) {
    this.#inbound = new InboundWindow(receiveMaximum);
    this.#receiveMaximum = receiveMaximum;
  }

  connect(): void {
    this.#inbound.connect();
    this.#current = [];
  }

  publish(id: number): void {
    if (!this.#current.includes(id) && this.#current.length === this.#receiveMaximum) {
      expect(() => this.#inbound.onQos2(id, CLIENT)).toThrow(TOO_MANY);
      return;
    }
    expect(this.#inbound.onQos2(id, CLIENT)).toBe(this.#held.includes(id) ? 'repeat' : 'new');
    this.#held = [...new Set([...this.#held, id])];
    this.#current = [...new Set([...this.#current, id])];
  }

  end(id: number, how: 'pubrel' | 'refuse'): void {
    if (how === 'refuse') this.#inbound.refuse(id);
    else expect(this.#inbound.onPubrel(id)).toBe(this.#held.includes(id));
    this.#held = this.#held.filter((other) => other !== id);
    this.#current = this.#current.filter((other) => other !== id);
  }

  check(): void {
    expect(this.#inbound.heldCount).toBe(this.#held.length);
  }
}

it('does as plain lists of ids would [MQTT-4.3.3-10] [MQTT-4.3.3-12]', () => {
  fc.assert(
    fc.property(steps, fc.integer({ min: 1, max: 4 }), (list, receiveMaximum) => {
      const model = new Model(receiveMaximum);
      for (const { kind, id } of list) {
        if (kind === 'connect') model.connect();
        else if (kind === 'publish') model.publish(id);
        else model.end(id, kind);
        model.check();
      }
    }),
  );
});

it('goes on with ids that were held before, which take no quota', () => {
  const inbound = new InboundWindow(1);
  inbound.restore(7);
  inbound.connect();
  expect([inbound.heldCount, inbound.room, inbound.isInUse(7)]).toEqual([1, 1, false]);
  expect(inbound.onQos2(7, CLIENT)).toBe('repeat');
});
