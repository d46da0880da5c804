import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OutboundWindow, type Peer } from '../../src/session/outbound-window.ts';
import { PacketIds } from '../../src/session/packet-ids.ts';

const SERVER: Peer = { side: 'server', level: 5 };

function windowOf(quotaMax = 10): OutboundWindow<string> {
  const window = new OutboundWindow<string>();
  window.connect(quotaMax);
  return window;
}

function resends(window: OutboundWindow<string>): string[] {
  const list: string[] = [];
  for (let entry = window.takeResend(); entry !== undefined; entry = window.takeResend()) {
    list.push(`${entry.stage} ${entry.packetId}`);
  }
  return list;
}

describe('QoS 1', () => {
  it('holds a message until its PUBACK [MQTT-4.3.2-3] [311:4.3.2-1]', () => {
    const window = windowOf();
    const id = window.open('m', 1);
    expect([...window.entries()]).toMatchObject([{ packetId: id, message: 'm', stage: 'publish' }]);
    expect(window.onPuback(id, SERVER)).toBe(true);
    expect(window.size).toBe(0);
    expect([...window.entries()]).toEqual([]);
  });

  it('ignores a PUBACK for an id that is not open', () => {
    expect(windowOf().onPuback(7, SERVER)).toBe(false);
  });
});

describe('QoS 2', () => {
  it('releases after PUBREC, ends at PUBCOMP [MQTT-4.3.3-4] [MQTT-4.3.3-5] [311:4.3.3-1]', () => {
    const window = windowOf();
    const id = window.open('m', 2);
    expect(window.onPubrec(id, 0, SERVER)).toBe('release');
    expect([...window.entries()]).toMatchObject([{ packetId: id, stage: 'pubrel' }]);
    expect(window.onPubcomp(id, SERVER)).toBe(true);
    expect(window.size).toBe(0);
  });

  it('releases what reached no subscriber: 0x10 is a success [MQTT-4.3.3-4]', () => {
    const window = windowOf();
    expect(window.onPubrec(window.open('m', 2), 0x10, SERVER)).toBe('release');
  });

  it('ends at a PUBREC of 0x80, which frees id and quota [MQTT-4.4.0-2] [MQTT-4.3.3-4]', () => {
    const window = windowOf(1);
    const id = window.open('m', 2);
    expect(window.hasRoom).toBe(false);
    expect(window.onPubrec(id, 0x80, SERVER)).toBe('refused');
    expect(window.hasRoom).toBe(true);
    window.connect(1);
    expect(resends(window)).toEqual([]);
  });

  it('forgets the message with its PUBREC, so that it cannot go again [MQTT-4.3.3-6]', () => {
    const window = windowOf();
    const id = window.open('m', 2);
    window.onPubrec(id, 0, SERVER);
    expect([...window.entries()]).toMatchObject([{ packetId: id, message: undefined }]);
    window.connect(10);
    expect(resends(window)).toEqual([`pubrel ${id}`]);
  });

  it('answers a repeated PUBREC, even a refusing one, with PUBREL [MQTT-4.3.3-4]', () => {
    const window = windowOf();
    const id = window.open('m', 2);
    window.onPubrec(id, 0, SERVER);
    expect(window.onPubrec(id, 0, SERVER)).toBe('release');
    expect(window.onPubrec(id, 0x80, SERVER)).toBe('release');
  });

  it('knows no PUBREC or PUBCOMP for an id that is not open', () => {
    expect(windowOf().onPubrec(7, 0, SERVER)).toBe('unknown');
    expect(windowOf().onPubcomp(7, SERVER)).toBe(false);
  });
});

