import { expect, it } from 'vitest';
import { localDomain } from '../../src/net/local-domain.ts';

it.each([
  ['press.plant.example', 'plant.example'],
  ['press', 'press'],
])('is what follows the name of the machine: %s', (name, domain) => {
  expect(localDomain(name)).toBe(domain);
});
