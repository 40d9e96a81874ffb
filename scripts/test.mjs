// npm test: format, lint, types, unit tests, end-to-end tests. The last line is the sum of them all.
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { build, install, root, run, whyNotThisNode } from './prepare.mjs';

const sum = { passed: 0, failed: 0, skipped: 0 };
const failures = [];
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

  const { findProgram, installMissing, whyNoLab } = await import('../dist/lab/preflight.js');
  const why = await whyNoLab();
  // Where they cannot be installed, the tests that need them are skipped.
  if (!unitOnly && why === undefined)
    await installMissing(PROGRAMS, console.log).catch(({ message }) => console.log(message));

  const dialled = unit.filter((file) => file.startsWith('test/ssh/'));
  const hasSshd = (await findProgram('sshd')) !== undefined;
  if (!hasSshd) skip(dialled, 'no sshd is installed (apt-get install openssh-server)');
  await ava(hasSshd ? unit : unit.filter((file) => !dialled.includes(file)));

  if (unitOnly || endToEnd.length === 0) return;
  if (why !== undefined) return skip(endToEnd, why);
  for (const file of endToEnd) await onHosts(file);
}

/**
 * Runs one end-to-end file. Real hosts share this machine with whatever else it does, so a file that fails is run once
 * more, loudly; what fails twice has failed.
 */
async function onHosts(file) {
  const before = { ...sum, failures: failures.length };
  const began = Date.now();
  await ava([file], ['--timeout=15m']);
  if (sum.failed > before.failed) {
    const first = failures.slice(before.failures);
    console.log(`${'!'.repeat(78)}\n!! ${file} failed and is run once more: ${first.join('; ')}`);
    failures.length = before.failures;
    Object.assign(sum, { passed: before.passed, failed: before.failed, skipped: before.skipped });
    await ava([file], ['--timeout=15m']);
    if (sum.failed === before.failed) console.log(`!! ${file} passed on its second run`);
  }
  console.log(`  ${file}: ${((Date.now() - began) / 1000).toFixed(0)} s`);
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

/** Runs test files by ava, shows and counts what its TAP says; an end without a failed test counts as one. */
async function ava(files, options = []) {
  const cli = 'node_modules/ava/entrypoints/cli.mjs';
  const child = spawn(process.execPath, [cli, '--tap', ...options, ...files], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, FORCE_COLOR: '0' },
  });
  let interrupted;
  const pass = (signal) => {
    interrupted = signal;
    child.kill(signal);
  };
  process.once('SIGTERM', pass).once('SIGINT', pass);

  const closed = new Promise((resolve) => child.once('close', resolve));
  const failedBefore = sum.failed;
  for await (const line of createInterface({ input: child.stdout })) show(line);
  const code = await closed;
  process.removeListener('SIGTERM', pass).removeListener('SIGINT', pass);
  if (interrupted !== undefined) {
    fail(`interrupted by ${interrupted}`);
    conclude();
    process.exit();
  }
  if (code !== 0 && sum.failed === failedBefore) fail(`ava ended with ${code}`);
}

function show(line) {
  const [, not, title, directive] =
    /^(not )?ok \d+ - (.*?)(?: # (SKIP|TODO)\b.*)?$/.exec(line) ?? [];
  // A hook failed, and these could not run.
  sum.skipped += Number(/^# (\d+) tests? remaining in /.exec(line)?.[1] ?? 0);
  if (title === undefined) {
    // Plan, version and totals of TAP; ours come last.
    if (!/^(TAP version|\d+\.\.\d+|# (tests|pass|skip|fail|todo) |---|$)/.test(line))
      console.log(line);
  } else if (directive !== undefined) {
    sum.skipped += 1;
    console.log(`- ${title}`);
  } else if (not === undefined) {
    sum.passed += 1;
    console.log(`✔ ${title}`);
  } else fail(title);
}
