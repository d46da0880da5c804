import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { brokerConfig } from '../../src/broker/broker-config.ts';
import { PublishScan } from '../../src/broker/publish-scan.ts';
import { RouteTarget } from '../../src/broker/route-target.ts';
import { RunParcel } from '../../src/broker/run-parcel.ts';
import type { PublishPacket, QoS } from '../../src/codec/packet.ts';
import { NO_PROPERTIES, type PropertiesOf } from '../../src/codec/properties.ts';
import { hasProperties } from '../../src/codec/property-section.ts';
import { BrokerWorld, type TestClient } from '../support/broker-world.ts';
import { publishPacket } from '../support/packets.ts';
import { writeFrame } from '../support/write-frame.ts';

const qos = fc.constantFrom<QoS>(0, 1, 2);
const payloads = fc.array(fc.constantFrom(0, 1, 117, 118, 119, 120, 130, 200, 17_000), {
  minLength: 1,
  maxLength: 5,
});

interface Setup {
  readonly parcel: RunParcel;
  readonly world: BrokerWorld;
  readonly client: TestClient;
  readonly packets: readonly PublishPacket[];
}

/** A run of these payloads at a QoS, and a client that gets it at another. */
function setUp(sizes: readonly number[], from: Form, to: Form, identifiers?: number[]): Setup {
  const packets = sizes.map((size, index) => {
    const packetId = from.qos === 0 ? undefined : index + 1;
    const properties = from.level === 5 ? (from.properties ?? NO_PROPERTIES) : NO_PROPERTIES;
    const payload = Buffer.alloc(size, index);
    return publishPacket({ qos: from.qos, packetId, payload, properties });
  });
  const bytes = Buffer.concat(packets.map((packet) => writeFrame(packet, from.level)));
  const scan = new PublishScan(brokerConfig());
  scan.begin(bytes, 0, bytes.length, from.level === 5);
  scan.extend(bytes.length);
  const world = new BrokerWorld();
  const client = world.connect({ clientId: 's', level: to.level });
  client.received.length = 0;
  const session = world.core.sessions.find('s');
  if (session === undefined) throw new Error('it has a session');
  const terms = { qos: to.qos, isNoLocal: false, isRetainAsPublished: false, identifiers };
  const target = new RouteTarget(session.outbound, terms);
  return { parcel: new RunParcel(scan.run, target), world, client, packets };
}

interface Form {
  readonly level: 4 | 5;
  readonly qos: QoS;
  /** Of frames that come: what goes on as it is. */
  readonly properties?: PropertiesOf<'publish'>;
}

function outputOf({ world }: Setup): Parameters<RunParcel['write']>[0] {
  const output = world.core.sessions.find('s')?.connection?.output;
  if (output === undefined) throw new Error('it is connected');
  return output;
}

/** What the client must get: ids from 1000 on. */
function wanted(packets: readonly PublishPacket[], to: Form, ids?: number[]): PublishPacket[] {
  return packets.map((packet, index) => {
    const lower = Math.min(packet.qos, to.qos) as QoS;
    const own = ids === undefined ? packet.properties : { subscriptionIdentifier: ids };
    const properties = to.level === 5 ? own : {};
    return { ...packet, qos: lower, packetId: lower === 0 ? undefined : 1_000 + index, properties };
  });
}

const IDS = { openFrame: (_parcel: RunParcel, index: number) => 1_000 + index };
const forms = fc.record({
  level: fc.constantFrom<4 | 5>(4, 5),
  qos,
  properties: fc.constantFrom<PropertiesOf<'publish'>>(
    ...[NO_PROPERTIES, NO_PROPERTIES, { contentType: 'a' }],
    { userProperty: [['name', 'v'.repeat(200)]], responseTopic: 'b' },
  ),
});
const identifiers = fc.option(fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1 }), {
  nil: undefined,
});

it('sends frames in the form that the subscriber takes, whatever they came in', () => {
  fc.assert(
    fc.property(payloads, forms, forms, identifiers, (sizes, from, to, ids) => {
      const all = setUp(sizes, from, to, ids);
      const { client, packets, parcel, world } = all;
      const hasBoth = ids !== undefined && hasProperties(packets[0]?.properties ?? {});
      expect(parcel.isPlain(to.level === 5)).toBe(!(hasBoth && to.level === 5));
      if (!parcel.isPlain(to.level === 5)) return;
      const section = parcel.section(to.level === 5);
      const output = outputOf(all);
      if (parcel.isVerbatim(section)) parcel.copy(output, 0, packets.length, IDS);
      else for (const index of packets.keys()) parcel.write(output, section, index, IDS);
      world.settle();
      expect(client.received).toEqual(wanted(packets, to, ids));
      const largest = Math.max(...client.frames.slice(1).map(({ length }) => length));
      expect(parcel.frameBytesMax(section)).toBeGreaterThanOrEqual(largest);
    }),
  );
});

it('writes once what several get at QoS 0', () => {
  fc.assert(
    fc.property(payloads, forms, fc.constantFrom<4 | 5>(4, 5), (sizes, from, level) => {
      const all = setUp(sizes, from, { level, qos: 0 });
      const { client, packets, parcel, world } = all;
      const { shared } = world.core.outputMemory;
      const section = parcel.section(level === 5);
      expect(parcel.isCommon(section)).toBe(true);
      parcel.share(outputOf(all), section, shared);
      const { slab } = shared;
      const before = shared.reserve(1);
      parcel.share(outputOf(all), section, shared);
      expect([shared.slab, shared.reserve(1)]).toEqual([slab, before + 1]);
      world.settle();
      const once = wanted(packets, { level, qos: 0 });
      expect(client.received).toEqual([...once, ...once]);
    }),
  );
});

it('turns to another subscriber, and to other frames', () => {
  const { parcel } = setUp([1], { level: 4, qos: 2 }, { level: 4, qos: 1 });
  expect(parcel.qos).toBe(1);
  parcel.aim(new RouteTarget(parcel.target.outbound, { ...parcel.target, qos: 2 }));
  expect(parcel.qos).toBe(2);
  expect(() => new RunParcel(parcel.run).target).toThrow('sent to somebody');
});
