import type { Buffer } from 'node:buffer';

/** An address with its port, as people write them: `10.0.0.1:1883`, `[fe80::1]:1883`. */
export function endpointText(address: Buffer, port: number): string {
  return address.length === 4 ? `${address.join('.')}:${port}` : `[${ipv6Text(address)}]:${port}`;
}

/** The longest row of two zeros or more stands as `::`, the first on a tie (RFC 5952). */
function ipv6Text(address: Buffer): string {
  const groups: number[] = [];
  for (let at = 0; at + 1 < address.length; at += 2) groups.push(address.readUInt16BE(at));
  let best = { start: 0, length: 1 };
  let start = 0;
  for (const [index, group] of [...groups, 1].entries()) {
    if (group === 0) continue;
    if (index - start > best.length) best = { start, length: index - start };
    start = index + 1;
  }
  const hex = groups.map((group) => group.toString(16));
  if (best.length < 2) return hex.join(':');
  const head = hex.slice(0, best.start).join(':');
  return `${head}::${hex.slice(best.start + best.length).join(':')}`;
}