describe('acks of the wrong kind', () => {
  it.each([
    ['PUBACK for QoS 2', (w: OutboundWindow<string>) => w.onPuback(w.open('m', 2), SERVER)],
    ['PUBREC for QoS 1', (w: OutboundWindow<string>) => w.onPubrec(w.open('m', 1), 0, SERVER)],
    ['PUBCOMP for QoS 1', (w: OutboundWindow<string>) => w.onPubcomp(w.open('m', 1), SERVER)],
    [
      'PUBCOMP before PUBREC [MQTT-4.3.3-3]',
      (w: OutboundWindow<string>) => w.onPubcomp(w.open('m', 2), SERVER),
    ],
  ])('refuses %s [MQTT-3.3.4-1]', (_, ack) => {
    expect(() => ack(windowOf())).toThrow(
      expect.objectContaining({ rule: 'wrong-ack', clauses: ['MQTT-3.3.4-1'] }),
    );
  });

  it('names the clause of the older version [311:3.3.4-1]', () => {
    const window = windowOf();
    const id = window.open('m', 1);
    expect(() => window.onPubrec(id, 0, { side: 'client', level: 4 })).toThrow(
      expect.objectContaining({ clauses: ['311:3.3.4-1'] }),
    );
  });
});

describe('the quota', () => {
  it('lets no more be open than the peer announced [MQTT-4.9.0-2] [MQTT-3.3.4-7]', () => {
    const window = windowOf(2);
    window.open('a', 1);
    window.open('b', 2);
    expect(window.hasRoom).toBe(false);
    expect(() => window.open('c', 1)).toThrow('ask before they open');
  });

  it('is not given back by PUBREC, but by PUBCOMP [MQTT-4.9.0-2]', () => {
    const window = windowOf(1);
    const id = window.open('a', 2);
    window.onPubrec(id, 0, SERVER);
    expect(window.hasRoom).toBe(false);
    window.onPubcomp(id, SERVER);
    expect(window.hasRoom).toBe(true);
  });

  it('starts anew with each connection [MQTT-4.9.0-1]', () => {
    const window = windowOf(5);
    window.open('a', 1);
    window.connect(2);
    resends(window);
    expect(window.hasRoom).toBe(true);
    window.open('b', 1);
    expect(window.hasRoom).toBe(false);
  });

  it('is full too when no packet id is left', () => {
    const ids = new PacketIds();
    const window = new OutboundWindow<string>(ids);
    for (let count = 0; count < 65_535; count += 1) ids.take();
    expect(window.hasRoom).toBe(false);
    ids.free(9);
    expect(window.open('m', 1)).toBe(9);
  });
});

describe('a new connection', () => {
  it('repeats PUBRELs and then PUBLISHes in their order [MQTT-4.4.0-1] [MQTT-4.6.0-1]', () => {
    const window = windowOf();
    const [a, b, c, d] = (['a', 'b', 'c', 'd'] as const).map((m) => window.open(m, 2));
    window.onPubrec(b ?? 0, 0, SERVER);
    window.onPubrec(d ?? 0, 0, SERVER);
    window.connect(10);
    expect(resends(window)).toEqual([`pubrel ${b}`, `pubrel ${d}`, `publish ${a}`, `publish ${c}`]);
  });

  it('keeps the order in which ids were opened when they have started over [311:4.6.0-1]', () => {
    const window = windowOf();
    for (let count = 0; count < 65_534; count += 1) window.onPuback(window.open('x', 1), SERVER);
    expect([window.open('a', 1), window.open('b', 1)]).toEqual([65_535, 1]);
    window.connect(10);
    expect(resends(window)).toEqual(['publish 65535', 'publish 1']);
  });

  it('repeats nothing twice, and on the same connection nothing at all [MQTT-4.4.0-1]', () => {
    const window = windowOf();
    const id = window.open('a', 1);
    expect(resends(window)).toEqual([]);
    window.connect(10);
    expect(resends(window)).toEqual([`publish ${id}`]);
    expect(resends(window)).toEqual([]);
    window.connect(10);
    expect(resends(window)).toEqual([`publish ${id}`]);
  });

  it('repeats PUBLISHes within the new quota, and goes on as acks come [MQTT-4.9.0-2]', () => {
    const window = windowOf(3);
    for (const m of ['a', 'b', 'c']) window.open(m, 1);
    window.connect(1);
    expect(resends(window)).toEqual(['publish 1']);
    window.onPuback(1, SERVER);
    expect(resends(window)).toEqual(['publish 2']);
  });

  it('holds no PUBREL back for want of quota [MQTT-3.3.4-8] [MQTT-4.9.0-3]', () => {
    const window = windowOf(3);
    for (const m of ['a', 'b', 'c']) window.onPubrec(window.open(m, 2), 0, SERVER);
    window.connect(1);
    expect(resends(window)).toEqual(['pubrel 1', 'pubrel 2', 'pubrel 3']);
    expect(window.hasRoom).toBe(false);
  });

  it('sends nothing new before all repeats are out [MQTT-4.6.0-1]', () => {
    const window = windowOf();
    window.open('a', 1);
    window.connect(10);
    expect([window.hasResends, window.hasRoom]).toEqual([true, false]);
    resends(window);
    expect([window.hasResends, window.hasRoom]).toEqual([false, true]);
  });

  it('counts a PUBREL that answers a late PUBREC, and repeats it no more', () => {
    const window = windowOf();
    const [a, b] = [window.open('a', 2), window.open('b', 2)];
    window.connect(10);
    window.onPubrec(a, 0, SERVER);
    expect(resends(window)).toEqual([`publish ${b}`]);
    expect(window.hasRoom).toBe(true);
  });
});

