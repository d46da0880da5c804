// What `npm test` needs before it can run: the packages of the lock file, and a build of these sources.
import { execSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';

const run = (command) => execSync(command, { stdio: ['ignore', 'inherit', 'inherit'] });

const installed = 'node_modules/.package-lock.json';
const isCurrent =
  existsSync(installed) && statSync(installed).mtimeMs >= statSync('package-lock.json').mtimeMs;
// `npm ci` builds too. NODE_ENV=production would leave out what the tests stand on.
run(isCurrent ? 'npm run --silent build' : 'npm ci --include=dev --no-audit --no-fund');
