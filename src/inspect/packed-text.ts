import type { Buffer } from 'node:buffer';
import { findForm } from './capture-form.ts';
import type { CaptureOptions } from './capture-options.ts';
import { isContainer } from './container-magic.ts';
import { textLines } from './text-lines.ts';

/** The file of any form that a text stands for; undefined if it stands for something else. */
export function containerIn(text: string, { form }: CaptureOptions): Buffer | undefined {
  if (form !== undefined && form !== 'base64') return undefined;
  if (/[^\w+/=\s-]/.test(text)) return undefined;
  const lines = textLines(text);
  const found = findForm(lines, form);
  if (found?.name !== 'base64') return undefined;
  const [block] = found.read(lines).blocks;
  return block !== undefined && isContainer(block.bytes) ? block.bytes : undefined;
}
