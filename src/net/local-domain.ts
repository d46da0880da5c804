import { hostname } from 'node:os';

/** The DNS domain that this machine is in, by its own name; that name itself if it is in none. */
export function localDomain(name: string = hostname()): string {
  const dot = name.indexOf('.');
  return dot < 0 ? name : name.slice(dot + 1);
}
