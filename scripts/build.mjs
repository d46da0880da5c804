// Bundles src/main.ts into dist/: a file for each command, and mqttk.cjs for the words that are
// none. Beside each lies its compiled code, which bin/mqttk hands to V8: both together halve what
// the start of a command costs.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import process from 'node:process';
import { setFlagsFromString } from 'node:v8';
import { Script } from 'node:vm';
import { build } from 'esbuild';

const COMMAND_IMPORT = /import\('\.\/(\w+)-command\.ts'\)/g;
/** Loaded by who asks for help, looks at a terminal, or speaks WebSocket: beside the bundles. */
const LIBRARIES = { yargs: '.default', ora: '.default', ws: '' };
/** Addons that ws would use, and that we do not ship. */
const OPTIONAL = ['bufferutil', 'utf-8-validate'];

const COMMON = {
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20.19',
  // Modules of Node that are imported late come by require, which needs no loader.
  supported: { 'dynamic-import': false },
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none',
  logLevel: 'warning',
};

/** Leaves the other commands out of the bundle of one: nothing there can ask for them. */
function only(command) {
  return {
    name: 'only-one-command',
    setup(bundle) {
      bundle.onResolve({ filter: /-command\.ts$/ }, ({ kind, path }) => {
        const isOther = kind === 'dynamic-import' && path !== `./${command}-command.ts`;
        return isOther ? { path, namespace: 'left-out' } : undefined;
      });
      bundle.onLoad({ filter: /.*/, namespace: 'left-out' }, () => ({ contents: '' }));
      bundle.onResolve({ filter: /^\w+$/ }, ({ kind, path }) => {
        const isLate = kind === 'dynamic-import' && Object.hasOwn(LIBRARIES, path);
        return isLate ? { path: `../dist/${path}.cjs`, external: true } : undefined;
      });
    },
  };
}

function bundleCommand(name) {
  return build({
    ...COMMON,
    entryPoints: ['src/main.ts'],
    outfile: `dist/${name}.cjs`,
    plugins: [only(name)],
    // yargs-parser makes a require of it, for which a path is as good.
    define: { 'import.meta.url': '__filename' },
    banner: { js: '(function (require, __filename) {' },
    footer: { js: '})' },
  });
}

function bundleLibrary([name, member]) {
  const contents = `module.exports = require('${name}')${member};`;
  return build({
    ...COMMON,
    stdin: { contents, resolveDir: process.cwd() },
    external: OPTIONAL,
    outfile: `dist/${name}.cjs`,
    define: { 'import.meta.url': 'bundleUrl' },
    banner: { js: `const bundleUrl = require('node:url').pathToFileURL(__filename).href;` },
  });
}

/**
 * Compiled whole, not at each function's first call. Loading refuses what was compiled under other
 * flags, or by another V8, and compiles anew.
 */
function writeCompiled(name) {
  const file = `dist/${name}.cjs`;
  setFlagsFromString('--no-lazy');
  const script = new Script(readFileSync(file, 'utf8'), { filename: file });
  setFlagsFromString('--lazy');
  writeFileSync(`dist/${name}.v8`, script.createCachedData());
}

rmSync('dist', { recursive: true, force: true });
const source = readFileSync('src/cli/commands.ts', 'utf8');
const commands = [...source.matchAll(COMMAND_IMPORT)].map(([, name]) => name);
const names = ['mqttk', ...commands];
await Promise.all([...names.map(bundleCommand), ...Object.entries(LIBRARIES).map(bundleLibrary)]);
for (const name of names) writeCompiled(name);
