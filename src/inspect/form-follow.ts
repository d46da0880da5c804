import { Buffer } from 'node:buffer';
import type { CaptureForm, TextBlock } from './capture-form.ts';

const HEAD = /^Follow: tcp,(raw|hex)\s*$/;
/** Bare hex, or an offset, pairs and characters. */
const RAW_ROW = /^\s*((?:[\da-f]{2})+)\s*$/i;
const HEX_ROW = /^\s*[\da-f]{8} {2}((?:[\da-f]{2} {1,2}){0,15}[\da-f]{2})(?:\s|$)/i;

/** What `tshark -z follow,tcp,raw` prints, or `hex`: what the server sent begins with a TAB. */
export const followForm: CaptureForm = {
  name: 'follow',
  isFormOf: (lines) => lines.some(({ text }) => HEAD.test(text)),
  read(lines) {
    const blocks: TextBlock[] = [];
    let stream = 0;
    let row = RAW_ROW;
    for (const { hasTab, number, text } of lines) {
      const [, kind] = HEAD.exec(text) ?? [];
      if (kind !== undefined) {
        stream += 1;
        row = kind === 'raw' ? RAW_ROW : HEX_ROW;
      }
      const pairs = row.exec(text)?.[1];
      if (pairs === undefined || stream === 0) continue;
      const bytes = Buffer.from(pairs.replaceAll(' ', ''), 'hex');
      blocks.push({ bytes, line: number, side: hasTab ? 'peer' : 'own', stream });
    }
    return { blocks, notes: [] };
  },
};
