import { Buffer } from 'node:buffer';
import { expect, it } from 'vitest';
import { gapText } from '../../src/inspect/gap-text.ts';

function text(hex: string, more: object = {}): string {
  const bytes = Buffer.from(hex, 'hex');
  const gap = { stream: 1, direction: 'unknown', offset: 0, length: bytes.length, bytes } as const;
  return gapText({ ...gap, isMissing: false, isSecret: false, ...more });
}

it.each([
  ['1a', 'Ctrl-Z'],
  ['0d0a', '"\\r\\n"  line ends'],
  ['16030100', 'TLS'],
  ['474554202f', '"GET /"  HTTP'],
  ['50524f585920544350', 'a PROXY header'],
  ['8292', 'WebSocket'],
  ['0d0a53454e44', '"\\r\\nSEND"'],
  ['00ff', '00 ff'],
  ['00'.repeat(20), '00 …'],
])('says what %s is, or shows it', (hex, expected) => {
  expect(text(hex)).toContain(expected);
});

it('says how much it does not show', () => {
  expect(text('6162', { length: 9 })).toBe('"ab" … +7 bytes');
});

it('shows nothing of what may be a password', () => {
  expect(text('6162', { isSecret: true })).not.toContain('ab"');
});

it('tells what the input lacks from what is no packet', () => {
  expect(text('', { length: 9, isMissing: true })).toContain('does not have them');
});
