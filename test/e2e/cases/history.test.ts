import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { plugIn, unplug } from '../../../src/lab/faults.ts';
import { useLab } from '../lab/lab.ts';
import { startOperator, stateDirectory } from '../lab/operator.ts';
import { place } from '../lab/place.ts';
import { lendAddress, THERE_FOR_NOW, vanishes } from '../lab/vanishing-address.ts';

const lab = useLab({ count: 2 });

let state = '';
test.before(async () => {
  state = await stateDirectory();
});

const run = async (...args: readonly string[]) => (await startOperator(args, { state })).ended;

interface Remembered {
  readonly command: string;
  readonly result: string;
  readonly who: string;
  readonly changes?: string;
  readonly plan?: string;
  readonly why?: string;
  readonly seconds: number;
  readonly places: readonly string[];
}

async function remembered(inventory: string, from = state): Promise<readonly Remembered[]> {
  const { ended } = await startOperator(['history', inventory, '--json'], { state: from });
  const { deeds }: { deeds: readonly Remembered[] } = JSON.parse((await ended).stdout);
  return deeds;
}

test.serial(
  'history: tells of changes and of nothing else, wherever it is asked from',
  async (t) => {
    const { inventory } = await place(lab.current);
    const names = lab.current.hosts.map(({ name }) => name);
    t.is((await run('up', inventory, '--yes')).exitCode, 0);
    t.is((await run('up', inventory, '--yes')).exitCode, 0);
    t.is((await run('plan', inventory)).exitCode, 0);
    t.is((await run('down', inventory, '--yes')).exitCode, 0);

    const deeds = await remembered(inventory);
    t.deepEqual(
      deeds.map(({ command, result, places }) => ({ command, result, places })),
      [
        { command: 'up', result: 'done', places: ['here', ...names] },
        { command: 'down', result: 'done', places: ['here', ...names] },
      ],
    );
    const [first] = deeds;
    t.regex(first?.changes ?? '', /^\d+ steps in \d+ waves, no restart$/);
    t.regex(first?.plan ?? '', /^[0-9a-f]{12}$/);
    t.true((first?.seconds ?? 0) > 0);

    const elsewhere = await stateDirectory();
    const seen = await remembered(inventory, elsewhere);
    t.deepEqual(
      seen.map(({ places }) => places),
      [names, names],
    );
    t.regex(
      (await run('history', inventory)).stdout,
      /WHEN .* COMMAND .*\n[\s\S]* up +│[\s\S]* down +│/,
    );
  },
);

test.serial('history: tells why a run failed, and the log holds the evidence', async (t) => {
  const [host] = lab.current.hosts;
  await lendAddress(lab.current.hosts);
  const { inventory } = await place(lab.current, {
    settings: THERE_FOR_NOW,
    hooks: { 'before-up': await vanishes(lab.current.hosts) },
  });
  const failed = await run('up', inventory, '--yes', '--timeout', '8');
  t.not(failed.exitCode, 0);
  const last = (await remembered(inventory)).at(-1);
  t.deepEqual([last?.command, last?.result], ['up', 'failed']);
  t.true(failed.stderr.includes(last?.why ?? 'nothing'), failed.stderr);

  const [, path = ''] = /^ {2}log: (\S+)$/m.exec(failed.stderr) ?? [];
  const log = await readFile(path, 'utf8');
  t.true(log.includes(`${host?.name} #`), 'the commands');
  t.regex(log, /failed: Failure/);
  t.true((await readdir(join(state, 'provision', 'logs'))).includes(path.split('/').at(-1) ?? ''));
});

test.serial('history: a host notes a run that was killed in the middle', async (t) => {
  const { inventory } = await place(lab.current);
  const killed = await startOperator(['up', inventory, '--yes'], { state });
  await killed.says(/^ {2}\S+: .* \(\d+\.\d s\)$/m);
  killed.kill('SIGKILL');
  await killed.ended;
  const again = await run('up', inventory, '--yes');
  t.is(again.exitCode, 0, again.stderr);
  t.regex(
    again.stderr,
    /note: the run before this one was cut off: \S+ \(process \d+\), doing up since /,
  );
  const cut = (await remembered(inventory)).filter(({ result }) => result === 'cut off');
  t.deepEqual(
    cut.map(({ command, places }) => [command, places]),
    [['up', lab.current.hosts.map(({ name }) => name)]],
  );
});

test.serial('history: a host that cannot be reached is said, the others tell', async (t) => {
  const { inventory } = await place(lab.current);
  const [, second] = lab.current.hosts;
  if (second === undefined) return t.fail();
  await unplug(second);
  const { exitCode, stdout, stderr } = await run('history', inventory, '--json');
  await plugIn(second);
  t.is(exitCode, 0, stderr);
  t.true(stderr.includes(`warning: ${second.name}: `), stderr);
  t.true(JSON.parse(stdout).deeds.length > 3);
});
