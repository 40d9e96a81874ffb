import { chmod, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { memberStates } from '../lab/etcd-unit.ts';
import { useLab } from '../lab/lab.ts';
import { startOperator, stateDirectory } from '../lab/operator.ts';
import { type Place, place } from '../lab/place.ts';
import { lendAddress, THERE_FOR_NOW, vanishes } from '../lab/vanishing-address.ts';

const lab = useLab({ count: 1 });

let state = '';
test.before(async () => {
  state = await stateDirectory();
});

const run = async (...args: readonly string[]) => (await startOperator(args, { state })).ended;

const NOTE = `#!/bin/sh
echo "\${0##*/} speaks"
env | grep ^PROVISION_ | sed 's/^/  /' >> seen
echo "\${0##*/}" >> seen
`;

async function seen({ directory }: Place): Promise<readonly string[]> {
  const text = await readFile(join(directory, 'hooks', 'seen'), 'utf8').catch(() => '');
  return text.split('\n').filter((line) => line !== '' && !line.startsWith(' '));
}

test.serial(
  'up: runs before-up and after-up around a change, and neither without one',
  async (t) => {
    const hooks = {
      'before-up': NOTE,
      'after-up': NOTE,
      'after-failure': NOTE,
      'before-down': NOTE,
    };
    const here = await place(lab.current, { hooks });
    const first = await run('up', here.inventory, '--yes', '--json');
    t.is(first.exitCode, 0, first.stderr);
    t.is(JSON.parse(first.stdout).changed, true, 'nothing but the result is on stdout');
    t.regex(first.stderr, /^before-up speaks\n(?:[\s\S]*\n)?after-up speaks$/m);
    t.deepEqual(await seen(here), ['before-up', 'after-up']);

    const text = await readFile(join(here.directory, 'hooks', 'seen'), 'utf8');
    const told = (name: string) => new RegExp(`^ {2}PROVISION_${name}=(.*)$`, 'm').exec(text)?.[1];
    t.deepEqual(['CLUSTER', 'COMMAND', 'INVENTORY', 'HOSTS', 'RESULT'].map(told), [
      lab.current.name,
      'up',
      here.inventory,
      lab.current.hosts[0]?.name,
      'done',
    ]);
    t.regex(told('PLAN') ?? '', /^[0-9a-f]{12}$/);

    t.is((await run('up', here.inventory, '--yes')).exitCode, 0);
    t.deepEqual(await seen(here), ['before-up', 'after-up']);
  },
);

test.serial('up: a before-up that fails stops it before anything is changed', async (t) => {
  const settings = { 'heartbeat-interval': 120 };
  const here = await place(lab.current, {
    settings,
    hooks: { 'before-up': '#!/bin/sh\nexit 9\n', 'after-failure': NOTE },
  });
  const before = await memberStates(lab.current.hosts);
  const stopped = await run('up', here.inventory, '--yes', '--allow-downtime');
  t.is(stopped.exitCode, 1);
  t.true(
    stopped.stderr.includes(
      `error: hook ${join(here.directory, 'hooks', 'before-up')} ended with exit code 9`,
    ),
  );
  t.deepEqual(await memberStates(lab.current.hosts), before);
  t.deepEqual(await seen(here), [], 'nothing was changed, so nothing failed half-way');
});

test.serial('up: after-failure hears why a change failed', async (t) => {
  const settings = { 'heartbeat-interval': 130, 'max-snapshots': 3, ...THERE_FOR_NOW };
  await lendAddress(lab.current.hosts);
  const here = await place(lab.current, {
    settings,
    hooks: {
      'before-up': await vanishes(lab.current.hosts),
      'after-up': NOTE,
      'after-failure': NOTE,
    },
  });
  const failed = await run('up', here.inventory, '--yes', '--allow-downtime', '--timeout', '8');
  t.is(failed.exitCode, 1, failed.stderr);
  t.deepEqual(await seen(here), ['after-failure']);
  const text = await readFile(join(here.directory, 'hooks', 'seen'), 'utf8');
  t.regex(text, /^ {2}PROVISION_RESULT=failed$/m);
  t.regex(text, /^ {2}PROVISION_ERROR=\S+/m);

  const repaired = await place(lab.current, { settings: { 'heartbeat-interval': 130 } });
  const again = await run('up', repaired.inventory, '--yes', '--allow-downtime');
  t.is(again.exitCode, 0, again.stderr);
});

test.serial('down: an after-down that fails is told, though all is done', async (t) => {
  const here = await place(lab.current, { hooks: { 'after-down': '#!/bin/sh\nexit 4\n' } });
  const { exitCode, stdout, stderr } = await run('down', here.inventory, '--yes');
  t.is(exitCode, 1);
  t.regex(stdout, /stopped and disabled/);
  t.regex(stderr, /after-down ended with exit code 4/);
});

test.serial('up: a hook that anybody could have written is not run', async (t) => {
  const here = await place(lab.current, { hooks: { 'before-up': NOTE } });
  await chmod(join(here.directory, 'hooks', 'before-up'), 0o777);
  const refused = await run('up', here.inventory, '--yes');
  t.is(refused.exitCode, 3);
  t.regex(
    refused.stderr,
    /before-up can be changed by every account\n {2}next: see what it holds, then: chmod go-w /,
  );
  t.deepEqual(await seen(here), []);
});
