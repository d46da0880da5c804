import { Buffer } from 'node:buffer';
import type { CaptureForm, TextBlock } from './capture-form.ts';
import { guessLink } from './link-guess.ts';

/** `\t0x0010:  0a00 0002 9c40 ...`: words up to two blanks, behind which are characters. */
const ROW =
  /^\s+0x([\da-f]{4,8}):\s+((?:(?:[\da-f]{2}){1,8} ){0,63}(?:[\da-f]{2}){1,8})(?: {2}|\s*$)/i;

/** What `tcpdump -x`, `-X`, `-xx` and `-XX` print: packets of the network. */
export const tcpdumpForm: CaptureForm = {
  name: 'tcpdump',
  isFormOf: (lines) => lines.some(({ text }) => ROW.test(text)),
  read(lines) {
    const frames: { line: number; timeMs: number | undefined; parts: string[] }[] = [];
    let timeMs: number | undefined;
    for (const line of lines) {
      const [, offset = '', words] = ROW.exec(line.text) ?? [];
      if (words === undefined) timeMs = line.timeMs ?? timeMs;
      else {
        const isFirst = Number.parseInt(offset, 16) === 0 || frames.length === 0;
        if (isFirst) frames.push({ line: line.number, timeMs, parts: [] });
        frames.at(-1)?.parts.push(words.replaceAll(' ', ''));
      }
    }
    const blocks = frames.map(({ line, parts, timeMs: time }): TextBlock => {
      const bytes = Buffer.from(parts.join(''), 'hex');
      return { bytes, line, timeMs: time, linkType: guessLink(bytes) ?? 101 };
    });
    return { blocks, notes: [] };
  },
};
