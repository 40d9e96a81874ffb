// npm test: format, lint, types, unit tests, end-to-end tests, each once. The last line is the sum of them all.
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { needsCompiled, runsWithAllAlone } from './needs.mjs';
import { build, install, root, run, whyNotThisNode } from './prepare.mjs';
import { clearScratch, makeScratch } from './scratch.mjs';
import { ava, children } from './tap.mjs';

const sum = { passed: 0, failed: 0, skipped: 0 };
const failures = [];
let interrupted = false;
/** What tests run beside the lab's programs, and the Debian package that brings it. */
const PROGRAMS = {
  sshd: 'openssh-server',
  openssl: 'openssl',
  cfssl: 'golang-cfssl',
  zsh: 'zsh',
  fish: 'fish',
  tcsh: 'tcsh',
};
/** What tests run on lab hosts: from Debian's packages, and compiled where Go is at hand. */
const ETCD = ['3.5.30', '3.5.16', '3.4.23', '3.3.25', '3.6.14', '3.7.1', '3.5.33'];

const unitOnly = process.argv.includes('--unit');
// Which of the sampled cases run is drawn anew each day (test/e2e/cases/extent.ts).
const seed = process.env.PROVISION_SEED ?? new Date().toISOString().slice(0, 10);
const scratch = makeScratch();
const env = { ...process.env, TMPDIR: scratch, PROVISION_SEED: seed };

for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'])
  process.on(signal, () => {
    if (!interrupted) fail(`interrupted by ${signal}`);
    interrupted = true;
    for (const child of children) child.kill(signal);
  });

try {
  const obstacle = whyNotThisNode();
  if (obstacle !== undefined) fail(`npm test cannot run here: ${obstacle}`);
  else if (!install()) fail('npm ci failed');
  else await everything();
} finally {
  for (const line of clearScratch(scratch)) fail(`tests left behind: ${line}`);
  conclude();
}

function conclude() {
  for (const [at, sentence] of failures.entries())
    console.log(`${at === 0 ? '\nfailed:\n' : ''}✘ ${sentence}`);
  console.log(`${sum.passed} passed, ${sum.failed} failed, ${sum.skipped} skipped`);
  process.exitCode = sum.failed === 0 ? 0 : 1;
}

async function everything() {
  const built = build();
  if (!built) fail('the build failed');
  const files = testFiles('test');
  if (!built) return skip(files, 'the build failed');

  const { findProgram, installMissing, whyNoLab } = await import('../build/lab/preflight.js');
  const why = await whyNoLab();
  const hasLab = !unitOnly && why === undefined;
  // Where they cannot be installed, the tests that need them are skipped.
  if (hasLab)
    await installMissing(PROGRAMS, console.log).catch(({ message }) => console.log(message));
  // Compiling takes minutes, so it begins first, beside all that needs no etcd.
  const compiled = hasLab ? etcdPrograms() : Promise.resolve();

  if (!run(process.execPath, ['node_modules/@biomejs/biome/bin/biome', 'check', '.']))
    fail('format or lint: npx biome check --write .');
  if (!run(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'test']))
    fail('types: npx tsc -p test');

  const endToEnd = files.filter(
    (file) =>
      file.startsWith('test/e2e/') &&
      (process.env.PROVISION_E2E === 'all' || !runsWithAllAlone(file)),
  );
  const late = hasLab
    ? files.filter((file) => !file.startsWith('test/e2e/') && needsCompiled(file))
    : [];
  let unit = files.filter((file) => !file.startsWith('test/e2e/') && !late.includes(file));
  if ((await findProgram('sshd')) === undefined) {
    const dialled = unit.filter((file) => file.startsWith('test/ssh/'));
    skip(dialled, 'no sshd is installed (apt-get install openssh-server)');
    unit = unit.filter((file) => !dialled.includes(file));
  }
  add(await ava(unit, env));

  if (unitOnly || interrupted) return;
  if (why !== undefined) return skip(endToEnd, why);
  console.log(`\nthe sampled cases are drawn with PROVISION_SEED=${seed}\n`);
  await onHosts([...endToEnd, ...late], compiled);
  const { endAbandonedLabs } = await import('../build/lab/owner.js');
  await endAbandonedLabs();
}

/** Has the programs of every etcd that tests run, in a process of its own; ends when they are there or cannot be had. */
function etcdPrograms() {
  const child = spawn(process.execPath, ['scripts/programs.mjs', ...ETCD], {
    cwd: root,
    stdio: 'inherit',
    env,
  });
  children.add(child);
  return new Promise((resolve) => {
    child.once('close', () => {
      children.delete(child);
      resolve();
    });
  });
}

/**
 * Runs the files, one more at a time than there are processors, since they wait a lot; those that need what is being
 * compiled come when it is there.
 */
async function onHosts(files, compiled) {
  let isCompiled = false;
  compiled.then(() => {
    isCompiled = true;
  });
  const waiting = files.map((file) => ({ file, late: needsCompiled(file) }));
  const next = () => {
    const at = waiting.findIndex(({ late }) => isCompiled || !late);
    return at < 0 ? undefined : waiting.splice(at, 1)[0]?.file;
  };
  const lane = async () => {
    while (!interrupted && waiting.length > 0) {
      const file = next();
      if (file === undefined) await compiled;
      else add(await onHost(file));
    }
  };
  await Promise.all(Array.from({ length: cpus().length + 1 }, lane));
}

/** Runs one end-to-end file; what it says is shown in one piece, so that files side by side do not mix. */
async function onHost(file) {
  const began = Date.now();
  const lines = [];
  const result = await ava([file], env, (line) => lines.push(line), ['--timeout=15m']);
  lines.push(`  ${file}: ${((Date.now() - began) / 1000).toFixed(0)} s`);
  console.log(lines.join('\n'));
  return result;
}

function skip(files, why) {
  const count = files
    .map((file) => readFileSync(join(root, file), 'utf8').match(/^\s*test(\.serial)?\(/gm)?.length)
    .reduce((total, found = 0) => total + found, 0);
  sum.skipped += count;
  const line = '!'.repeat(78);
  console.log(`${line}\n!! ${count} tests are SKIPPED: ${why}\n${line}`);
}

function fail(sentence) {
  sum.failed += 1;
  failures.push(sentence);
  console.log(`✘ ${sentence}`);
}

function testFiles(directory) {
  return readdirSync(join(root, directory), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.test.ts'))
    .map((file) => `${directory}/${file}`)
    .sort();
}

function add({ passed, skipped, failures: more }) {
  sum.passed += passed;
  sum.skipped += skipped;
  sum.failed += more.length;
  failures.push(...more);
}
