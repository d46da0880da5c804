import { describe, expect, it } from 'vitest';
import { ClientKeepAlive, keepAliveDeadlineMs } from '../../src/session/keep-alive.ts';

describe('the server', () => {
  it('waits one and a half times the interval [MQTT-3.1.2-22] [311:3.1.2-24]', () => {
    expect(keepAliveDeadlineMs(1000, 10)).toBe(16_000);
  });

  it('counts in more than 16 bits and in halves of a second [MQTT-3.1.2-22]', () => {
    expect(keepAliveDeadlineMs(0, 65_535)).toBe(98_302_500);
  });

  it('waits for ever at Keep Alive 0', () => {
    expect(keepAliveDeadlineMs(1000, 0)).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('the client', () => {
  it('pings before it has sent nothing for the interval [MQTT-3.1.2-20] [311:3.1.2-23]', () => {
    const keepAlive = new ClientKeepAlive(60, 0);
    expect(keepAlive.nextDeadlineMs()).toBe(59_500);
    expect(keepAlive.onDeadline(59_499)).toBe('wait');
    expect(keepAlive.onDeadline(59_500)).toBe('ping');
  });

  it('counts from what it sent last, and not from what it received [MQTT-3.1.2-20]', () => {
    const keepAlive = new ClientKeepAlive(60, 0);
    keepAlive.onSent(40_000);
    keepAlive.onPingresp();
    expect(keepAlive.nextDeadlineMs()).toBe(99_500);
  });

  it('pings again an interval after its answered PINGREQ', () => {
    const keepAlive = new ClientKeepAlive(60, 0);
    keepAlive.onDeadline(60_000);
    keepAlive.onPingresp();
    expect(keepAlive.onDeadline(119_499)).toBe('wait');
    expect(keepAlive.onDeadline(119_500)).toBe('ping');
  });

  it('gives up after 10 s without PINGRESP, whatever else it sends', () => {
    const keepAlive = new ClientKeepAlive(60, 0);
    keepAlive.onDeadline(60_000);
    keepAlive.onSent(69_000);
    expect(keepAlive.nextDeadlineMs()).toBe(70_000);
    expect(keepAlive.onDeadline(70_000)).toBe('lost');
  });

  it('gives up after the interval if that is shorter', () => {
    const keepAlive = new ClientKeepAlive(3, 0);
    keepAlive.onDeadline(3000);
    expect(keepAlive.onDeadline(5999)).toBe('wait');
    expect(keepAlive.onDeadline(6000)).toBe('lost');
  });

  it('never wakes at Keep Alive 0', () => {
    const keepAlive = new ClientKeepAlive(0, 0);
    expect(keepAlive.nextDeadlineMs()).toBe(Number.POSITIVE_INFINITY);
    expect(keepAlive.onDeadline(1e12)).toBe('wait');
  });

  it('misses no answer while it does not read, and goes on pinging', () => {
    const keepAlive = new ClientKeepAlive(60, 0);
    keepAlive.onDeadline(60_000);
    keepAlive.pause();
    expect(keepAlive.onDeadline(119_499)).toBe('wait');
    expect(keepAlive.onDeadline(119_500)).toBe('ping');
    expect(keepAlive.onDeadline(179_000)).toBe('ping');
  });

  it('starts its wait for the answer when it reads again', () => {
    const keepAlive = new ClientKeepAlive(60, 0);
    keepAlive.pause();
    keepAlive.onDeadline(60_000);
    keepAlive.resume(100_000);
    expect(keepAlive.onDeadline(109_999)).toBe('wait');
    expect(keepAlive.onDeadline(110_000)).toBe('lost');
  });

  it('waits for no answer after a pause without PINGREQ', () => {
    const keepAlive = new ClientKeepAlive(60, 0);
    keepAlive.pause();
    keepAlive.resume(30_000);
    expect(keepAlive.nextDeadlineMs()).toBe(59_500);
  });
});
