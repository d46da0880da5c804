import type { Severity } from './diagnosis.ts';
import type { DecodedPacket, Gap } from './stream-decoder.ts';
import { packetTitle } from './tree-head.ts';
import { countText } from './value-text.ts';

/** What one side sent of one type. */
interface Traffic {
  readonly dir: string;
  readonly packet: string;
  packets: number;
  bytes: number;
}

/** Who sent something, for a program. */
export const DIRECTION_KEYS = { client: 'c2s', server: 's2c', either: 'unknown' } as const;

/** Counts what a stream held, for the end. */
export class StreamReport {
  packets = 0;
  bytes = 0;
  gaps = 0;
  gapBytes = 0;
  /** How bad the findings were. */
  readonly severities = new Set<Severity>();
  readonly types = new Map<string, number>();
  readonly findings = new Map<string, number>();
  /** By direction and type. */
  readonly traffic = new Map<string, Traffic>();

  onPacket({ findings, inspection }: DecodedPacket): void {
    const { bytes, sender } = inspection;
    const title = packetTitle(inspection);
    this.packets += 1;
    this.bytes += bytes.length;
    increment(this.types, title);
    const dir = DIRECTION_KEYS[sender];
    const traffic = this.traffic.get(`${dir} ${title}`) ?? {
      dir,
      packet: title,
      packets: 0,
      bytes: 0,
    };
    traffic.packets += 1;
    traffic.bytes += bytes.length;
    this.traffic.set(`${dir} ${title}`, traffic);
    for (const { code, severity } of findings) {
      increment(this.findings, code);
      this.severities.add(severity);
    }
  }

  onGap({ length }: Gap): void {
    this.gaps += 1;
    this.gapBytes += length;
  }

  /** Two lines for a person: what was there, and what was wrong with it. */
  get lines(): readonly string[] {
    const gaps = `${countText(this.gaps, 'gap')} of ${countText(this.gapBytes)}`;
    const what = [
      `${countText(this.packets, 'packet')}, ${countText(this.bytes)}: ${countsText(this.types)}`,
      ...(this.gaps === 0 ? [] : [gaps]),
    ];
    const findings = this.findings.size === 0 ? 'none' : countsText(this.findings);
    return [what.join('; '), `findings: ${findings}`];
  }
}

function increment(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function countsText(counts: ReadonlyMap<string, number>): string {
  return [...counts].map(([key, count]) => `${count} ${key}`).join(', ');
}
