import { Buffer } from 'node:buffer';
import { NO_PROPERTIES, type PropertiesOf } from '../codec/properties.ts';
import { readProperties } from '../codec/property-section.ts';
import { ProtocolError } from '../codec/protocol-error.ts';
import { type Message, messageBytes, messageFrom, plainMessageBytes } from '../session/message.ts';
import type { BrokerConfig } from './broker-config.ts';
import { ClientPacketReader } from './client-packet-reader.ts';
import { LimitError } from './limit-error.ts';
import { propertySection, writtenSection } from './route-target.ts';

/** A longer one is left to the codec path. */
export const SECTION_BYTES_MAX = 512;
/** What is known of sections is forgotten beyond so many, or so many bytes of them. */
const KNOWN_MAX = 1_024;
const KNOWN_BYTES_MAX = 2 ** 18;
const NO_BYTES = Buffer.alloc(0);

/** Properties that mean nothing to the broker, and go on as they came (section 3.3.2.3). */
const FORWARDED = new Set<string>([
  'contentType',
  'correlationData',
  'payloadFormatIndicator',
  'responseTopic',
  'userProperty',
] satisfies (keyof PropertiesOf<'publish'>)[]);

/** The properties of a PUBLISH as bytes, with their length: read once, however many bring them. */
export interface PropertySection {
  /** As they come. */
  readonly bytes: Buffer;
  /** As they go to subscribers of 5.0: `bytes` itself where these have the order of the table. */
  readonly sent: Buffer;
  readonly properties: Message['properties'];
  /** What they count for in limits. */
  readonly weightBytes: number;
}

/** That of a PUBLISH without properties. */
export const EMPTY_SECTION: PropertySection = {
  bytes: propertySection(undefined),
  sent: propertySection(undefined),
  properties: NO_PROPERTIES,
  weightBytes: 0,
};

/**
 * Hot path: property sections by their bytes. Publishers send the same ones again and again, and
 * those that go on as they came need not be read each time, nor written.
 */
export class PropertySections {
  readonly #reader: ClientPacketReader;
  readonly #takesFormat: boolean;
  /** Undefined for one that the codec path has to see. */
  readonly #known = new Map<string, PropertySection | undefined>();
  #knownBytes = 0;
  #last: PropertySection = EMPTY_SECTION;

  constructor(config: BrokerConfig) {
    this.#reader = new ClientPacketReader(config);
    this.#reader.level = 5;
    this.#takesFormat = config.payloadFormatChecked === 0;
  }

  /** The section that begins at `start`; undefined for one that the codec path has to see. */
  find(bytes: Buffer, start: number, end: number): PropertySection | undefined {
    const length = sectionBytes(bytes, start, end);
    if (length === 0) return undefined;
    if (hasSection(bytes, start, length, this.#last)) return this.#last;
    const key = bytes.toString('latin1', start, start + length);
    let section = this.#known.get(key);
    if (section === undefined && !this.#known.has(key)) {
      section = this.#read(Buffer.from(bytes.subarray(start, start + length)));
      this.#learn(key, section);
    }
    if (section !== undefined) this.#last = section;
    return section;
  }

  #learn(key: string, section: PropertySection | undefined): void {
    if (this.#known.size >= KNOWN_MAX || this.#knownBytes >= KNOWN_BYTES_MAX) {
      this.#known.clear();
      this.#knownBytes = 0;
    }
    this.#known.set(key, section);
    this.#knownBytes += key.length;
  }

  /** @param bytes the section's own: what is read of it outlives the chunk. */
  #read(bytes: Buffer): PropertySection | undefined {
    const reader = this.#reader;
    reader.reset(bytes, 0, bytes.length);
    try {
      const read = readProperties(reader, 'publish');
      if (!Object.keys(read).every((name) => FORWARDED.has(name))) return undefined;
      if (read.payloadFormatIndicator === 1 && !this.#takesFormat) return undefined;
      return sectionOf(bytes, read);
    } catch (error) {
      // The codec path says what is wrong.
      if (error instanceof ProtocolError || error instanceof LimitError) return undefined;
      throw error;
    }
  }
}

/** Whether the bytes at `start`, of which there are `length`, are those of the section. */
export function hasSection(
  bytes: Buffer,
  start: number,
  length: number,
  { bytes: own }: PropertySection,
): boolean {
  return own.length === length && own.compare(bytes, start, start + length) === 0;
}

function sectionOf(bytes: Buffer, read: PropertiesOf<'publish'>): PropertySection {
  const packet = { payload: NO_BYTES, qos: 0, isRetained: false, properties: read } as const;
  const message = messageFrom(packet, '', '', 0);
  const written = writtenSection(message.properties);
  return {
    bytes,
    sent: written.equals(bytes) ? bytes : written,
    properties: message.properties,
    weightBytes: messageBytes(message) - plainMessageBytes('', 0),
  };
}

/** How long a section is, its length included; 0 if it is not there as a whole, or too long. */
function sectionBytes(bytes: Buffer, start: number, end: number): number {
  const first = bytes[start] as number;
  const second = bytes[start + 1] as number;
  // A longer form than need be is refused by the codec path.
  if (first >= 0x80 && (second >= 0x80 || second === 0)) return 0;
  const length = first < 0x80 ? first + 1 : (first & 0x7f) + second * 0x80 + 2;
  return length <= SECTION_BYTES_MAX && start + length <= end ? length : 0;
}
