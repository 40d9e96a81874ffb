// Compares `provision up` with a hand-written shell script and with an Ansible playbook that do the same work, on three
// lab hosts, in one run. Prints ratios with the medians beside them; asserts nothing.
//
// usage: npm run bench [-- --rounds 5 --playbook-rounds 2 --keep]
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { readLab, writeInventory } from './lab.mjs';
import { median, peakMebibytes, run, seconds, spread } from './measure.mjs';

const VERSION = '3.5.30';
const LAB = 'bench';
const here = fileURLToPath(new URL('.', import.meta.url));

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    'playbook-rounds': { type: 'string', default: '2' },
    keep: { type: 'boolean', default: false },
    cli: { type: 'string', default: join(here, '../dist/cli.js') },
  },
});

const work = mkdtempSync(join(tmpdir(), 'provision-bench-'));
const log = (name) => join(work, `${name}.log`);
const provision = (name, ...args) => seconds(log(name), process.execPath, [options.cli, ...args]);

await needAnsible();
await provision('lab-up', 'lab', 'up', '3', '--name', LAB, '--etcd', VERSION);
try {
  await compare(readLab(LAB));
} finally {
  if (!options.keep) await provision('lab-down', 'lab', 'down', '--name', LAB);
}
rmSync(work, { recursive: true });

async function compare(lab) {
  const inventory = join(work, 'up', 'inventory.yaml');
  const wanted = { hosts: lab.hosts, version: VERSION };
  const timings = { up: [], shell: [], again: [], playbook: [], playbookAgain: [], help: [] };

  for (let round = 0; round < Number(options.rounds); round++) {
    // The one that comes second finds warmer caches, so they take turns.
    const pair = [coldShell, coldUp];
    for (const cold of round % 2 === 0 ? pair : pair.toReversed()) await cold();
  }
  for (let round = 0; round < Number(options['playbook-rounds']); round++) await playbook();
  const peak = await peakOfColdUp();
  for (let round = 0; round < 10; round++) timings.help.push(await provision('help', '--help'));
  print(timings, peak);

  async function coldShell() {
    await bare(lab);
    const directory = fresh('shell');
    const members = lab.hosts.map(({ name, address }) => `${name}=${address}`);
    const args = [directory, lab.programs(VERSION), VERSION, lab.sshConfig, ...members];
    timings.shell.push(await seconds(log('shell'), join(here, 'parallel-shell.sh'), args));
  }

  async function coldUp() {
    await bare(lab);
    writeInventory(join(fresh('up'), 'inventory.yaml'), lab, wanted);
    timings.up.push(await provision('up', 'up', inventory, '--yes'));
    for (let again = 0; again < 3; again++) {
      timings.again.push(await provision('up-again', 'up', inventory, '--yes'));
    }
  }

  async function playbook() {
    await bare(lab);
    const directory = fresh('playbook');
    writeFileSync(join(directory, 'hosts.ini'), hostsText(lab));
    const given = {
      pki: directory,
      programs: lab.programs(VERSION),
      version: VERSION,
      token: 'bench',
    };
    const args = ['-i', join(directory, 'hosts.ini'), join(here, 'ansible/playbook.yaml')];
    const extra = Object.entries(given).flatMap(([name, value]) => ['-e', `${name}=${value}`]);
    const environment = {
      ANSIBLE_CONFIG: join(here, 'ansible/ansible.cfg'),
      ANSIBLE_SSH_CONTROL_PATH_DIR: join(work, 'connections'),
    };
    for (const into of [timings.playbook, timings.playbookAgain]) {
      const took = await seconds(
        log('playbook'),
        'ansible-playbook',
        [...args, ...extra],
        environment,
      );
      into.push(took);
    }
  }

  async function peakOfColdUp() {
    await bare(lab);
    writeInventory(join(fresh('up'), 'inventory.yaml'), lab, wanted);
    return peakMebibytes(log('up-peak'), [options.cli, 'up', inventory, '--yes']);
  }
}

function print({ up, shell, again, playbook, playbookAgain, help }, peak) {
  const load = loadavg()[0]?.toFixed(1);
  console.log(`three hosts, etcd ${VERSION}, ${cpus().length} cores, load ${load}\n`);
  const ratio = (what, one, other, goal) =>
    console.log(
      `${what.padEnd(38)} ${(median(one) / median(other)).toFixed(2).padStart(6)} ×   (${spread(one)} : ${spread(other)}; goal ${goal})`,
    );
  const single = (what, value, goal) => console.log(`${what.padEnd(38)} ${value}   (goal ${goal})`);
  ratio('cold up : shell script', up, shell, 'at most 1.3');
  ratio('playbook : cold up', playbook, up, 'at least 8');
  ratio("playbook's second run : second up", playbookAgain, again, 'at least 20');
  single('second up', spread(again), 'at most 0.6 s');
  single('peak memory of a cold up', `${peak.toFixed(0)} MiB`, 'under 120 MB');
  single('provision --help', spread(help), 'under 0.2 s');
}

async function bare(lab) {
  const names = lab.hosts.map(({ name }) => name);
  await run(log('reset'), join(here, 'reset.sh'), [lab.sshConfig, ...names]);
}

function fresh(name) {
  const directory = join(work, name);
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  return directory;
}

function hostsText({ hosts, sshConfig }) {
  const members = hosts.map(({ name, address }) => `${name} address=${address}\n`);
  return `[etcd]
${members.join('')}
[etcd:vars]
ansible_user=root
ansible_ssh_common_args='-F ${sshConfig} -o ControlMaster=auto -o ControlPersist=60s -o Ciphers=aes128-gcm@openssh.com'
`;
}

async function needAnsible() {
  if (existsSync('/usr/bin/ansible-playbook')) return;
  console.log('installing ansible-core');
  await run(log('apt'), 'apt-get', ['install', '--yes', '--no-install-recommends', 'ansible-core']);
}
