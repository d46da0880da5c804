import { describe, expect, it } from 'vitest';
import { OPEN4, OPEN5, track } from '../support/track-text.ts';

describe('acks', () => {
  it('pairs requests and answers, with the time between', () => {
    const { findings, packets, report } = track([
      '> 100d00044d5154540402003c000174 @0',
      '< 20020000 @10',
      '> 8206 0001 0001 74 01 @20',
      '< 9003 0001 01 @25',
      '> c000 @30',
      '< d000 @31',
      '> 3206 0001 74 0002 78 @40',
      '< 40020002 @42',
    ]);
    expect(findings).toEqual([]);
    expect(packets.map(({ links }) => links?.answers)).toEqual([
      undefined,
      { number: 1, ms: 10 },
      undefined,
      { number: 3, ms: 5 },
      undefined,
      { number: 5, ms: 1 },
      undefined,
      { number: 7, ms: 2 },
    ]);
    expect([...report.latencies].map(([title, { medianMs }]) => [title, medianMs])).toEqual([
      ['CONNECT', 10],
      ['SUBSCRIBE', 5],
      ['PINGREQ', 1],
      ['PUBLISH QoS 1', 2],
    ]);
    expect(report.connections.items[0]?.subscriptions).toEqual([['t', 1]]);
    expect(report.unanswered.count).toBe(0);
  });

  it('walks through QoS 2', () => {
    const { findings, packets } = track([
      '> 3406 0001 74 0002 00 @10',
      '< 50020002 @12',
      '> 62020002 @15',
      '< 70020002 @19',
    ]);
    expect(findings).toEqual([]);
    expect(packets.map(({ links }) => links?.walk)).toEqual([
      undefined,
      { numbers: [1, 2], ms: 2 },
      { numbers: [1, 2, 3], ms: 5 },
      { numbers: [1, 2, 3, 4], ms: 9 },
    ]);
    expect(packets.map(({ links }) => links?.answers?.ms)).toEqual([undefined, 2, 3, 4]);
  });

  it('pairs by id alone where nobody knows who speaks', () => {
    const { findings, packets } = track(['? 32060001740002 00', '? 40020002']);
    expect([findings, packets[1]?.links?.answers?.number]).toEqual([[], 1]);
  });

  it('refuses the wrong ones, and leaves the request open [MQTT-3.3.4-1] [311:3.3.4-1]', () => {
    const { findings, report } = track([...OPEN4, '> 3406000174000178', '< 40020001']);
    expect(findings).toEqual(['#4 wrong-ack [311:3.3.4-1]']);
    expect(report.unanswered.items).toEqual([{ number: 3, packet: 'PUBLISH', packetId: 1 }]);
    const one = '> 320700017400010078';
    expect(track([...OPEN5, one, '< 50020001']).findings).toEqual(['#4 wrong-ack [MQTT-3.3.4-1]']);
    expect(track([...OPEN5, one, '> 62020001']).findings).toEqual(['#4 wrong-ack [MQTT-3.3.4-1]']);
    const subscribe = '> 8207000100 000174 00';
    expect(track([...OPEN5, subscribe, '< 40020001']).findings).toEqual([
      '#4 wrong-ack [MQTT-3.3.4-1]',
    ]);
    const two = '> 340700017400010078';
    expect(track([...OPEN5, two, '< 50020001', '< 70020001']).findings).toEqual([
      '#5 wrong-ack [MQTT-3.3.4-1]',
    ]);
  });

  it('notes those unasked [MQTT-2.2.1-5] [311:2.3.1-6] [MQTT-2.2.1-6] [311:2.3.1-7]', () => {
    expect(track([...OPEN5, '< 40020001']).findings).toEqual([
      '#3 ack-unknown [MQTT-2.2.1-5] note',
    ]);
    expect(track([...OPEN4, '> 62020001']).findings).toEqual(['#3 ack-unknown [311:2.3.1-6] note']);
    expect(track([...OPEN5, '< 900400010000']).findings).toEqual(['#3 ack-unknown [MQTT-2.2.1-6]']);
    expect(track([...OPEN4, '< 9003000100']).findings).toEqual(['#3 ack-unknown [311:2.3.1-7]']);
    expect(track(['< 900400010000']).findings).toEqual([]);
  });

  it('counts their codes [MQTT-3.8.4-6] [MQTT-3.11.3-2] [311:3.8.4-5]', () => {
    const two = '> 820b0001000001610000016200';
    expect(track([...OPEN5, two, '< 900400010000']).findings).toEqual([
      '#4 ack-count [MQTT-3.8.4-6]',
    ]);
    const two4 = '> 820a 0001 0001 61 00 0001 62 00';
    expect(track([...OPEN4, two4, '< 9003000100']).findings).toEqual([
      '#4 ack-count [311:3.8.4-5]',
    ]);
    const leave = '> a209 0001 00 0001 61 0001 62';
    expect(track([...OPEN5, leave, '< b00400010000']).findings).toEqual([
      '#4 ack-count [MQTT-3.11.3-2]',
    ]);
  });

  it("refuses a client's that are out of order [MQTT-4.6.0-2] [311:4.6.0-2]", () => {
    const publishes = ['< 320600017400010 0', '< 3206000174000200'];
    const acks = ['> 40020002', '> 40020001'];
    expect(track([...OPEN5, ...publishes, ...acks]).findings).toEqual([
      '#5 ack-order [MQTT-4.6.0-2]',
    ]);
    const [ours, theirs] = [publishes.map(toServer), acks.map(toClient)];
    expect(track([...OPEN5, ...ours, ...theirs]).findings).toEqual([]);
  });

  it('wants QoS 2 so, too [MQTT-4.6.0-3] [MQTT-4.6.0-4] [311:4.6.0-3] [311:4.6.0-4]', () => {
    const publishes = ['< 3406000174000100', '< 3406000174000200'];
    const recs = ['> 50020002', '> 50020001'];
    expect(track([...OPEN5, ...publishes, ...recs]).findings).toEqual([
      '#5 ack-order [MQTT-4.6.0-3]',
    ]);
    const sent = [...publishes.map(toServer), '< 50020001', '< 50020002'];
    expect(track([...OPEN5, ...sent, '> 62020002', '> 62020001']).findings).toEqual([
      '#7 ack-order [MQTT-4.6.0-4]',
    ]);
  });
});

