import { Buffer } from 'node:buffer';
import type { PublishPacket } from '../../src/codec/packet.ts';
import { publishPacket } from './packets.ts';
import { politely, type Script } from './scripted-server.ts';

/**
 * A broker that hands on what is published, as often as `times` says, at QoS 2 with ids of no
 * consequence; acks it leaves to `politely`.
 */
export function carelessly(times: (message: PublishPacket) => number): Script {
  const subscribers = new Set<(message: PublishPacket) => void>();
  let packetId = 0;
  return (packet, client) => {
    if (packet.type === 'subscribe') {
      const qos = packet.subscriptions[0]?.qos ?? 0;
      subscribers.add((message) => {
        packetId += 1;
        const payload = Buffer.from(message.payload);
        const { topicName } = message;
        client.send(
          publishPacket({ topicName, payload, qos, packetId: qos === 0 ? undefined : packetId }),
        );
      });
    }
    if (packet.type === 'publish') {
      for (let time = 0; time < times(packet); time += 1) {
        for (const send of subscribers) send(packet);
      }
    }
    politely()(packet, client);
  };
}
