import test from 'ava';
import { memberStates } from '../lab/etcd-unit.ts';
import { useLab } from '../lab/lab.ts';
import { startOperator, stateDirectory } from '../lab/operator.ts';
import { place } from '../lab/place.ts';

const lab = useLab({ count: 3 });

let state = '';
test.before(async () => {
  state = await stateDirectory();
});

const run = async (...args: readonly string[]) => (await startOperator(args, { state })).ended;

/** What the run ended with, and the members whose process is another one than before. */
async function restartedBy(...args: readonly string[]) {
  const { hosts } = lab.current;
  const before = await memberStates(hosts);
  const ended = await run(...args);
  const after = await memberStates(hosts);
  const restarted = hosts.map(({ name }) => name).filter((_, at) => before[at] !== after[at]);
  return { ...ended, restarted };
}

test.serial(
  'up --limit: restarts whom it names, says who is left, and does nothing to them',
  async (t) => {
    const first = await place(lab.current);
    t.is((await run('up', first.inventory, '--yes')).exitCode, 0);
    const { inventory } = await place(lab.current, { settings: { 'heartbeat-interval': 120 } });
    const [one = '', two = '', three = ''] = lab.current.hosts.map(({ name }) => name);

    const limited = await restartedBy('up', inventory, '--yes', '--limit', two);
    t.is(limited.exitCode, 6, limited.stderr);
    t.deepEqual(limited.restarted, [two]);
    t.regex(limited.stderr, new RegExp(`only ${two}, as --limit says; still to come: `));

    const again = await restartedBy('up', inventory, '--yes', '--limit', two);
    t.is(again.exitCode, 6, again.stderr);
    t.deepEqual(again.restarted, []);

    const rest = await restartedBy('up', inventory, '--yes');
    t.is(rest.exitCode, 0, rest.stderr);
    t.deepEqual(rest.restarted, [one, three]);
  },
);

test.serial(
  'certs rotate --restart --pause-after each: one member a run, and nobody twice',
  async (t) => {
    const { inventory } = await place(lab.current, { settings: { 'heartbeat-interval': 120 } });
    const runs = [];
    for (let turn = 0; turn < 3; turn++)
      runs.push(
        await restartedBy('certs', 'rotate', inventory, '-y', '--restart', '--pause-after', 'each'),
      );
    t.deepEqual(
      runs.map(({ exitCode, restarted }) => [exitCode, restarted.length]),
      [
        [6, 1],
        [6, 1],
        [0, 1],
      ],
      runs.map(({ stderr }) => stderr).join('\n'),
    );
    const names = runs.flatMap(({ restarted }) => restarted).sort();
    t.deepEqual(names, lab.current.hosts.map(({ name }) => name).sort());
  },
);
