import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const PEAK = fileURLToPath(new URL('peak-memory.mjs', import.meta.url));

/** Seconds a program takes; what it prints goes to the log. Throws with the log's end when it fails. */
export async function seconds(log, program, args, environment = {}) {
  const began = performance.now();
  await run(log, program, args, environment);
  return (performance.now() - began) / 1000;
}

/** Peak resident memory of a node program, in MiB, as the kernel counted it. */
export async function peakMebibytes(log, args) {
  const file = `${log}.peak`;
  await run(log, process.execPath, ['--import', PEAK, ...args], { PROVISION_BENCH_PEAK: file });
  return Number(readFileSync(file, 'utf8')) / 1024;
}

export async function run(log, program, args, environment = {}) {
  const output = openSync(log, 'w');
  const child = spawn(program, args, {
    stdio: ['ignore', output, output],
    env: { ...process.env, ...environment },
  });
  closeSync(output);
  const code = await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  if (code === 0) return;
  const end = readFileSync(log, 'utf8').trimEnd().split('\n').slice(-20).join('\n');
  throw new Error(`${program} ${args.join(' ')} ended with ${code}; the end of ${log}:\n${end}`);
}

export function median(values) {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** The median of seconds, with the least, the most and how many there are. */
export function spread(values) {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  return `${median(values).toFixed(2)} s [${least.toFixed(2)}-${most.toFixed(2)}, n ${values.length}]`;
}
