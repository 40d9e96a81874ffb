import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { builtCli } from '../lab/build.ts';
import { agreedValue, type Cluster, describeCluster, purge } from '../lab/cluster.ts';
import { useLab } from '../lab/lab.ts';
import { said } from '../observer/seen.ts';
import { everything, extent } from './extent.ts';

const lab = useLab({ count: 3 });

/** When a run is killed: after so many steps were reported done, or after so many milliseconds. */
type Moment = { readonly steps: number } | { readonly milliseconds: number };

/** Starts `up` and kills it with SIGKILL at the moment; says whether it ended by itself before. */
async function killedUp({ inventory }: Cluster, moment: Moment): Promise<'killed' | 'done'> {
  const up = spawn(process.execPath, [await builtCli(), 'up', inventory, '--yes'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const ended = once(up, 'exit');
  if ('milliseconds' in moment) {
    await Promise.race([sleep(moment.milliseconds), ended]);
    up.kill('SIGKILL');
  } else {
    let steps = 0;
    for await (const line of createInterface({ input: up.stdout })) {
      // "  proof1: start etcd.service (0.1 s)"; waiting brings nothing further.
      if (/^ {2}\S+: (?!wait |answer|still answer).* \(\d+\.\d s\)$/.test(line)) steps += 1;
      if (steps >= moment.steps) up.kill('SIGKILL');
    }
  }
  const [code] = await ended;
  return code === 0 ? 'done' : 'killed';
}

/** The next run finishes what was begun, and the one after it finds nothing to do. */
async function converges(t: ExecutionContext, cluster: Cluster, when: string): Promise<void> {
  const next = await cluster.lab.provision(['up', cluster.inventory, '--yes', '--json']);
  t.is(next.exitCode, 0, `${when}: ${next.stdout}${next.stderr}`);
  t.deepEqual(
    await agreedValue(cluster, when),
    cluster.members.map(() => when),
  );
  const again = await cluster.lab.provision(['plan', cluster.inventory, '--exit-code']);
  t.is(again.exitCode, 0, `${when}: ${again.stdout}`);
  const halves = await Promise.all(
    cluster.lab.hosts
      .slice(0, cluster.members.length)
      .map((host) => said(host, 'find /etc /opt -name "*provision-new*" -o -name "*.part"')),
  );
  t.deepEqual(
    halves,
    halves.map(() => ''),
    when,
  );
}

test.serial(
  'up: one member, killed after any step of its first start, is finished by the next run',
  async (t) => {
    const cluster = await describeCluster(lab.current, { members: 1, protocol: 'http' });
    let killed = 0;
    const apart = everything ? 1 : 3;
    for (let steps = 1; steps < 40; steps += apart) {
      const outcome = await killedUp(cluster, { steps });
      await converges(t, cluster, `killed after ${steps} steps`);
      await purge(cluster);
      if (outcome === 'done') break;
      killed += 1;
    }
    t.true(killed >= 9 / apart, `only ${killed} runs were killed`);
  },
);

test.serial(
  'up: three members, every run killed after its first step, get there in the end',
  async (t) => {
    const cluster = await describeCluster(lab.current);
    let killed = 0;
    while (killed < 60 && (await killedUp(cluster, { steps: 1 })) === 'killed') killed += 1;
    t.log(`${killed} runs were killed`);
    t.true(killed >= 8, `only ${killed} runs were killed`);
    await converges(t, cluster, 'killed again and again');
    await purge(cluster);
  },
);

for (const steps of extent([24, 15, 33, 40], 1))
  test.serial(
    `up: three members, killed after ${steps} steps, are finished by the next run`,
    async (t) => {
      const cluster = await describeCluster(lab.current);
      t.is(await killedUp(cluster, { steps }), 'killed');
      await converges(t, cluster, `killed after ${steps} steps`);
      await purge(cluster);
    },
  );

test.serial('up: three members, killed at any moment, are finished by the next run', async (t) => {
  const cluster = await describeCluster(lab.current);
  for (let round = 0; round < 2; round += 1) {
    const milliseconds = 300 + Math.floor(Math.random() * 3_000);
    await killedUp(cluster, { milliseconds });
    await converges(t, cluster, `killed after ${milliseconds} ms`);
    await purge(cluster);
  }
});
