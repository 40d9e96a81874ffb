import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { inside } from '../../../src/lab/host.ts';
import { sh } from '../../../src/shell/command.ts';
import { memberStates } from '../lab/etcd-unit.ts';
import { useLab } from '../lab/lab.ts';
import { startOperator, stateDirectory } from '../lab/operator.ts';
import { type Place, place, WAITING_HOOK } from '../lab/place.ts';

const lab = useLab({ count: 3 });
const CUT = 'the run before this one was cut off';

let state = '';
test.before(async () => {
  state = await stateDirectory();
});

const run = async (...args: readonly string[]) => (await startOperator(args, { state })).ended;
const operator = (...args: readonly string[]) => startOperator(args, { state });

/** Who has the lock on each host, as another operator sees it. */
async function lockedBy({ inventory }: Place): Promise<readonly (number | undefined)[]> {
  const { stdout } = await run('lock', 'status', inventory, '--json');
  const { hosts }: { hosts: Record<string, { held: boolean; holder?: { pid: number } }> } =
    JSON.parse(stdout);
  return Object.values(hosts).map(({ held, holder }) => (held ? holder?.pid : undefined));
}

const FREE = [undefined, undefined, undefined];

test.serial('up: of two operators who start together one brings the cluster up', async (t) => {
  const here = await place(lab.current);
  const both = await Promise.all([
    operator('up', here.inventory, '--yes'),
    operator('up', here.inventory, '--yes'),
  ]);
  const ended = await Promise.all(both.map((one) => one.ended));
  const codes = ended.map(({ exitCode }) => exitCode).sort();
  t.deepEqual(codes, [0, 5], ended.map(({ stderr }) => stderr).join('\n---\n'));

  const loser = ended.findIndex(({ exitCode }) => exitCode === 5);
  const winner = both[1 - loser];
  t.regex(
    ended[loser]?.stderr ?? '',
    new RegExp(`locked on \\S+1 by \\S+@\\S+ \\(process ${winner?.pid}\\), doing up since `),
  );
  t.deepEqual(await lockedBy(here), FREE);
});

test.serial('up: a second operator is told who works, and changes nothing', async (t) => {
  const first = await place(lab.current, {
    settings: { 'heartbeat-interval': 120 },
    hooks: { 'before-up': WAITING_HOOK },
  });
  const second = await place(lab.current, { settings: { 'heartbeat-interval': 130 } });
  const before = await memberStates(lab.current.hosts);

  const working = await operator('up', first.inventory, '--yes');
  await working.says('hook waits');
  t.deepEqual(await lockedBy(second), [working.pid, working.pid, working.pid]);

  const refused = await run('up', second.inventory, '--yes');
  t.is(refused.exitCode, 5);
  t.true(refused.stderr.includes(`(process ${working.pid}), doing up since `), refused.stderr);
  t.true(
    refused.stderr.includes(
      `next: add --lock-wait 300 to wait for it; provision lock status ${second.inventory}`,
    ),
  );
  t.deepEqual(await memberStates(lab.current.hosts), before);

  const waiting = await operator('up', first.inventory, '--yes', '--lock-wait', '200');
  await waiting.says('waiting for up to 200 s');
  await first.go();
  t.is((await working.ended).exitCode, 0);
  const waited = await waiting.ended;
  t.is(waited.exitCode, 0, waited.stderr);
  // What it saw before it had the lock was out of date.
  t.true(waited.stdout.includes('nothing to do'), waited.stdout);
  t.deepEqual(await lockedBy(second), FREE);
});

test.serial('up: killed while it has the lock, the lock is free at once', async (t) => {
  const here = await place(lab.current, {
    settings: { 'heartbeat-interval': 140 },
    hooks: { 'before-up': WAITING_HOOK },
  });
  const plain = await place(lab.current, { settings: { 'heartbeat-interval': 140 } });
  const killed = await operator('up', here.inventory, '--yes');
  await killed.says('hook waits');
  killed.kill('SIGKILL');
  t.deepEqual(await lockedBy(here), FREE);
  await here.go();
  t.is((await killed.ended).signal, 'SIGKILL');

  const next = await run('up', plain.inventory, '--yes');
  t.is(next.exitCode, 0, next.stderr);
  t.true(
    next.stderr.includes(`${CUT}: `) && next.stderr.includes(`(process ${killed.pid})`),
    next.stderr,
  );
  const again = await run('up', plain.inventory, '--yes');
  t.false(again.stderr.includes(CUT));
});

