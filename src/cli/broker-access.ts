import { CallerError } from '../base/caller-error.ts';

/**
 * Whether only programs of this machine reach an address: the loopback addresses, and `localhost`.
 */
export function isLoopback(host: string): boolean {
  if (host === 'localhost' || host === '::1') return true;
  return /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host);
}

/**
 * On loopback anybody may connect, so that a broker works at once; elsewhere that is to be said,
 * so that silence opens nothing.
 *
 * @throws CallerError usage if it is not.
 */
export function requireAnonymousAllowed(host: string, isAllowed: boolean): void {
  if (isAllowed || isLoopback(host)) return;
  throw new CallerError(
    'usage',
    `other machines can reach ${host}, and nobody is asked who they are`,
    {
      why: 'clients without a user name are let in by themselves on loopback addresses only',
      remedy: 'add --allow-anonymous if that is meant, or leave --host out',
    },
  );
}
