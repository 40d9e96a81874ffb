// npm test: format, lint, types, unit tests, end-to-end tests. The last line is the sum of them all.
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { build, install, root, run, whyNotThisNode } from './prepare.mjs';

const sum = { passed: 0, failed: 0, skipped: 0 };
const failures = [];
const children = new Set();
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
const unitOnly = process.argv.includes('--unit');

for (const signal of ['SIGTERM', 'SIGINT'])
  process.on(signal, () => {
    if (!interrupted) fail(`interrupted by ${signal}`);
    interrupted = true;
    for (const child of children) child.kill(signal);
  });

const obstacle = whyNotThisNode();
if (obstacle !== undefined) fail(`npm test cannot run here: ${obstacle}`);
else if (!install()) fail('npm ci failed');
else await everything();

conclude();

function conclude() {
  for (const [at, sentence] of failures.entries())
    console.log(`${at === 0 ? '\nfailed:\n' : ''}✘ ${sentence}`);
  console.log(`${sum.passed} passed, ${sum.failed} failed, ${sum.skipped} skipped`);
  process.exitCode = sum.failed === 0 ? 0 : 1;
}

async function everything() {
  const built = build();
  if (!built) fail('the build failed');
  if (!run(process.execPath, ['node_modules/@biomejs/biome/bin/biome', 'check', '.']))
    fail('format or lint: npx biome check --write .');
  if (!run(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'test']))
    fail('types: npx tsc -p test');

  const files = testFiles('test');
  const endToEnd = files.filter((file) => file.startsWith('test/e2e/'));
  const unit = files.filter((file) => !endToEnd.includes(file));
  if (!built) return skip(files, 'the build failed');

  const { findProgram, installMissing, whyNoLab } = await import('../build/lab/preflight.js');
  const why = await whyNoLab();
  // Where they cannot be installed, the tests that need them are skipped.
  if (!unitOnly && why === undefined)
    await installMissing(PROGRAMS, console.log).catch(({ message }) => console.log(message));

  const dialled = unit.filter((file) => file.startsWith('test/ssh/'));
  const hasSshd = (await findProgram('sshd')) !== undefined;
  if (!hasSshd) skip(dialled, 'no sshd is installed (apt-get install openssh-server)');
  add(await ava(hasSshd ? unit : unit.filter((file) => !dialled.includes(file))));

  if (unitOnly || interrupted || endToEnd.length === 0) return;
  if (why !== undefined) return skip(endToEnd, why);
  await onHosts(endToEnd);
}

/**
 * Runs the end-to-end files, one more at a time than there are processors, since they wait a lot. They share this machine
 * with each other and whatever else it does, so a file that fails is run once more, alone and loudly; what fails twice
 * has failed.
 */
async function onHosts(files) {
  const waiting = [...files];
  const again = [];
  const lane = async () => {
    for (let file = waiting.shift(); file !== undefined && !interrupted; file = waiting.shift()) {
      const run = await onHost(file);
      if (run.failures.length > 0) again.push({ file, ...run });
      else add(run);
    }
  };
  await Promise.all(Array.from({ length: cpus().length + 1 }, lane));
  for (const { file, failures } of again) {
    if (interrupted) return;
    console.log(
      `${'!'.repeat(78)}\n!! ${file} failed and is run once more: ${failures.join('; ')}`,
    );
    const run = await onHost(file);
    add(run);
    if (run.failures.length === 0) console.log(`!! ${file} passed on its second run`);
  }
}

/** Runs one end-to-end file; what it says is shown in one piece, so that files side by side do not mix. */
async function onHost(file) {
  const began = Date.now();
  const lines = [];
  const result = await ava([file], (line) => lines.push(line), ['--timeout=15m']);
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

/** Runs test files by ava, says and counts what its TAP says; an end without a failed test counts as one. */
async function ava(files, say = console.log, options = []) {
  const cli = 'node_modules/ava/entrypoints/cli.mjs';
  const child = spawn(process.execPath, [cli, '--tap', ...options, ...files], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, FORCE_COLOR: '0' },
  });
  children.add(child);
  const result = { passed: 0, skipped: 0, failures: [] };
  const closed = new Promise((resolve) => child.once('close', resolve));
  for await (const line of createInterface({ input: child.stdout })) hear(line, result, say);
  const code = await closed;
  children.delete(child);
  if (code !== 0 && result.failures.length === 0) {
    result.failures.push(`${files.length === 1 ? files[0] : 'ava'} ended with ${code}`);
    say(`✘ ${result.failures[0]}`);
  }
  return result;
}

/** One line of TAP. */
function hear(line, result, say) {
  const [, not, title, directive] =
    /^(not )?ok \d+ - (.*?)(?: # (SKIP|TODO)\b.*)?$/.exec(line) ?? [];
  // A hook failed, and these could not run.
  result.skipped += Number(/^# (\d+) tests? remaining in /.exec(line)?.[1] ?? 0);
  if (title === undefined) {
    // Plan, version and totals of TAP; ours come last.
    if (!/^(TAP version|\d+\.\.\d+|# (tests|pass|skip|fail|todo) |---|$)/.test(line)) say(line);
  } else if (directive !== undefined) {
    result.skipped += 1;
    say(`- ${title}`);
  } else if (not === undefined) {
    result.passed += 1;
    say(`✔ ${title}`);
  } else {
    result.failures.push(title);
    say(`✘ ${title}`);
  }
}

function add({ passed, skipped, failures: more }) {
  sum.passed += passed;
  sum.skipped += skipped;
  sum.failed += more.length;
  failures.push(...more);
}