test.serial(
  'up: a frozen operator loses the lock, and touches nothing when it wakes up',
  async (t) => {
    const frozen = await place(lab.current, {
      settings: { 'heartbeat-interval': 150 },
      hooks: { 'before-up': WAITING_HOOK },
    });
    const other = await place(lab.current, { settings: { 'heartbeat-interval': 160 } });
    const sleeper = await operator('up', frozen.inventory, '--yes');
    await sleeper.says('hook waits');
    sleeper.kill('SIGSTOP');
    await frozen.go();

    t.is((await run('up', other.inventory, '--yes')).exitCode, 5, 'it may only be slow');
    const patient = await run('up', other.inventory, '--yes', '--lock-wait', '90');
    t.is(patient.exitCode, 0, patient.stderr);

    const after = await memberStates(lab.current.hosts);
    sleeper.kill('SIGCONT');
    const woken = await sleeper.ended;
    t.is(woken.exitCode, 5, woken.stderr);
    t.regex(woken.stderr, /no longer keeps the lock/);
    await sleep(1000);
    t.deepEqual(await memberStates(lab.current.hosts), after);
  },
);

test.serial('up: frozen in the middle of its steps, it stops before the next one', async (t) => {
  const here = await place(lab.current, { settings: { 'heartbeat-interval': 170 } });
  const sleeper = await operator('up', here.inventory, '--yes');
  await sleeper.says(/: restart etcd\.service \(\d/);
  sleeper.kill('SIGSTOP');
  const other = await place(lab.current, { settings: { 'heartbeat-interval': 180 } });
  const patient = await run('up', other.inventory, '--yes', '--lock-wait', '90');
  t.is(patient.exitCode, 0, patient.stderr);

  const after = await memberStates(lab.current.hosts);
  sleeper.kill('SIGCONT');
  const woken = await sleeper.ended;
  t.true(woken.exitCode === 5 || woken.exitCode === 4, woken.stderr);
  t.regex(woken.stderr, /\d+ of \d+ steps are done, the last: /);
  await sleep(1000);
  t.deepEqual(await memberStates(lab.current.hosts), after);
});

test.serial('lock release: takes the lock from a run that hangs, which then stops', async (t) => {
  const here = await place(lab.current, {
    settings: { 'heartbeat-interval': 190 },
    hooks: { 'before-up': WAITING_HOOK },
  });
  const before = await memberStates(lab.current.hosts);
  const hanging = await operator('up', here.inventory, '--yes');
  await hanging.says('hook waits');

  const unsure = await run('lock', 'release', here.inventory);
  t.is(unsure.exitCode, 2, 'nobody to ask');
  t.deepEqual(await lockedBy(here), [hanging.pid, hanging.pid, hanging.pid]);

  const released = await run('lock', 'release', here.inventory, '--yes');
  t.is(released.exitCode, 0, released.stderr);
  t.deepEqual(await lockedBy(here), FREE);
  const stopped = await hanging.ended;
  t.is(stopped.exitCode, 5, stopped.stderr);
  t.deepEqual(await memberStates(lab.current.hosts), before);
  t.is(
    (await run('lock', 'release', here.inventory)).stdout,
    `${lab.current.name}: is not locked\n`,
  );
  await here.go();
});

test.serial('plan and status take no lock', async (t) => {
  const here = await place(lab.current, {
    settings: { 'heartbeat-interval': 200 },
    hooks: { 'before-up': WAITING_HOOK },
  });
  const working = await operator('up', here.inventory, '--yes');
  await working.says('hook waits');
  t.is((await run('plan', here.inventory)).exitCode, 0);
  t.is((await run('status', here.inventory)).exitCode, 0);
  await here.go();
  t.is((await working.ended).exitCode, 0);
});

test.serial('up: a login that becomes root by sudo keeps the lock as root does', async (t) => {
  const ops = (text: string) => text.replace('user: root', 'user: ops');
  const here = await place(lab.current, {
    edit: ops,
    settings: { 'heartbeat-interval': 200 },
  });
  const changed = await place(lab.current, {
    edit: ops,
    settings: { 'snapshot-count': 20000 },
    hooks: { 'before-up': WAITING_HOOK },
  });
  t.is((await run('up', here.inventory, '--yes')).exitCode, 0);
  const killed = await operator('up', changed.inventory, '--yes');
  await killed.says('hook waits');
  t.deepEqual(await lockedBy(here), [killed.pid, killed.pid, killed.pid]);
  killed.kill('SIGKILL');
  t.deepEqual(await lockedBy(here), FREE);
  await changed.go();
  await killed.ended;
});

test.serial('up: leaves no process of the lock behind', async (t) => {
  for (const host of lab.current.hosts) {
    const { stdout } = await inside(host, sh`ps -eo args | grep '[d]d bs=1 count=1' | wc -l`);
    t.is(stdout.trim(), '0');
  }
  t.regex(await readFile(join(state, 'provision', 'history.jsonl'), 'utf8'), /"command":"up"/);
});
