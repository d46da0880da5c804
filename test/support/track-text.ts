import { Buffer } from 'node:buffer';
import type { ProtocolLevel } from '../../src/codec/packet.ts';
import type { SenderSide } from '../../src/codec/reason-code.ts';
import { inspectPacket } from '../../src/inspect/inspect-packet.ts';
import { judge } from '../../src/inspect/judge.ts';
import type { DecodedPacket } from '../../src/inspect/stream-decoder.ts';
import { StreamTracker, type TrackerOptions } from '../../src/inspect/stream-tracker.ts';
import { RecordedStream } from './decode-text.ts';

/** CONNECT with client id `t`, and the answer to it, in 5.0 and in 3.1.1. */
export const CONNECT5 = '> 100e00044d5154540502003c00000174';
export const CONNECT4 = '> 100d00044d5154540402003c000174';
export const CONNACK5 = '< 2003000000';
export const CONNACK4 = '< 20020000';
export const OPEN5 = [CONNECT5, CONNACK5];
export const OPEN4 = [CONNECT4, CONNACK4];
/** The same with a session that lasts: anew, and going on. */
export const LASTING5 = '> 101300044d5154540502003c05110000003c000174';
export const RESUMING5 = '> 101300044d5154540500003c05110000003c000174';

const SENDERS: Readonly<Record<string, SenderSide>> = { '>': 'client', '<': 'server' };
const DIRECTIONS = { client: 'c2s', server: 's2c', either: 'unknown' } as const;

/**
 * Follows packets written as `> c000 @250 /2`: who sent it (`>` the client, `<` the server, `?`
 * nobody knows), its bytes, and as one likes when, in milliseconds, and in which stream.
 */
export function track(lines: readonly string[], options: TrackerOptions = {}) {
  const stream = new RecordedStream();
  const tracker = new StreamTracker(stream, options);
  const levels = new Map<number, ProtocolLevel>();
  for (const [index, line] of lines.entries()) {
    const packet = decodedLine(line, index + 1, levels);
    levels.set(packet.stream, packet.version.level);
    tracker.onPacket(packet);
  }
  tracker.end();
  return {
    packets: stream.packets,
    notes: stream.notes,
    report: tracker.report,
    /** `#3 alias-too-high [MQTT-3.2.2-18]`, and the severity where it is no error; 3.1.1 as 311. */
    findings: stream.packets.flatMap(({ findings, number, version }) =>
      findings.map(({ clauses, code, severity }) => {
        const mild = severity === 'odd' || severity === 'note' ? [severity] : [];
        const ids = clauses.map((id) => (version.level === 5 ? id : id.replace('MQTT-', '311:')));
        return [`#${number}`, code, ...ids, ...mild].join(' ');
      }),
    ),
  };
}

function decodedLine(
  line: string,
  number: number,
  levels: ReadonlyMap<number, ProtocolLevel>,
): DecodedPacket {
  const [, mark = '', hex = '', time, place = '1'] =
    /^([<>?]) ([\da-f ]+?)(?: @([\d.]+))?(?: \/(\d+))?$/.exec(line) ?? [];
  const bytes = Buffer.from(hex.replaceAll(' ', ''), 'hex');
  const stream = Number(place);
  const level = levels.get(stream) ?? 5;
  const sender = SENDERS[mark] ?? 'either';
  const inspection = inspectPacket(bytes, { level, sender, size: bytes.length });
  return {
    number,
    stream,
    direction: DIRECTIONS[sender],
    timeMs: time === undefined ? undefined : Number(time),
    offset: 0,
    version: { level: inspection.level, from: 'connect' },
    inspection,
    findings: judge(inspection),
    alternative: undefined,
  };
}
