import { openSync, writeSync } from 'node:fs';
import { ReadStream } from 'node:tty';
import { CallerError } from '../base/caller-error.ts';

const TERMINAL = '/dev/tty';
const CTRL_C = '\u0003';
const CTRL_D = '\u0004';
const ERASERS = new Set(['\u007f', '\b']);

/** Asks on the terminal, whatever standard input is, and shows nothing of what is typed. */
export async function askSecret(question: string): Promise<string> {
  const descriptor = openTerminal();
  const terminal = new ReadStream(descriptor);
  try {
    terminal.setRawMode(true);
    writeSync(descriptor, question);
    return await readSecret(terminal);
  } finally {
    terminal.setRawMode(false);
    writeSync(descriptor, '\n');
    terminal.destroy();
  }
}

function openTerminal(): number {
  try {
    return openSync(TERMINAL, 'r+');
  } catch (cause) {
    throw new CallerError('usage', 'there is no terminal to ask for the password on', {
      remedy: 'give it with --password-file, or in MQTTK_PASSWORD',
      cause,
    });
  }
}

async function readSecret(terminal: ReadStream): Promise<string> {
  const typing = new SecretTyping();
  for await (const chunk of terminal) {
    if (typing.type(String(chunk))) return typing.secret;
  }
  throw withdrawn();
}

/** What keys make of a secret, where the terminal leaves all of them to the program. */
export class SecretTyping {
  secret = '';

  /**
   * Takes keys. True once the secret is complete: what follows is no part of it.
   *
   * @throws CallerError usage if it is refused.
   */
  type(keys: string): boolean {
    for (const key of keys) {
      if (key === '\r' || key === '\n') return true;
      if (key === CTRL_C || (key === CTRL_D && this.secret === '')) throw withdrawn();
      this.secret = ERASERS.has(key) ? [...this.secret].slice(0, -1).join('') : this.secret + key;
    }
    return false;
  }
}

function withdrawn(): CallerError {
  return new CallerError('usage', 'no password was given');
}
