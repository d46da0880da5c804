import { Buffer } from 'node:buffer';
import { CallerError } from '../base/caller-error.ts';
import { camelCase } from './option-table.ts';
import { parseBase64Bytes, parseHexBytes } from './option-values.ts';
import type { Platform } from './platform.ts';

type TextForm = { readonly type: 'string'; readonly value: string } & Described;
type BytesForm = TextForm & { readonly coerce: (text: string, option: string) => Buffer };

interface Described {
  readonly describe: string;
  readonly group: string;
}

/** The four options by which bytes can be given. */
type BytesTable<N extends string> = { readonly [K in N | `${N}-file`]: TextForm } & {
  readonly [K in `${N}-hex` | `${N}-base64`]: BytesForm;
};

/** `--NAME TEXT`, `--NAME-hex`, `--NAME-base64` and `--NAME-file`: for bytes of any kind. */
export function bytesOptions<const N extends string>(name: N, what: Described): BytesTable<N> {
  const { group } = what;
  const table = {
    [name]: { type: 'string', value: 'TEXT', ...what },
    [`${name}-hex`]: {
      type: 'string',
      value: 'HEX',
      coerce: parseHexBytes,
      describe: 'the same in hex',
      group,
    },
    [`${name}-base64`]: {
      type: 'string',
      value: 'BASE64',
      coerce: parseBase64Bytes,
      describe: 'the same in base64',
      group,
    },
    [`${name}-file`]: {
      type: 'string',
      value: 'FILE',
      describe: 'the same from a file',
      group,
    },
  };
  return table as BytesTable<N>;
}

/**
 * The bytes that were given in one of the four forms; undefined if in none. Rejects with a
 * `CallerError`: usage if in two, file if the file cannot be read.
 */
export async function givenBytes(
  options: Readonly<Record<string, unknown>>,
  name: string,
  platform: Pick<Platform, 'read'>,
): Promise<Buffer | undefined> {
  const forms = [name, `${name}-hex`, `${name}-base64`, `${name}-file`].filter(
    (form) => options[camelCase(form)] !== undefined,
  );
  const [form, other] = forms;
  if (form === undefined) return undefined;
  if (other !== undefined) {
    throw new CallerError('usage', `--${form} and --${other} exclude each other`, {
      remedy: 'give one of them',
    });
  }
  const value = options[camelCase(form)];
  if (form.endsWith('-file')) return await platform.read(String(value));
  return typeof value === 'string' ? Buffer.from(value) : (value as Buffer);
}
