// What a clean clone needs before its own code can run: dependencies and dist/.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

/** Why the lab cannot run here, as a sentence, or undefined; asked before anything is changed. */
export function whyNoLab() {
  if (process.platform !== 'linux')
    return `it needs Linux, and this machine runs ${process.platform}`;
  if (process.getuid?.() !== 0) return 'it needs root: lab hosts are systemd in namespaces';
  if (!existsSync('/usr/bin/apt-get')) return 'it needs apt: lab hosts are made of Debian packages';
  return undefined;
}

/** Why this Node cannot run the project, as a sentence, or undefined. */
export function whyNotThisNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const fits = major > 20 || (major === 20 && minor >= 19);
  return fits ? undefined : `it needs Node 20.19 or later, and this is ${process.versions.node}`;
}

/** Installs what package-lock.json names unless it is there already; returns whether that worked. */
export function install() {
  if (isInstalled()) return true;
  return run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund']);
}

/** Makes dist/ from src/; returns whether that worked. */
export function build() {
  return run(process.execPath, ['scripts/build.mjs']);
}

/** Runs a program with our terminal; returns whether it ended with 0. */
export function run(file, args) {
  return spawnSync(file, args, { cwd: root, stdio: 'inherit' }).status === 0;
}

function isInstalled() {
  const installed = packages('node_modules/.package-lock.json');
  if (installed === undefined) return false;
  return Object.entries(packages('package-lock.json') ?? {}).every(
    ([path, wanted]) =>
      // Of the optional ones npm installs what fits this machine.
      path === '' || wanted.optional === true || installed[path]?.version === wanted.version,
  );
}

function packages(lockFile) {
  const path = new URL(`../${lockFile}`, import.meta.url);
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')).packages : undefined;
}
