import { Buffer } from 'node:buffer';
import type { CaptureForm, TextBlock } from './capture-form.ts';
import type { TextLine } from './text-lines.ts';

const TEST = /\b0x[\da-f]{1,2}(?:u8)?\s*,\s*0x[\da-f]{1,2}(?:u8)?\b/i;
const TOKEN = /\b0x([\da-f]{1,2})(?:u8)?\b/gi;

/** Arrays of `0xHH`, as C, JavaScript, Rust, Go and `xxd -i` write them: each is a block. */
export const arrayForm: CaptureForm = {
  name: 'array',
  isFormOf: (lines) => TEST.test(sourceOf(lines)),
  read(lines) {
    const blocks: TextBlock[] = [];
    let line = lines[0]?.number ?? 1;
    for (const part of sourceOf(lines).split(/(?<=[\]}])/)) {
      const pairs = [...part.matchAll(TOKEN)].map(([, digits = '']) => digits.padStart(2, '0'));
      const before = part.slice(0, Math.max(0, part.search(TOKEN)));
      const place = { line: line + before.split('\n').length - 1, isApart: true };
      if (pairs.length > 0) blocks.push({ bytes: Buffer.from(pairs.join(''), 'hex'), ...place });
      line += part.split('\n').length - 1;
    }
    return { blocks, notes: [] };
  },
};

/** Without comments; their line ends stay. */
function sourceOf(lines: readonly TextLine[]): string {
  const text = lines.map((line) => line.text.replace(/\/\/.*$/, '')).join('\n');
  const [code = '', ...parts] = text.split('/*');
  const rest = parts.map((part) => {
    const end = part.indexOf('*/');
    const comment = end < 0 ? part : part.slice(0, end);
    return '\n'.repeat(comment.split('\n').length - 1) + (end < 0 ? '' : part.slice(end + 2));
  });
  return code + rest.join('');
}
