// Compares what a cluster goes through in its life with the least that it takes by hand, on lab hosts, in one run: a rolling
// restart by `up` with a bare one over ssh, an upgrade with a rolling restart and a bare copy of the programs. Prints ratios
// with the medians beside them, and how long a member takes to join; asserts nothing.
//
// usage: npm run bench:life [-- --rounds 5 --upgrades 2 --joins 2]
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { bareRestart, readLab, writeInventory } from './lab.mjs';
import { median, run, seconds, spread } from './measure.mjs';

const [FROM, TO] = ['3.5.16', '3.5.33'];
const LAB = 'bench-life';
const inTree = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    upgrades: { type: 'string', default: '2' },
    joins: { type: 'string', default: '2' },
    cli: { type: 'string', default: inTree('dist/cli.js') },
  },
});

const work = mkdtempSync(join(tmpdir(), 'provision-bench-'));
const log = (name) => join(work, `${name}.log`);
const provision = (name, ...args) => seconds(log(name), process.execPath, [options.cli, ...args]);
const up = (name, inventory, ...more) => provision(name, 'up', inventory, '--yes', ...more);

await seconds(log('programs'), process.execPath, [inTree('scripts/programs.mjs'), FROM, TO]);
await provision('lab-up', 'lab', 'up', '4', '--name', LAB, '--etcd', FROM);
try {
  await live(readLab(LAB));
} finally {
  await provision('lab-down', 'lab', 'down', '--name', LAB);
}
rmSync(work, { recursive: true });

async function live(lab) {
  const [three, fourth] = [lab.hosts.slice(0, 3), lab.hosts.slice(3)];
  const inventory = (name, settings) => writeInventory(join(work, `${name}.yaml`), lab, settings);
  const from = inventory('from', { hosts: three, version: FROM });
  const to = inventory('to', { hosts: three, version: TO });
  const four = inventory('four', { hosts: lab.hosts, version: FROM });
  const counting = [20_000, 30_000].map((count) =>
    inventory(`count-${count}`, {
      ...{ hosts: three, version: FROM },
      more: `  settings: {snapshot-count: ${count}}\n`,
    }),
  );
  const timings = { bare: [], rolling: [], again: [], upload: [], upgrade: [], join: [] };

  await begin(lab, three, from);
  for (let round = 0; round < Number(options.rounds); round++) {
    const changed = counting[round % 2];
    // The one that comes second finds another leader and warmer caches, so they take turns.
    const pair = [
      async () =>
        timings.bare.push(await bareRestart(log('bare'), { ...lab, hosts: three }, 'https')),
      async () => timings.rolling.push(await up('rolling', changed)),
    ];
    for (const one of round % 2 === 0 ? pair : pair.toReversed()) await one();
    timings.again.push(await up('again', changed));
  }
  await begin(lab, three, from);
  for (let round = 0; round < Number(options.upgrades); round++) {
    timings.upload.push(await copy(lab, three, TO, '/opt/bench'));
    timings.upgrade.push(await up('upgrade', to));
    await begin(lab, three, from);
  }
  for (let round = 0; round < Number(options.joins); round++) {
    await copy(lab, fourth, FROM, `/opt/etcd/${FROM}`);
    timings.join.push(await up('join', four));
    await up('leave', from, '--remove', ...fourth.map(({ name }) => name));
  }
  print(timings);
}

/** A cluster from nothing: no later version goes back to an earlier one. */
async function begin({ sshConfig }, hosts, inventory) {
  const names = hosts.map(({ name }) => name);
  await run(log('reset'), inTree('bench/reset.sh'), [sshConfig, ...names]);
  rmSync(join(work, 'bench.pki'), { recursive: true, force: true });
  await up('begin', inventory);
}

/** Seconds in which the programs travel to all these hosts side by side, each in one stream. */
async function copy({ programs, sshConfig }, hosts, version, directory) {
  const source = programs(version);
  const receive = `mkdir -p ${directory} && tar -C ${directory} --no-same-owner -x && sync ${directory}/*`;
  const send = ({ name }) =>
    `tar -C ${source}/. -c . | ssh -F ${sshConfig} -o Ciphers=aes128-gcm@openssh.com ${name} '${receive}'`;
  const each = await Promise.all(
    hosts.map((host) => seconds(log(`copy-${host.name}`), 'sh', ['-c', send(host)])),
  );
  return Math.max(...each);
}

function print({ bare, rolling, again, upload, upgrade, join: joined }) {
  const load = loadavg()[0]?.toFixed(1);
  console.log(`three hosts, etcd ${FROM}, ${cpus().length} cores, load ${load}\n`);
  const line = (what, value, seen, goal) =>
    console.log(`${what.padEnd(46)} ${value.padStart(8)}   (${seen}; goal ${goal})`);
  const times = (ratio) => `${ratio.toFixed(2)} ×`;
  line(
    'change of a setting : bare rolling restart',
    times(median(rolling) / median(bare)),
    `${spread(rolling)} : ${spread(bare)}`,
    'at most 1.2',
  );
  line(
    'upgrade : change of a setting and a bare copy',
    times(median(upgrade) / (median(rolling) + median(upload))),
    `${spread(upgrade)} : ${spread(rolling)} and ${spread(upload)}`,
    'at most 1.3',
  );
  line('a member joins', `${median(joined).toFixed(2)} s`, spread(joined), 'at most 5 s');
  line('second up', `${median(again).toFixed(2)} s`, spread(again), 'at most 0.6 s');
}
