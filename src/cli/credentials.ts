import { Buffer } from 'node:buffer';
import { CallerError } from '../base/caller-error.ts';
import type { OptionsOf, OptionTable } from './option-table.ts';
import type { Platform } from './platform.ts';

const GROUP = 'Connection';
const PASSWORD_BYTES_MAX = 65_535;

/** Ways to give a password that do not show it to others. */
export const CREDENTIAL_OPTIONS = {
  'password-file': {
    type: 'string',
    value: 'FILE',
    describe: 'read the password from the first line of a file',
    group: GROUP,
  },
  'ask-password': {
    type: 'boolean',
    describe: 'ask for the password on the terminal, unseen',
    group: GROUP,
  },
} as const satisfies OptionTable;

type Credentials = OptionsOf<typeof CREDENTIAL_OPTIONS> & { readonly pw: string | undefined };

/**
 * The password, from wherever the options say; undefined if there is none. Rejects with a
 * `CallerError`: usage if there are several ways, or nobody to ask; file if it cannot be read.
 */
export async function givenPassword(
  { askPassword = false, passwordFile, pw }: Credentials,
  platform: Platform,
): Promise<string | undefined> {
  const ways = [
    ...(pw === undefined ? [] : ['-P']),
    ...(passwordFile === undefined ? [] : ['--password-file']),
    ...(askPassword ? ['--ask-password'] : []),
  ];
  if (ways.length > 1) {
    throw new CallerError('usage', `${ways.join(' and ')} exclude each other`, {
      remedy: 'give the password in one way',
    });
  }
  if (passwordFile !== undefined) return await firstLine(passwordFile, platform);
  if (askPassword) return await platform.askSecret('Password: ');
  return pw;
}

async function firstLine(path: string, platform: Platform): Promise<string> {
  const bytes = await platform.read(path);
  const end = bytes.indexOf('\n');
  const line = (end < 0 ? bytes : bytes.subarray(0, end)).toString().replace(/\r$/, '');
  if (Buffer.byteLength(line) > PASSWORD_BYTES_MAX) {
    throw new CallerError('usage', `the first line of ${path} is too long for a password`, {
      why: `a password of MQTT has ${PASSWORD_BYTES_MAX} bytes at most`,
    });
  }
  if (platform.isOpenToOthers(path)) {
    platform.warn(`warning: others may read ${path}; "chmod 600" keeps it to you`);
  }
  return line;
}
