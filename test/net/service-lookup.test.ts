import { promises as dns } from 'node:dns';
import { afterEach, expect, it, vi } from 'vitest';
import { findServers, inOrder, type ServiceRecord } from '../../src/net/service-lookup.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

const record = (name: string, priority: number, weight: number): ServiceRecord => {
  return { name, port: 1883, priority, weight };
};
const names = (records: readonly ServiceRecord[]) => records.map(({ name }) => name).join('');

it('tries the least priority first, whatever the weights', () => {
  const records = [record('c', 20, 99), record('a', 5, 0), record('b', 10, 1)];
  expect(names(inOrder(records, () => 0.5))).toBe('abc');
});

it('chooses among equals by weight', () => {
  const records = [record('a', 1, 10), record('b', 1, 30), record('c', 1, 60)];
  expect(names(inOrder(records, () => 0.05))).toBe('abc');
  expect(names(inOrder(records, () => 0.35))).toMatch(/^b/);
  expect(names(inOrder(records, () => 0.99))).toMatch(/^c/);
});

it('forgets none, though all weigh nothing', () => {
  const records = [record('a', 1, 0), record('b', 1, 0)];
  expect(names(inOrder(records, () => 0.99))).toHaveLength(2);
});

it.each([
  [false, '_mqtt._tcp.plant.example'],
  [true, '_secure-mqtt._tcp.plant.example'],
])('asks DNS for MQTT, with TLS %s', async (isTls, name) => {
  const asked = vi.spyOn(dns, 'resolveSrv').mockResolvedValue([record('h', 1, 1)]);
  expect(await findServers('plant.example', isTls)).toEqual([{ host: 'h', port: 1883 }]);
  expect(asked).toHaveBeenCalledWith(name);
});

it('says which record is missing', async () => {
  vi.spyOn(dns, 'resolveSrv').mockRejectedValue(new Error('no data'));
  await expect(findServers('plant.example', false)).rejects.toMatchObject({
    kind: 'connect',
    message: 'no server is known for plant.example',
    why: expect.stringContaining('_mqtt._tcp.plant.example'),
  });
});
