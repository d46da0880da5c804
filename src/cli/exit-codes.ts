import { CallerError, type CallerErrorKind } from '../base/caller-error.ts';

/** What the process ends with: 0..255. */
export type ExitCode = number;

interface Exit {
  readonly code: ExitCode;
  /** When a command ends so; the README's table shows it to the writers of scripts. */
  readonly when: string;
}

/** Every end of a command by its name: the kinds of `CallerError`, and those that are no error. */
export const EXITS = {
  ok: { code: 0, when: 'done, as asked' },
  internal: { code: 1, when: 'an internal error: a bug of mqttk, please report it' },
  environment: { code: 1, when: 'the machine does not allow it: a port that is taken, say' },
  failed: {
    code: 1,
    when: 'bench: messages lost or doubled that QoS forbids, or worse than before',
  },
  usage: { code: 2, when: 'wrong usage: an option, a topic, a value; nothing was sent' },
  connect: { code: 3, when: 'no connection: name, address or port, or no CONNACK in time' },
  lost: { code: 4, when: 'the connection was lost and not regained, or closed before CONNACK' },
  tls: { code: 5, when: 'TLS: certificate, name, version, key, passphrase, or none spoken' },
  file: { code: 6, when: 'a file, standard input or standard output (but for a closed pipe: 0)' },
  timeout: { code: 27, when: 'the time set with --timeout has passed' },
  refused: { code: 128, when: 'the other side refused: 128 to 162, its reason code' },
} as const satisfies Record<CallerErrorKind | 'ok' | 'internal' | 'failed', Exit>;

/** The exit code for what was thrown: by kind, or by reason code for a refusal. */
export function exitCodeOf(error: unknown): ExitCode {
  if (!(error instanceof CallerError)) return EXITS.internal.code;
  if (error.kind === 'refused') return error.reasonCode ?? EXITS.refused.code;
  return EXITS[error.kind].code;
}
