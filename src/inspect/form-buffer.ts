import { Buffer } from 'node:buffer';
import type { CaptureForm } from './capture-form.ts';
import { countText } from './value-text.ts';

/** `<Buffer 30 09 00 ... 3 more bytes>`. */
const BUFFER = /<Buffer((?: [\da-f]{2}){0,4096})(?: \.\.\. (\d{1,9}) more bytes?)?>/gi;

/** What Node prints of a Buffer: the first 50 bytes, and how many more there are. */
export const bufferForm: CaptureForm = {
  name: 'buffer',
  isFormOf: (lines) => lines.some(({ text }) => text.search(BUFFER) >= 0),
  read(lines) {
    const notes: string[] = [];
    const blocks = lines.flatMap(({ number, side, text, timeMs }) =>
      [...text.matchAll(BUFFER)].map(([, pairs = '', more]) => {
        const missingBytes = Number(more ?? 0);
        if (missingBytes > 0) {
          notes.push(`line ${number}: ${countText(missingBytes)} of the Buffer were not printed`);
        }
        const bytes = Buffer.from(pairs.replaceAll(' ', ''), 'hex');
        return { bytes, line: number, side, timeMs, missingBytes, isApart: true };
      }),
    );
    return { blocks, notes };
  },
};
