import { Buffer } from 'node:buffer';
import type { CaptureForm, TextBlock } from './capture-form.ts';
import { isCleanChain } from './clean-chain.ts';

const TEST = /<[\da-f]{1,3}><[\da-f]{1,3}>/i;
const TOKEN = /<([\da-f]{1,3})>/gi;

/** `<192><0>` or `<C0><00>`, as some loggers write bytes: decimal where a token says so. */
export const angleForm: CaptureForm = {
  name: 'angle',
  isFormOf: (lines) => lines.some(({ text }) => TEST.test(text)),
  read(lines) {
    const rows = lines.map((line) => ({
      line,
      tokens: [...line.text.matchAll(TOKEN)].map(([, token = '']) => token),
    }));
    const all = rows.flatMap(({ tokens }) => tokens);
    const radix = radixOf(all);
    const blocks = rows.flatMap(({ line: { number, side, timeMs }, tokens }): TextBlock[] => {
      const bytes = bytesOf(tokens, radix);
      return bytes.length === 0 ? [] : [{ bytes, line: number, side, timeMs }];
    });
    return { blocks, notes: [] };
  },
};

function radixOf(tokens: readonly string[]): 10 | 16 {
  if (tokens.some((token) => /[a-f]/i.test(token))) return 16;
  if (tokens.some((token) => token.length !== 2)) return 10;
  const isHex = isCleanChain(bytesOf(tokens, 16));
  return !isHex && isCleanChain(bytesOf(tokens, 10)) ? 10 : 16;
}

function bytesOf(tokens: readonly string[], radix: number): Buffer {
  return Buffer.from(tokens.map((token) => Number.parseInt(token, radix) & 0xff));
}
