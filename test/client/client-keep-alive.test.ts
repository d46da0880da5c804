import { describe, expect, it } from 'vitest';
import { ClientWorld } from '../support/client-world.ts';
import { publishPacket } from '../support/packets.ts';

describe('Keep Alive', () => {
  it('pings when nothing was sent, whatever comes in [MQTT-3.1.2-20] [311:3.1.2-23]', () => {
    const world = ClientWorld.connected({ keepAliveSeconds: 10 });
    world.pass(6000);
    world.receive(publishPacket());
    world.pass(4000);
    expect(world.sent()).toEqual([{ type: 'pingreq' }]);
  });

  it('counts from the last packet sent', () => {
    const world = ClientWorld.connected({ keepAliveSeconds: 10 });
    world.pass(6000);
    world.publish();
    world.pass(9999);
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

  it('takes the connection for lost without PINGRESP', () => {
    const world = ClientWorld.connected({ keepAliveSeconds: 60 });
    world.pass(60_000);
    world.pass(10_000);
    expect(world.end?.error).toMatchObject({ kind: 'lost' });
    expect(world.channel.closing).toBe('destroyed');
  });

  it('goes on with PINGRESP', () => {
    const world = ClientWorld.connected({ keepAliveSeconds: 60 });
    world.pass(60_000);
    world.receive({ type: 'pingresp' });
    world.pass(59_999);
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
