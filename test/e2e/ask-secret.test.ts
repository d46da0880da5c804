import process from 'node:process';
import { expect, it } from 'vitest';
import { MQTTK } from '../support/broker-process.ts';
import { Child, run } from '../support/child.ts';
import { PYTHON } from '../support/peers.ts';
import { politely, ScriptedServer } from '../support/scripted-server.ts';

/** Runs a program on a terminal of its own, types into it when asked, and prints what it showed. */
const ON_A_TERMINAL = `
import os, pty, sys
seen = b''
pid, fd = pty.fork()
if pid == 0:
    os.execv(sys.argv[2], sys.argv[2:])
typed = False
while True:
    try:
        chunk = os.read(fd, 1024)
    except OSError:
        break
    if not chunk: break
    seen += chunk
    if not typed and b'Password: ' in seen:
        typed = True
        os.write(fd, sys.argv[1].encode())
os.write(1, seen)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
`;

async function ask(typed: string) {
  const server = await ScriptedServer.start(politely());
  const where = ['-h', '127.0.0.1', '-p', server.port, '-u', 'me'];
  const words = [MQTTK, 'pub', ...where, '-t', 'a', '-m', 'x', '--ask-password'];
  const ended = await run(PYTHON, ['-c', ON_A_TERMINAL, typed, process.execPath, ...words]);
  server.stop();
  return { ...ended, password: server.of('connect')[0]?.password };
}

it('asks on the terminal, and shows nothing of the answer', async () => {
  const { code, out, password } = await ask('gex\u007fheim\r');
  expect(code).toBe(0);
  expect(String(password)).toBe('geheim');
  expect(out).toBe('Password: \r\n');
});

it('ends where the answer is refused by Ctrl-C, and sends nothing', async () => {
  const { code, out, password } = await ask('ge\u0003');
  expect(code).toBe(2);
  expect(out).toContain('no password was given');
  expect(password).toBeUndefined();
});

it('says so where there is no terminal', async () => {
  const words = [MQTTK, 'pub', '-t', 'a', '-m', 'x', '-u', 'me', '--ask-password'];
  const child = new Child('setsid', ['-w', process.execPath, ...words]);
  expect(await child.ended).toEqual({ code: 2, signal: null });
  expect(child.err).toContain('there is no terminal');
});
