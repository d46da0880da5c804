/** IPv4 within IPv6, as a socket for both families writes it. */
const MAPPED = /^::ffff:(\d+(?:\.\d+){3})$/i;
/** How many groups of IPv6 a network usually gives to one customer: 64 bits. */
const BLOCK_GROUPS = 4;
const GROUPS = 8;

/**
 * Whom an address is counted for: itself in IPv4; in IPv6, where one machine has as many addresses
 * as it likes, the first 64 bits, as `2001:db8:0:1::/64`.
 *
 * @param host an address as sockets write it, with or without a zone.
 */
export function addressBlock(host: string): string {
  const [address = ''] = host.split('%');
  const mapped = MAPPED.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  if (!address.includes(':')) return address;
  const [left = '', right] = address.split('::');
  const before = groupsOf(left);
  const after = groupsOf(right ?? '');
  const missing = right === undefined ? 0 : Math.max(0, GROUPS - before.length - after.length);
  const groups = [...before, ...Array.from({ length: missing }, () => '0'), ...after];
  const block = groups.slice(0, BLOCK_GROUPS).map((group) => Number.parseInt(group, 16));
  return `${block.map((group) => group.toString(16)).join(':')}::/64`;
}

function groupsOf(text: string): string[] {
  return text === '' ? [] : text.split(':');
}
