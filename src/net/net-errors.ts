import { CallerError } from '../base/caller-error.ts';
import { renderHostPort } from './host-port.ts';
import type { SocketAddress } from './open-socket.ts';
import { systemErrorCode, systemErrorText } from './system-error.ts';

/** Explains why no connection to an address came about; `option` is the one that gave its name. */
export function dialError(error: unknown, address: SocketAddress, option = '-h'): CallerError {
  if ('path' in address) return unixDialError(error, address.path);
  const { host } = address;
  const cause = mostTelling(error);
  const what = `cannot connect to ${renderAddress(address)}: ${systemErrorText(cause)}`;
  const explain = (message: string, why?: string, remedy?: string) =>
    new CallerError('connect', message, { why, remedy, cause: error });
  switch (systemErrorCode(cause)) {
    case 'ECONNREFUSED': {
      const remedy = 'start a broker with "mqttk broker", or give -h and -p';
      return explain(what, 'nothing listens on that port', remedy);
    }
    case 'ENOTFOUND': {
      const why = 'DNS has no address for it';
      return explain(`cannot find host ${host}`, why, `check the spelling of ${option}`);
    }
    case 'EAI_AGAIN': {
      const remedy = `check the network of this machine, or give an address with ${option}`;
      return explain(`cannot find host ${host}`, 'no DNS server answers', remedy);
    }
    case 'ETIMEDOUT':
      return noAnswerError(address);
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return explain(what, 'no network leads there', 'check -h and the network of this machine');
    case 'EMFILE':
      return explain(what, 'this process may open no more files', 'allow more: "ulimit -n 100000"');
    case 'EADDRNOTAVAIL': {
      const why = 'this machine has no such address, or no local port is left for one more';
      return explain(what, why, 'check -h and -A; where many connect, wait a minute');
    }
    default:
      return explain(what);
  }
}

function unixDialError(cause: unknown, path: string): CallerError {
  const what = `cannot connect to ${path}: ${systemErrorText(cause)}`;
  const explain = (why?: string, remedy?: string) =>
    new CallerError('connect', what, { why, remedy, cause });
  switch (systemErrorCode(cause)) {
    case 'ECONNREFUSED':
      return explain('nobody listens on that unix socket', 'start the broker that made it');
    case 'ENOENT':
      return explain('there is no such file', 'start the broker that makes it, or check the path');
    case 'ENOTSOCK':
      return explain('this file is no unix socket', 'check the path');
    case 'EACCES':
      return explain('you may not write to it', 'ask who owns it ("ls -l"), or use another user');
    case 'EINVAL':
    case 'ENAMETOOLONG':
      return explain('the system takes about 100 characters', 'use a shorter path');
    default:
      return explain();
  }
}

/** Explains that nobody answered, be it within the time that the caller had set. */
export function noAnswerError(address: SocketAddress, timeoutMs?: number): CallerError {
  const within = timeoutMs === undefined ? '' : ` within ${timeoutMs / 1000} s`;
  const what = `cannot connect to ${renderAddress(address)}: no answer${within}`;
  const why = 'the host is down, or a firewall drops what is sent to it';
  return new CallerError('connect', what, { why, remedy: 'check -h and -p' });
}

/** Explains that somebody is there, and says nothing where it should. */
export function silentServerError(
  address: SocketAddress,
  what: string,
  timeoutMs: number,
): CallerError {
  const message = `no answer from ${renderAddress(address)} within ${timeoutMs / 1000} s`;
  const why = `it takes connections, and stays silent where ${what} begins`;
  return new CallerError('connect', message, { why, remedy: 'check host, port and scheme' });
}

/** Where a socket leads, as a person writes it: `[::1]:1883`, `/run/mqtt.sock`. */
export function renderAddress(address: SocketAddress): string {
  return 'path' in address ? address.path : renderHostPort(address.host, address.port);
}

/** Explains why `host` and `port` cannot be listened on. */
export function listenError(cause: unknown, host: string, port: number): CallerError {
  const explain = (message: string, why?: string, remedy?: string) =>
    new CallerError('environment', message, { why, remedy, cause });
  switch (systemErrorCode(cause)) {
    case 'EADDRINUSE': {
      const why = 'another program listens there already, often the mosquitto service';
      const search = `"ss -ltnp | grep :${port}" shows it`;
      const remedy = `stop it (${search}), or choose another port with -p`;
      return explain(`port ${port} is taken`, why, remedy);
    }
    case 'EACCES': {
      const why = 'the system keeps ports below 1024 for root';
      return explain(`port ${port} is not allowed`, why, 'choose a port from 1024 up with -p');
    }
    case 'EADDRNOTAVAIL': {
      const remedy = '"ip address" lists the addresses; "*" stands for all of them';
      return explain(`cannot listen on ${host}`, 'this machine has no such address', remedy);
    }
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return explain(`cannot find host ${host}`, 'DNS has no address for it', 'give an address');
    default:
      return explain(`cannot listen on ${renderHostPort(host, port)}: ${systemErrorText(cause)}`);
  }
}

/**
 * Where several addresses were tried, the failure of the one that came furthest: one that refused
 * is there, and one that did not answer was at least on the way.
 */
function mostTelling(error: unknown): unknown {
  if (!(error instanceof AggregateError)) return error;
  const errors: readonly unknown[] = error.errors;
  for (const code of ['ECONNREFUSED', 'ETIMEDOUT']) {
    const telling = errors.find((each) => systemErrorCode(each) === code);
    if (telling !== undefined) return telling;
  }
  return errors.at(-1) ?? error;
}
