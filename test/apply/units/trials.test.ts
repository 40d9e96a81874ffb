import { chmod, mkdir, readFile, rename, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { rollOut } from '../../../src/apply/roll-out.ts';
import { onHost } from '../../../src/plan/lane.ts';
import { planOf } from '../../../src/plan/make-plan.ts';
import type { Wave } from '../../../src/plan/plan.ts';
import type { HostStep } from '../../../src/plan/step.ts';
import { type Machines, machines } from '../machine.ts';

// The trial becomes another account.
const asRoot = process.getuid?.() === 0 ? test : test.skip;
const because = 'a test wants it';

/** Writes an etcd of this version that counts how often it is asked for it. */
async function install({ directory }: Machines, host: string, version: string): Promise<string> {
  const programs = join(directory, `${host}-programs`);
  await mkdir(programs, { recursive: true });
  const ran = join(programs, 'ran');
  await writeFile(ran, '', { flag: 'a' });
  await Promise.all([chmod(directory, 0o755), chmod(ran, 0o666)]);
  const path = join(programs, 'etcd');
  await writeFile(
    `${path}.new`,
    `#!/bin/sh\necho ${host} >> ${ran}\necho "etcd Version: ${version}"\n`,
  );
  await chmod(`${path}.new`, 0o755);
  await rename(`${path}.new`, path);
  return path;
}

const trials = async (path: string) => {
  const said = await readFile(join(path, '../ran'), 'utf8');
  return said.split('\n').length - 1;
};

function turn(host: string, number: number, path: string, ...first: readonly HostStep[]): Wave {
  const program = { path, version: '3.5.16', account: 'nobody', unitFile: '' };
  const restart: HostStep = { kind: 'restart-unit', unit: 'etcd', program, because };
  return {
    title: `restart ${host}`,
    turn: { number, of: 2 },
    lanes: [onHost(host, [...first, restart])],
    gate: [],
    undo: [],
  };
}

const STOPS = ['etcd01 stop etcd.service', 'etcd02 stop etcd.service'];
const stopsOf = async (all: Machines) =>
  (await all.told()).filter((line) => line.includes(' stop '));

asRoot('rollOut() tries each program once, beside what goes before its turn', async (t) => {
  const all = await machines(t);
  const [one, two] = [
    await install(all, 'etcd01', '3.5.16'),
    await install(all, 'etcd02', '3.5.16'),
  ];
  const waves = [turn('etcd01', 1, one), turn('etcd02', 2, two)];
  await rollOut(planOf(all.desired, waves), all.site(5), 'nothing');
  t.deepEqual(await stopsOf(all), STOPS);
  t.deepEqual([await trials(one), await trials(two)], [1, 1]);
});

asRoot('rollOut() stops no member whose program was replaced behind its trial', async (t) => {
  const all = await machines(t);
  const [one, two] = [
    await install(all, 'etcd01', '3.5.16'),
    await install(all, 'etcd02', '3.5.16'),
  ];
  const waves = [turn('etcd01', 1, one), turn('etcd02', 2, two)];
  const replaced = async () => {
    while ((await trials(two)) === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    await install(all, 'etcd02', '3.6.0');
    return true;
  };
  const error = await t.throwsAsync(
    rollOut(planOf(all.desired, waves), all.site(5), 'nothing', replaced),
  );
  t.regex(error?.message ?? '', /etcd is etcd 3\.6\.0, and 3\.5\.16 is to be started; nothing was/);
  t.deepEqual(await stopsOf(all), STOPS.slice(0, 1));
});

asRoot('rollOut() tries a program again that may not be executed any more', async (t) => {
  const all = await machines(t);
  const [one, two] = [
    await install(all, 'etcd01', '3.5.16'),
    await install(all, 'etcd02', '3.5.16'),
  ];
  const forbidden = async () => {
    while ((await trials(two)) === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    await chmod(two, 0o644);
    return true;
  };
  const waves = [turn('etcd01', 1, one), turn('etcd02', 2, two)];
  const error = await t.throwsAsync(
    rollOut(planOf(all.desired, waves), all.site(5), 'nothing', forbidden),
  );
  t.regex(error?.message ?? '', /etcd does not run there: .*; nothing was stopped for it/);
  t.deepEqual(await stopsOf(all), STOPS.slice(0, 1));
});

asRoot('rollOut() tries what the link will lead to, not what it leads to yet', async (t) => {
  const all = await machines(t);
  const link = join(all.directory, 'current');
  const former = await install(all, 'etcd01', '3.5.10');
  const later = await install(all, 'etcd03', '3.5.16');
  await symlink(join(former, '..'), link);
  const point: HostStep = { kind: 'point-link', link, target: join(later, '..'), because };
  const waves = [turn('etcd01', 1, join(link, 'etcd'), point)];
  await rollOut(planOf(all.desired, waves), all.site(5), 'nothing');
  t.deepEqual(await stopsOf(all), STOPS.slice(0, 1));
  t.deepEqual([await trials(former), await trials(later)], [0, 1]);
});