describe('packet ids', () => {
  it('refuses those in use [MQTT-2.2.1-3] [MQTT-2.2.1-4] [311:2.3.1-2] [311:2.3.1-4]', () => {
    const publish = '3206 0001 74 0001 00';
    const subscribe = '> 8207 0001 00 0001 74 00';
    const other = '3206 0001 75 0001 00';
    expect(track([...OPEN5, `> ${publish}`, subscribe]).findings).toEqual([
      '#4 packet-id-in-use [MQTT-2.2.1-3]',
    ]);
    expect(track([...OPEN5, `< ${publish}`, `< ${other}`]).findings).toEqual([
      '#4 packet-id-in-use [MQTT-2.2.1-4]',
    ]);
    const older = '3206 0001 75 0001 0000'.slice(0, -2);
    expect(track([...OPEN4, `< ${publish}`, `< ${older}`]).findings).toEqual([
      '#4 packet-id-in-use [311:2.3.1-4]',
    ]);
    expect(track([...OPEN5, `> ${publish}`, `< ${other}`]).findings).toEqual([]);
  });

  it('knows what is sent again [MQTT-4.4.0-1] [311:4.4.0-1] [MQTT-3.3.1-1] [311:3.3.1-1]', () => {
    const again = '> 3a06 0001 74 0001 00';
    const publish = '> 3206 0001 74 0001 00';
    expect(track([...OPEN5, publish, again]).findings).toEqual(['#4 resend [MQTT-4.4.0-1]']);
    expect(track([...OPEN4, publish, again]).findings).toEqual(['#4 resend [311:4.4.0-1] odd']);
    expect(track([...OPEN4, publish, publish]).findings).toEqual([
      '#4 resend [311:4.4.0-1] odd',
      '#4 resend [311:3.3.1-1]',
    ]);
  });

  it('knows a PUBLISH after its PUBREL [MQTT-4.3.3-6] [311:4.3.3-1]', () => {
    const exchange = ['> 3406 0001 74 0001 00', '< 50020001', '> 62020001'];
    const again = '> 3c06 0001 74 0001 00';
    expect(track([...OPEN5, ...exchange, again]).findings).toEqual(['#6 resend [MQTT-4.3.3-6]']);
    expect(track([...OPEN4, ...exchange, again]).findings).toEqual(['#6 resend [311:4.3.3-1]']);
    expect(track([...OPEN5, ...exchange, '> 62020001']).findings).toEqual([
      '#6 resend [MQTT-4.4.0-1]',
    ]);
  });
});

function toServer(line: string): string {
  return line.replace('<', '>');
}

function toClient(line: string): string {
  return line.replace('>', '<');
}
