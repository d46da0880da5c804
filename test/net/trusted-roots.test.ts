import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { afterAll, expect, it } from 'vitest';
import { trustedRoots } from '../../src/net/trusted-roots.ts';

const folder = mkdtempSync(join(tmpdir(), 'mqttk-roots-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A file that looks like one of certificates, and is known again. */
function file(name: string): string {
  const path = join(folder, name);
  writeFileSync(path, `-----BEGIN CERTIFICATE-----${name}`);
  return path;
}

const known = (roots: readonly string[]) => roots.map((root) => root.replace(/^-.*-/, ''));

it('are those of the system, from the first file that is there', () => {
  const files = [join(folder, 'none'), file('first'), file('second')];
  expect(known(trustedRoots({}, files))).toEqual(['first']);
});

it("are those that variables name, before the system's", () => {
  const sub = join(folder, 'dir');
  mkdirSync(sub);
  const env = { SSL_CERT_FILE: file('named'), SSL_CERT_DIR: `${join(folder, 'none')}:${sub}` };
  file('dir/in');
  writeFileSync(join(sub, 'notes.txt'), 'none of them');
  expect(known(trustedRoots(env, [file('system')]))).toEqual(['named', 'dir/in']);
});

it("are Node's where there are no others", () => {
  expect(trustedRoots({}, [])).toEqual(rootCertificates);
  expect(trustedRoots({ SSL_CERT_FILE: join(folder, 'none') }, [])).toEqual(rootCertificates);
});

it('are always those, too, that Node is told of', () => {
  const env = { NODE_EXTRA_CA_CERTS: file('extra') };
  expect(known(trustedRoots(env, [file('system')]))).toEqual(['system', 'extra']);
});
