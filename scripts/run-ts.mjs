// Runs a script of this folder that is written in TypeScript: Node 20 cannot do so by itself.
import { mkdirSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const [script, ...words] = process.argv.slice(2);
const folder = resolve('node_modules/.cache/mqttk');
mkdirSync(folder, { recursive: true });
const outfile = resolve(folder, `script-${process.pid}.mjs`);
await build({
  entryPoints: [script],
  outfile,
  bundle: true,
  packages: 'external',
  platform: 'node',
  format: 'esm',
  logLevel: 'warning',
});
process.argv.splice(1, process.argv.length - 1, script, ...words);
try {
  await import(pathToFileURL(outfile).href);
} finally {
  rmSync(outfile, { force: true });
}
