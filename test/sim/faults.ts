import type { SimClient } from './client.ts';
import type { Link } from './link.ts';
import type { Simulation } from './simulation.ts';

/**
 * What goes wrong around the broker: a row for each kind of fault, with how often it comes. To add
 * one, add a row. `client` and `link` are any that are there.
 */
export const FAULTS: readonly {
  readonly name: string;
  readonly weight: number;
  strike(simulation: Simulation, client: SimClient, link: Link | undefined): void;
}[] = [
  {
    name: 'cut',
    weight: 30,
    strike: (_simulation, _client, link) => link?.cut(),
  },
  {
    name: 'takeover',
    weight: 20,
    strike: (simulation, client) => simulation.connect(client),
  },
  {
    name: 'silence',
    weight: 6,
    strike(_simulation, _client, link) {
      if (link !== undefined) link.isSilent = true;
    },
  },
  {
    name: 'freeze',
    weight: 20,
    strike(_simulation, _client, link) {
      if (link !== undefined) link.isFrozen = true;
    },
  },
  {
    name: 'thaw',
    weight: 40,
    strike(simulation) {
      for (const link of simulation.links) link.isFrozen = false;
    },
  },
  {
    name: 'restart',
    weight: 10,
    strike(simulation) {
      const { random } = simulation.choices;
      simulation.restart(random.chance(80) ? random.below(2_000) : random.below(200_000));
    },
  },
  {
    name: 'clock step',
    weight: 6,
    strike(simulation) {
      const { random } = simulation.choices;
      simulation.jump(random.chance(80) ? random.below(20_000) : random.below(4_000_000));
    },
  },
];
