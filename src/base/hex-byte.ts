/** A byte as people look it up in the standard: `0x0A`. */
export function hexByte(byte: number): string {
  return `0x${byte.toString(16).padStart(2, '0').toUpperCase()}`;
}