describe('a sender that keeps no messages', () => {
  it('holds their ids until the acks come [MQTT-2.2.1-4] [MQTT-4.9.0-2]', () => {
    const window = windowOf(2);
    const [one, two] = [window.open(undefined, 1), window.open(undefined, 2)];
    expect([window.size, window.room, ...window.entries()]).toEqual([2, 0]);
    expect(window.onPuback(one, SERVER)).toBe(true);
    expect(window.onPubrec(two, 0, SERVER)).toBe('release');
    expect(window.room).toBe(1);
    expect(window.onPubcomp(two, SERVER)).toBe(true);
    expect([window.size, window.room]).toEqual([0, 2]);
  });

  it('refuses acks of the wrong kind as others do [MQTT-3.3.4-1]', () => {
    const window = windowOf();
    const [one, two] = [window.open(undefined, 1), window.open(undefined, 2)];
    const refusal = expect.objectContaining({ rule: 'wrong-ack' });
    expect(() => window.onPubrec(one, 0, SERVER)).toThrow(refusal);
    expect(() => window.onPubcomp(one, SERVER)).toThrow(refusal);
    expect(() => window.onPuback(two, SERVER)).toThrow(refusal);
    expect(() => window.onPubcomp(two, SERVER)).toThrow(refusal);
  });

  it('has one connection alone', () => {
    const window = windowOf();
    window.open(undefined, 1);
    expect(() => window.connect(10)).toThrow('one connection alone');
  });

  it('takes no ack of a SUBSCRIBE for one of a message', () => {
    const window = windowOf();
    const id = window.ids.take();
    expect(window.onPuback(id, SERVER)).toBe(false);
    expect(window.onPubrec(id, 0, SERVER)).toBe('unknown');
    expect(window.onPubcomp(id, SERVER)).toBe(false);
    window.abandon(id);
    expect(window.ids.markOf(id)).toBe(1);
  });
});

it('gives up what was never sent, and its id with it', () => {
  const window = windowOf(1);
  window.abandon(window.open('a', 1));
  expect([...window.entries()]).toEqual([]);
  expect(window.hasRoom).toBe(true);
  window.abandon(99);
});

/** What the next thing to happen is; numbers choose among the ids that are open. */
const steps = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant('open' as const), qos: fc.constantFrom<1 | 2>(1, 2) }),
    fc.record({ kind: fc.constant('ack' as const), which: fc.nat(9), isRefusal: fc.boolean() }),
    fc.record({ kind: fc.constant('connect' as const), quotaMax: fc.integer({ min: 1, max: 4 }) }),
    fc.record({ kind: fc.constant('resend' as const) }),
  ),
  { maxLength: 60 },
);

/** A message in the model: a plain list of these, in the order in which they were opened. */
interface Modelled {
  readonly id: number;
  readonly qos: 1 | 2;
  stage: 'publish' | 'pubrel';
  isSent: boolean;
}

/** The window as a plain list; each step is done to both, and must come out the same. */
class Model {
  readonly window = windowOf(3);
  #quotaMax = 3;
  #list: Modelled[] = [];

