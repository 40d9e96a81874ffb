import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { freeze, plugIn, thaw, unplug } from '../../../src/lab/faults.ts';
import { inside, type LabHost } from '../../../src/lab/host.ts';
import { sh } from '../../../src/shell/command.ts';
import { memberStates } from '../lab/etcd-unit.ts';
import { useLab } from '../lab/lab.ts';
import { type Ended, startOperator, stateDirectory } from '../lab/operator.ts';
import { place } from '../lab/place.ts';
import { extent } from './extent.ts';

const lab = useLab({ count: 3 });
const RESTARTED = /^ {2}(\S+): restart etcd\.service \(\d/m;

let state = '';
test.before(async () => {
  state = await stateDirectory();
});

let heartbeat = 100;

/** An inventory that has every member restarted, one by one. */
async function changed() {
  heartbeat += 1;
  return place(lab.current, { settings: { 'heartbeat-interval': heartbeat } });
}

async function up(inventory: string, ...more: readonly string[]): Promise<Ended> {
  return (await startOperator(['up', inventory, '--yes', ...more], { state })).ended;
}

/** Half-written files and what still has the lock. */
async function remains(host: LabHost): Promise<string> {
  const { stdout } = await inside(
    host,
    sh`find /etc /opt /var/lib/etcd /var/lib/provision -name '*.provision-new' -o -name '.*.part'
flock -n /run/provision/*.lock true || echo locked`,
  );
  return stdout;
}

function names(hosts: readonly LabHost[], before: readonly string[], after: readonly string[]) {
  return hosts.filter((_, index) => before[index] !== after[index]).map(({ name }) => name);
}

test.serial('up: the cluster is there', async (t) => {
  const { inventory } = await place(lab.current, { settings: { 'heartbeat-interval': heartbeat } });
  const { exitCode, stderr } = await up(inventory);
  t.is(exitCode, 0, stderr);
});

for (const signal of extent(['SIGINT', 'SIGHUP', 'SIGTERM'] as const, 2)) {
  test.serial(`up: ${signal} in a rolling restart ends it between two steps`, async (t) => {
    const { hosts } = lab.current;
    const { inventory } = await changed();
    const before = await memberStates(hosts);
    const run = await startOperator(['up', inventory, '--yes'], { state });
    await run.says(RESTARTED);
    const [, member = ''] = RESTARTED.exec(run.said()) ?? [];
    run.kill(signal);

    const { exitCode, stderr } = await run.ended;
    t.is(exitCode, 130, stderr);
    t.regex(stderr, /^stopping after what is being done now; once more to stop at once$/m);
    t.regex(stderr, new RegExp(`^error: \\S+: interrupted by ${signal}$`, 'm'));
    t.regex(stderr, /^ {2}\d+ of \d+ steps are done, the last: \S+: /m);
    t.regex(stderr, /next: run the same command again/);
    t.deepEqual(names(hosts, before, await memberStates(hosts)), [member]);
    t.deepEqual(await Promise.all(hosts.map(remains)), ['', '', '']);

    const again = await up(inventory);
    t.is(again.exitCode, 0, again.stderr);
    const { stdout } = await (await startOperator(['history', inventory, '--json'], { state }))
      .ended;
    const { deeds }: { deeds: { result: string; places: string[] }[] } = JSON.parse(stdout);
    t.deepEqual(
      deeds.slice(-2).map(({ result, places }) => [result, places.length]),
      [
        ['interrupted', 4],
        ['done', 4],
      ],
    );
  });
}

test.serial('up: a second signal ends it at once, even while a host hangs', async (t) => {
  const { hosts } = lab.current;
  const { inventory } = await changed();
  const run = await startOperator(['up', inventory, '--yes'], { state });
  await run.says(RESTARTED);
  await Promise.all(hosts.map(freeze));
  run.kill('SIGINT');
  await run.says('once more to stop at once');
  await sleep(500);
  run.kill('SIGINT');
  const { signal } = await run.ended;
  await Promise.all(hosts.map(thaw));
  t.is(signal, 'SIGINT');

  const again = await up(inventory, '--lock-wait', '60');
  t.is(again.exitCode, 0, again.stderr);
});

test.serial('up: a reader of its output that goes away does not stop it', async (t) => {
  const { inventory } = await changed();
  const run = await startOperator(['up', inventory, '--yes'], { state });
  await run.says(RESTARTED);
  run.process.stdout?.destroy();
  run.process.stderr?.destroy();
  t.is((await run.ended).exitCode, 0);
  t.regex((await up(inventory)).stdout, /nothing to do/);
});

for (const line of extent([5, 1, 3, 8, 11], 2)) {
  test.serial(
    `up: killed after step ${line} of a rolling change, the next run finishes it`,
    async (t) => {
      const { hosts } = lab.current;
      const { inventory } = await changed();
      const run = await startOperator(['up', inventory, '--yes'], { state });
      await run.says(new RegExp(`(?:^ {2}\\S+: [^\\n]* \\(\\d+\\.\\d s\\)\\n[^]*?){${line}}`, 'm'));
      run.kill('SIGKILL');
      t.is((await run.ended).signal, 'SIGKILL');
      const again = await up(inventory);
      t.is(again.exitCode, 0, again.stderr);
      t.deepEqual(await Promise.all(hosts.map(remains)), ['', '', '']);
    },
  );
}

test.serial(
  'up: a host cut off in a rolling restart is reported, and no other member is touched',
  async (t) => {
    const { hosts } = lab.current;
    const { inventory } = await changed();
    const before = await memberStates(hosts);
    const run = await startOperator(['up', inventory, '--yes'], { state });
    await run.says(RESTARTED);
    const [, member = ''] = RESTARTED.exec(run.said()) ?? [];
    const cut = hosts.find(({ name }) => name === member);
    if (cut === undefined) return t.fail(`no host ${member}`);
    await unplug(cut);
    const since = performance.now();

    const { exitCode, stderr } = await run.ended;
    t.log(`reported after ${((performance.now() - since) / 1000).toFixed(1)} s`);
    t.is(exitCode, 4, stderr);
    t.regex(stderr, new RegExp(`${member}: the connection is lost, and the lock of \\S+ with it`));
    t.deepEqual(names(hosts, before, await memberStates(hosts)), [member]);

    const unreachable = await up(inventory);
    t.is(unreachable.exitCode, 4);
    await plugIn(cut);
    const again = await up(inventory, '--lock-wait', '60');
    t.is(again.exitCode, 0, again.stderr);
  },
);
