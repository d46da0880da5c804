import { execFileSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Before all tests: builds dist, which the e2e tests run, if it is missing or older than src. */
export function setup(): void {
  if (isCurrent()) return;
  execFileSync(process.execPath, ['scripts/build.mjs'], { cwd: root, stdio: 'inherit' });
}

/** Folders count too: a file that was deleted changes its folder alone. */
function isCurrent(): boolean {
  const built = statSync(`${root}/dist/mqttk.cjs`, { throwIfNoEntry: false });
  if (built === undefined) return false;
  const names = readdirSync(`${root}/src`, { recursive: true, encoding: 'utf8' });
  const sources = ['package-lock.json', 'scripts/build.mjs', 'src'];
  sources.push(...names.map((name) => `src/${name}`));
  return sources.every((file) => statSync(`${root}/${file}`).mtimeMs < built.mtimeMs);
}
