/** A host and a port as people write them: `192.0.2.7:1883`, `[::1]:1883`. */
export function renderHostPort(host: string, port: number): string {
  // How a socket for both families shows an address of IPv4.
  const plain = host.replace(/^::ffff:(?=\d+\.)/i, '');
  // Joined, not `+`: it is kept for as long as the socket is, and a joined one has no parts.
  return [plain.includes(':') ? `[${plain}]` : plain, port].join(':');
}
