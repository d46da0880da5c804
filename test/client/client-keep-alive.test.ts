import { describe, expect, it } from 'vitest';
import { ClientWorld } from '../support/client-world.ts';
import { publishPacket } from '../support/packets.ts';

describe('Keep Alive', () => {
  it('pings when nothing was sent, whatever comes [MQTT-3.1.2-20] [311:3.1.2-23] [trap 33]', () => {
    const world = ClientWorld.connected({ keepAliveSeconds: 10 });
    world.pass(6000);
    world.receive(publishPacket());
    world.pass(4000);
    expect(world.sent()).toEqual([{ type: 'pingreq' }]);
  });

  it(
    'lets it never pass between two packets, by much or little [MQTT-3.1.2-20] ' + '[311:3.1.2-23]',
    () => {
      for (const keepAliveSeconds of [1, 2, 60, 65_535]) {
        const world = ClientWorld.connected({ keepAliveSeconds });
        world.pass(keepAliveSeconds * 1000 - 1);
        expect(world.sent()).toEqual([{ type: 'pingreq' }]);
      }
    },
  );

  it('is what the server says, also 0: never [MQTT-3.1.2-21] [MQTT-3.2.2-21] [trap 33]', () => {
    const shorter = ClientWorld.connected({}, { properties: { serverKeepAlive: 5 } });
    shorter.pass(5000);
    expect(shorter.sent()).toEqual([{ type: 'pingreq' }]);
    const none = ClientWorld.connected({}, { properties: { serverKeepAlive: 0 } });
    none.pass(1e9);
    expect(none.sent()).toEqual([]);
    const own = ClientWorld.connected(
      { keepAliveSeconds: 0 },
      { properties: { serverKeepAlive: 9 } },
    );
    own.pass(9000);
    expect(own.sent()).toEqual([{ type: 'pingreq' }]);
  });

  it('counts from the last packet sent', () => {
    const world = ClientWorld.connected({ keepAliveSeconds: 10 });
    world.pass(6000);
    world.publish();
    world.pass(9499);
    expect(world.sent()).toMatchObject([{ type: 'publish' }]);
    world.pass(1);
    expect(world.sent()).toEqual([{ type: 'pingreq' }]);
  });

  it('sets no alarm for each packet', () => {
    const world = ClientWorld.connected({ keepAliveSeconds: 10 });
    const before = world.wakeCount;
    for (let count = 0; count < 100; count += 1) {
      world.publish();
      world.receive(publishPacket());
    }
    expect(world.wakeCount).toBe(before);
  });

  it.each([3, 4, 5] as const)(
    'of level %i is lost without PINGRESP [V31-39] [trap 34]',
    (level) => {
      const world = ClientWorld.connected({ level, keepAliveSeconds: 60 });
      world.pass(60_000);
      expect(world.end).toBeUndefined();
      world.pass(10_000);
      expect(world.end?.error).toMatchObject({ kind: 'lost' });
      expect(world.channel.closing).toBe('destroyed');
    },
  );

  it('goes on with PINGRESP', () => {
    const world = ClientWorld.connected({ keepAliveSeconds: 60 });
    world.pass(60_000);
    world.receive({ type: 'pingresp' });
    world.pass(58_999);
    expect(world.sent()).toHaveLength(1);
    expect(world.end).toBeUndefined();
  });

  it('pings on, and misses no answer, while its reader is paused', () => {
    const world = ClientWorld.connected({ keepAliveSeconds: 60 });
    world.connection.pause();
    expect(world.channel.isPaused).toBe(true);
    world.pass(200_000);
    expect(world.sent()).toHaveLength(3);
    expect(world.end).toBeUndefined();
    world.connection.resume();
    expect(world.channel.isPaused).toBe(false);
    world.pass(10_000);
    expect(world.end?.error).toMatchObject({ kind: 'lost' });
  });
});