  open(qos: 1 | 2): void {
    const hasRoom = this.#list.every((entry) => entry.isSent) && this.#list.length < this.#quotaMax;
    expect(this.window.hasRoom).toBe(hasRoom);
    if (!hasRoom) return;
    this.#list.push({ id: this.window.open('m', qos), qos, stage: 'publish', isSent: true });
  }

  connect(quotaMax: number): void {
    this.#quotaMax = quotaMax;
    this.window.connect(quotaMax);
    for (const entry of this.#list) entry.isSent = false;
  }

  resend(): void {
    const unsent = this.#list.filter((entry) => !entry.isSent);
    const isFull = this.#list.length - unsent.length >= this.#quotaMax;
    const release = unsent.find((entry) => entry.stage === 'pubrel');
    const expected = release ?? (isFull ? undefined : unsent[0]);
    const entry = this.window.takeResend();
    expect([entry?.packetId, entry?.stage]).toEqual([expected?.id, expected?.stage]);
    if (expected !== undefined) expected.isSent = true;
  }

  ack(which: number, isRefusal: boolean): void {
    const entry = this.#list[which];
    if (entry === undefined || !entry.isSent) return;
    if (entry.qos === 1) {
      expect(this.window.onPuback(entry.id, SERVER)).toBe(true);
    } else if (entry.stage === 'pubrel') {
      expect(this.window.onPubcomp(entry.id, SERVER)).toBe(true);
    } else {
      const outcome = this.window.onPubrec(entry.id, isRefusal ? 0x97 : 0, SERVER);
      expect(outcome).toBe(isRefusal ? 'refused' : 'release');
      entry.stage = 'pubrel';
      if (!isRefusal) return;
    }
    this.#list = this.#list.filter((other) => other !== entry);
  }

  check(): void {
    const ids = [...this.window.entries()].map(({ packetId }) => packetId);
    expect(ids).toEqual(this.#list.map(({ id }) => id));
  }
}

it('does as a plain list of unfinished messages would [MQTT-4.9.0-2] [MQTT-4.6.0-1]', () => {
  fc.assert(
    fc.property(steps, (list) => {
      const model = new Model();
      for (const step of list) {
        if (step.kind === 'connect') model.connect(step.quotaMax);
        else if (step.kind === 'resend') model.resend();
        else if (step.kind === 'open') model.open(step.qos);
        else model.ack(step.which, step.isRefusal);
        model.check();
      }
    }),
  );
});

it('tells which messages it keeps, and when it does no more', () => {
  const told: string[] = [];
  const window = new OutboundWindow<string>(undefined, {
    onKept: (message) => told.push(`+${message}`),
    onGivenUp: (message) => told.push(`-${message}`),
  });
  window.connect(10);
  const ids = ['a', 'b', 'c', 'd'].map((message, n) => window.open(message, n === 0 ? 1 : 2));
  window.open(undefined, 1);
  window.onPuback(ids[0] ?? 0, SERVER);
  window.onPubrec(ids[1] ?? 0, 0, SERVER);
  window.onPubcomp(ids[1] ?? 0, SERVER);
  window.onPubrec(ids[2] ?? 0, 0x80, SERVER);
  window.clear();
  expect(told).toEqual(['+a', '+b', '+c', '+d', '-a', '-b', '-c', '-d']);
  expect(window.size).toBe(1);
});

it('goes on with what was open before: PUBRELs first, then PUBLISHes in their order', () => {
  const window = new OutboundWindow<string>();
  window.restore({ packetId: 8, qos: 1, stage: 'publish', message: 'm', isSent: false });
  window.restore({ packetId: 5, qos: 2, stage: 'publish', message: 'n', isSent: false });
  window.restore({ packetId: 9, qos: 2, stage: 'pubrel', message: undefined, isSent: false });
  window.connect(2);
  expect([window.size, window.room]).toEqual([3, 0]);
  expect(resends(window)).toEqual(['pubrel 9', 'publish 8']);
  expect(window.onPubcomp(9, SERVER)).toBe(true);
  expect(window.onPuback(8, SERVER)).toBe(true);
  expect(resends(window)).toEqual(['publish 5']);
  expect(window.onPubrec(5, 0, SERVER)).toBe('release');
  expect(window.open('o', 1)).toBe(10);
});
