import { Buffer } from 'node:buffer';
import type { StreamEnd } from './capture-target.ts';
import { type Carrier, type ConnectionFacts, openStream, type Side } from './carrier.ts';
import type { SegmentData } from './tcp-side.ts';
import { serverNameOf, tlsVersionOf } from './tls-hello.ts';
import { countText } from './value-text.ts';

/** Of each side so much is looked at. */
const HELLO_BYTES_MAX = 4 * 1024;

/** TLS, which nobody can read without its keys: it is told of at its end. */
export class TlsCarrier implements Carrier {
  readonly #facts: ConnectionFacts;
  readonly #stream: number;
  readonly #starts: [Buffer, Buffer] = [Buffer.alloc(0), Buffer.alloc(0)];
  #segments = 0;

  constructor(facts: ConnectionFacts) {
    this.#facts = facts;
    this.#stream = openStream(facts, `${facts.title} (TLS)`);
  }

  onData(side: Side, { bytes }: SegmentData): void {
    this.#segments += 1;
    const start = this.#starts[side];
    if (start.length >= HELLO_BYTES_MAX) return;
    this.#starts[side] = Buffer.concat([start, bytes.subarray(0, HELLO_BYTES_MAX - start.length)]);
  }

  onHole(): void {
    this.#segments += 1;
  }

  onEnd(how: StreamEnd): void {
    const { client, target, title } = this.#facts;
    const [hello, answer] = [this.#starts[client], this.#starts[client === 0 ? 1 : 0]];
    const address = title.slice(title.indexOf(' to ') + ' to '.length);
    const name = serverNameOf(hello);
    const server = name === undefined ? address : name + address.slice(address.lastIndexOf(':'));
    const version = tlsVersionOf(answer) ?? 'TLS';
    const what = `${version} to ${server}, ${countText(this.#segments, 'segment')}`;
    this.onNote(`${what}, unreadable: have Wireshark decrypt it with the keys of one side`);
    target.onStreamEnd(this.#stream, how);
  }

  onNote(text: string): void {
    this.#facts.target.onNote(text, this.#stream);
  }
}
