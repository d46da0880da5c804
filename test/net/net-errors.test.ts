import { expect, it } from 'vitest';
import { dialError, listenError, noAnswerError } from '../../src/net/net-errors.ts';

function systemError(code: string, errno = 0): Error {
  return Object.assign(new Error(`connect ${code}`), { code, errno });
}

it('explains a refused connection', () => {
  const error = dialError(systemError('ECONNREFUSED', -111), { host: 'localhost', port: 1883 });
  expect(error).toMatchObject({
    kind: 'connect',
    message: 'cannot connect to localhost:1883: connection refused',
    why: 'nothing listens on that port',
    remedy: 'start a broker with "mqttk broker", or give -h and -p',
  });
});

it.each([
  ['ENOTFOUND', 'cannot find host brokr.lan', 'DNS has no address for it'],
  ['EAI_AGAIN', 'cannot find host brokr.lan', 'no DNS server answers'],
  ['ETIMEDOUT', 'cannot connect to brokr.lan:1: no answer', 'the host is down, or'],
  ['EHOSTUNREACH', 'cannot connect to brokr.lan:1: ', 'no network leads there'],
  ['ENETUNREACH', 'cannot connect to brokr.lan:1: ', 'no network leads there'],
])('explains %s when connecting', (code, message, why) => {
  const error = dialError(systemError(code), { host: 'brokr.lan', port: 1 });
  expect(error.message.slice(0, message.length)).toBe(message);
  expect(error.why?.slice(0, why.length)).toBe(why);
  expect(error).toMatchObject({ kind: 'connect', remedy: expect.stringMatching(/^check /) });
});

it.each([
  ['EMFILE', 'this process may open no more files', 'ulimit -n'],
  ['EADDRNOTAVAIL', 'this machine has no such address, or no local port', 'wait a minute'],
])('explains %s where many connect', (code, why, remedy) => {
  const error = dialError(systemError(code), { host: 'h', port: 1 });
  expect(error.why?.slice(0, why.length)).toBe(why);
  expect(error.remedy).toContain(remedy);
});

it('says of an error that it does not know what the system says', () => {
  const cause = systemError('EPROTO');
  expect(dialError(cause, { host: '::1', port: 1 })).toMatchObject({
    message: 'cannot connect to [::1]:1: connect EPROTO',
    cause,
  });
});

it.each([
  [['ENETUNREACH', 'ECONNREFUSED'], 'nothing listens'],
  [['ECONNREFUSED', 'ENETUNREACH'], 'nothing listens'],
  [['ETIMEDOUT', 'ENETUNREACH'], 'the host is down'],
  [['EADDRNOTAVAIL', 'EHOSTUNREACH'], 'no network'],
])('explains the most telling failure of several addresses: %j', (codes, why) => {
  const error = new AggregateError(codes.map((code) => systemError(code)));
  expect(dialError(error, { host: 'h', port: 1 }).why?.slice(0, why.length)).toBe(why);
});

it('names the time that passed without an answer', () => {
  expect(noAnswerError({ host: 'h', port: 1 }, 1500).message).toBe(
    'cannot connect to h:1: no answer within 1.5 s',
  );
});

it.each([
  ['EADDRINUSE', 'port 80 is taken', 'or choose another port with -p'],
  ['EACCES', 'port 80 is not allowed', 'choose a port from 1024 up'],
  ['EADDRNOTAVAIL', 'cannot listen on 192.0.2.1', '"ip address" lists'],
  ['ENOTFOUND', 'cannot find host 192.0.2.1', 'give an address'],
])('explains %s when listening', (code, message, remedy) => {
  const error = listenError(systemError(code), '192.0.2.1', 80);
  expect(error).toMatchObject({ kind: 'environment', message });
  expect(error.remedy).toContain(remedy);
});

it('shows how to find out who has taken a port', () => {
  expect(listenError(systemError('EADDRINUSE'), 'localhost', 1883)).toMatchObject({
    why: 'another program listens there already, often the mosquitto service',
    remedy: 'stop it ("ss -ltnp | grep :1883" shows it), or choose another port with -p',
  });
});
