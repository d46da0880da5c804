import { Buffer } from 'node:buffer';
import { CallerError } from '../base/caller-error.ts';
import { PROPERTIES, type PropertiesOf, type UserProperty } from '../codec/properties.ts';
import type { Platform } from './platform.ts';
import type { AskedProperty, PropertyPacket } from './property-option.ts';

type Name = AskedProperty['name'];

/** The properties that a run is to send, from `-D` and from options of their own. */
export class PropertyBag {
  readonly #packets = new Map<PropertyPacket, Map<Name, unknown>>();
  /** The first option that MQTT 5 is needed for. */
  #option: string | undefined = undefined;

  /**
   * Takes what `-D` has asked for. Rejects with a `CallerError`: usage for a property that comes
   * twice, file for a file that cannot be read.
   */
  static async of(
    asked: readonly AskedProperty[],
    platform: Pick<Platform, 'read'>,
  ): Promise<PropertyBag> {
    const bag = new PropertyBag();
    for (const { name, packet, value } of asked) {
      const isFile = typeof value === 'object' && 'path' in value;
      bag.add(packet, name, isFile ? await platform.read(value.path) : value, '-D');
    }
    return bag;
  }

  /** Why nothing older than MQTT 5 will do: an option; undefined if there is none. */
  get neededBy(): string | undefined {
    return this.#option;
  }

  /**
   * Adds a property, unless its value is undefined; a User Property to those that are there.
   *
   * @throws CallerError usage if it is there already.
   */
  add(packet: PropertyPacket, name: Name, value: unknown, option: string): void {
    if (value === undefined) return;
    this.#option ??= option;
    let properties = this.#packets.get(packet);
    if (properties === undefined) {
      properties = new Map();
      this.#packets.set(packet, properties);
    }
    const held = properties.get(name);
    if (name === 'userProperty') {
      properties.set(name, [...((held as UserProperty[] | undefined) ?? []), value]);
      return;
    }
    if (held !== undefined) {
      const title = PROPERTIES.find((row) => row.name === name)?.title ?? name;
      throw new CallerError('usage', `${packet} has two values for ${title}`, {
        why: `${option} gives the second`,
        remedy: 'give one of them',
      });
    }
    properties.set(name, value);
  }

  /** Tells of an option that MQTT 5 is needed for, and that is no property. */
  require(option: string): void {
    this.#option ??= option;
  }

  /** Whether there is anything for this packet. */
  has(packet: PropertyPacket): boolean {
    return this.#packets.has(packet);
  }

  /** All for one packet, bytes as bytes. */
  for<P extends PropertyPacket>(packet: P): PropertiesOf<P> {
    const held = this.#packets.get(packet) ?? [];
    const entries = [...held].map(([name, value]) => [name, encoded(name, value)]);
    return Object.fromEntries(entries) as PropertiesOf<P>;
  }
}

/** As the codec has it: bytes as bytes, and what a server may send several times as a list. */
function encoded(name: Name, value: unknown): unknown {
  if (name === 'correlationData' && typeof value === 'string') return Buffer.from(value);
  return name === 'subscriptionIdentifier' ? [value] : value;
}
