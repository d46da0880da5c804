import { Buffer } from 'node:buffer';
import { readFileSync } from 'node:fs';
import type { ProtocolLevel } from '../../src/codec/packet.ts';
import type { SenderSide } from '../../src/codec/reason-code.ts';

/** What a reader makes of a vector's bytes: a packet, or the first rule that refuses them. */
type Outcome =
  | { readonly kind: 'packet'; readonly packet: unknown; readonly isWrittenSo: boolean }
  | {
      readonly kind: 'refused';
      readonly rule: string;
      readonly reason: string;
      readonly clauses: readonly string[];
      readonly offset: number;
    };

/** One packet's bytes in one version, and what is expected of them. */
export interface Vector {
  /** A sentence, with version, side and clauses: fit to be a test's name. */
  readonly name: string;
  readonly level: ProtocolLevel;
  readonly sender: SenderSide;
  readonly bytes: Buffer;
  readonly outcome: Outcome;
}

const VERSIONS = { 3: '3.1', 4: '3.1.1', 5: '5.0' } as const;

/**
 * The vectors of a file in `test/vectors`, in blocks that an empty line ends:
 *
 *     case reads a QoS 0 PUBLISH
 *     level 4 3 from client
 *     30 06           # the bytes; `61*300` is a byte 300 times
 *     00 01 74        # topicName "t"
 *     68 69 21        # payload
 *     reads {"type": "publish", ...}
 *
 * The outcome is one of
 * - `reads JSON`: the packet, and these are the bytes that writing it gives;
 * - `reads-only JSON`: the packet, which is written in another form;
 * - `refused RULE REASON [CLAUSE]... at OFFSET`.
 *
 * In JSON, `{"$hex": "6869"}` is a Buffer and `{"$repeat": ["a", 300]}` a long text. A block with
 * several levels is one vector for each.
 */
export function readVectors(file: string): Vector[] {
  const text = readFileSync(new URL(`../vectors/${file}`, import.meta.url), 'utf8');
  const blocks = text.split(/\n{2,}/).map((block) => block.replaceAll(/^#.*\n?/gm, '').trim());
  return blocks.filter((block) => block !== '').flatMap((block) => parseBlock(file, block));
}

/** Bytes from hex with comments and repeats: `00 01 61*3 # three of them`. */
function parseHex(text: string): Buffer {
  const tokens = text.replaceAll(/#.*$/gm, '').split(/\s+/);
  return Buffer.concat(tokens.filter((token) => token !== '').map(parseToken));
}

function parseToken(token: string): Buffer {
  const [, digits = '', count = '1'] = /^((?:[0-9a-f]{2})+)(?:\*(\d+))?$/.exec(token) ?? [];
  if (digits === '') throw new Error(`${token} is no hex`);
  return Buffer.from(digits.repeat(Number(count)), 'hex');
}

function parseBlock(file: string, block: string): Vector[] {
  const [, sentence, levels, sender, bytes = '', outcome = ''] =
    /^case (.+)\nlevel ([345 ]+) from (\w+)\n([\s\S]+?)\n((?:reads|refused)[\s\S]*)$/.exec(block) ??
    [];
  if (sentence === undefined) throw new Error(`${file}: no vector is\n${block}`);
  const parsed = parseOutcome(outcome);
  const clauses = parsed.kind === 'refused' ? parsed.clauses.map((id) => ` [${id}]`).join('') : '';
  return (levels ?? '').split(' ').map((digit) => {
    const level = Number(digit) as ProtocolLevel;
    return {
      name: `${sentence} (${VERSIONS[level]}, from ${sender})${clauses}`,
      level,
      sender: sender as SenderSide,
      bytes: parseHex(bytes),
      outcome: parsed,
    };
  });
}

function parseOutcome(text: string): Outcome {
  const [, verb, json] = /^(reads|reads-only) ([\s\S]*)$/.exec(text) ?? [];
  if (json !== undefined) {
    return { kind: 'packet', packet: JSON.parse(json, revive), isWrittenSo: verb === 'reads' };
  }
  const [, rule = '', reason = '', clauses = '', at] =
    /^refused (\S+) (\w+)((?: \[[^\]]+\])*) at (\d+)$/.exec(text) ?? [];
  if (at === undefined) throw new Error(`no outcome is ${text}`);
  const ids = [...clauses.matchAll(/\[([^\]]+)\]/g)].map(([, id = '']) => id);
  return { kind: 'refused', rule, reason, clauses: ids, offset: Number(at) };
}

function revive(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if ('$hex' in value) return parseHex(String(value.$hex));
  if (!('$repeat' in value)) return value;
  const [text, count] = value.$repeat as [string, number];
  return text.repeat(count);
}
