import { Buffer } from 'node:buffer';
import type { CaptureForm } from './capture-form.ts';
import { hasFirstPacket } from './clean-chain.ts';
import { isContainer } from './container-magic.ts';
import type { TextLine } from './text-lines.ts';

/** No pattern for the whole: a long line would exhaust the stack of the engine. */
const OTHER = /[^A-Za-z0-9+/_-]/;

/** Base64, of either alphabet: what it stands for is MQTT, or a container. */
export const base64Form: CaptureForm = {
  name: 'base64',
  isFormOf(lines) {
    const bytes = bytesOf(lines);
    return bytes !== undefined && (isContainer(bytes) || hasFirstPacket(bytes));
  },
  read(lines) {
    const bytes = bytesOf(lines) ?? Buffer.alloc(0);
    const line = lines.find(({ text }) => text.trim() !== '')?.number ?? 1;
    return { blocks: [{ bytes, line }], notes: [] };
  },
};

function bytesOf(lines: readonly TextLine[]): Buffer | undefined {
  const text = lines.map((line) => line.text.trim()).join('');
  const digits = text.replace(/={1,2}$/, '');
  return text.length < 4 || OTHER.test(digits) ? undefined : Buffer.from(digits, 'base64');
}
