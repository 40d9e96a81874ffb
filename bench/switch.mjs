// Compares a live switch of three members to https, both stages without --finish, with two bare rolling restarts of the
// same cluster, in one run on lab hosts. Prints the ratio; asserts nothing.
//
// usage: npm run bench:switch [-- --rounds 3]
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { bareRestart, readLab } from './lab.mjs';
import { median, seconds } from './measure.mjs';

const VERSION = '3.5.30';
const LAB = 'bench-switch';
const cli = fileURLToPath(new URL('../dist/cli.js', import.meta.url));
const { values: options } = parseArgs({ options: { rounds: { type: 'string', default: '3' } } });

const work = mkdtempSync(join(tmpdir(), 'provision-bench-'));
const log = (name) => join(work, `${name}.log`);
const provision = (name, ...args) => seconds(log(name), process.execPath, [cli, ...args]);

await provision('lab-up', 'lab', 'up', '3', '--name', LAB, '--etcd', VERSION);
try {
  await compare();
} finally {
  await provision('lab-down', 'lab', 'down', '--name', LAB);
}
rmSync(work, { recursive: true });

async function compare() {
  const lab = readLab(LAB);
  const own = readFileSync(join(lab.directory, 'inventory.yaml'), 'utf8');
  const [http, https] = ['http', 'https'].map((protocol) => {
    const path = join(work, `${protocol}.yaml`);
    writeFileSync(path, own.replace(/^etcd:/m, `protocol: ${protocol}\netcd:`));
    return path;
  });
  const timings = { bare: [], live: [] };
  await provision('up', 'up', http, '--yes');
  for (let round = 0; round < Number(options.rounds); round++) {
    const restart = () => bareRestart(log('bare'), lab, 'http');
    timings.bare.push((await restart()) + (await restart()));
    timings.live.push(await provision('live', 'migrate', https, '--to', 'https', '--yes'));
    await provision(
      'back',
      'migrate',
      http,
      '--to',
      'http',
      '--accept-plaintext',
      '--finish',
      '--yes',
    );
  }
  const [live, bare] = [median(timings.live), median(timings.bare)];
  console.log(
    `three hosts, etcd ${VERSION}, ${cpus().length} cores, load ${loadavg()[0].toFixed(1)}`,
  );
  console.log(
    `live switch : two bare rolling restarts  ${(live / bare).toFixed(2)} ×   (${all(timings.live)} : ${all(timings.bare)}; goal at most 3)`,
  );
}

function all(values) {
  return values.map((value) => `${value.toFixed(1)} s`).join(', ');
}
