// Runs test files by ava and counts what its TAP says.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { root } from './prepare.mjs';

/** What is running: an interrupted run ends it. */
export const children = new Set();

/** Runs test files once and counts their tests; an end without a failed test counts as one. */
export async function ava(files, env, say = console.log, options = []) {
  const cli = 'node_modules/ava/entrypoints/cli.mjs';
  const child = spawn(process.execPath, [cli, '--tap', ...options, ...files], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...env, FORCE_COLOR: '0' },
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
