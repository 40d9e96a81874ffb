import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { loadMaintenanceTemplates } from '../../src/desired/templates.ts';

const root = mkdtempSync(join(tmpdir(), 'provision-maintain-'));
test.after.always(() => rmSync(root, { recursive: true }));
const confFile = join(root, 'etcd.conf');
writeFileSync(
  confFile,
  `ETCD_DATA_DIR="${root}"\nETCD_ADVERTISE_CLIENT_URLS="https://10.0.0.1:2379"\n`,
);

const RULE = '((sizeInUse < (0.55 * size)) && (size > 1000))';

interface Answers {
  readonly leader?: number;
  readonly size?: number;
  readonly used?: number | 'untold';
  readonly alarms?: string;
  readonly members?: readonly string[];
  /** The URL of a member that does not answer. */
  readonly silent?: string;
}

const MEMBERS = [
  'b, started, etcd01, https://10.0.0.1:2380, https://10.0.0.1:2379, false',
  'c, started, etcd02, https://10.0.0.2:2380, https://10.0.0.2:2379, false',
];

/** Runs the script as its host would, with an etcdctl that answers so; gives what was done beside questions. */
async function run(answers: Answers = {}, isLocked = false) {
  const { leader = 12, size = 5000, used = 100, alarms = '', members = MEMBERS, silent } = answers;
  const home = mkdtempSync(join(root, 'run-'));
  const locks = join(home, 'locks');
  mkdirSync(locks);
  const done = join(home, 'done');
  writeFileSync(done, '');
  const inUse = used === 'untold' ? '' : `,"dbSizeInUse":${used}`;
  const status = `[{"Endpoint":"x","Status":{"header":{"cluster_id":1,"member_id":11,"revision":5},"dbSize":${size}${inUse},"leader":${leader},"raftIndex":6}}]`;
  writeFileSync(
    join(home, 'etcdctl'),
    `#!/bin/sh
case "$*" in
  *"endpoint status"*) echo '${status}' ;;
  *"alarm list"*) echo '${alarms}' ;;
  *"member list"*) cat <<'END'
${members.join('\n')}
END
    ;;
  *${silent ?? 'nobody'}*get*) exit 1 ;;
  *" get "*) ;;
  *" lock "*) echo lock >>${done}; while [ "$1" != /bin/sh ]; do shift; done; exec "$@" ;;
  *) echo "$*" | sed 's/.*--dial-timeout=5s//; s/ --[a-z-]*=[^ ]*//g' >>${done} ;;
esac
`,
  );
  chmodSync(join(home, 'etcdctl'), 0o755);
  const { script } = await loadMaintenanceTemplates();
  const file = join(home, 'maintain.sh');
  const values = {
    ...{ cluster: 'prod', member: 'etcd01', unit: 'etcd', script: file, programs: home },
    ...{ data: home, confFile, pki: join(root, 'pki'), quota: 2_000_000, lockDirectory: locks },
  };
  // Its own patience with the others is not what is tried here.
  writeFileSync(file, script(values, RULE).replace('sleep 15', ':'));
  const lock = join(locks, 'prod.lock');
  const words = isLocked ? ['flock', lock, '/bin/sh', file] : ['/bin/sh', file];
  const [program = '', ...args] = words;
  const { status: code, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  const acts = readFileSync(done, 'utf8').trim().split('\n').filter(Boolean);
  return { code, said: (stdout + stderr).trim(), acts: acts.map((one) => one.trim()) };
}

test('maintain.sh: waits for its turn, then defragments its own member', async (t) => {
  t.deepEqual(await run(), {
    ...{ code: 0, said: 'defragmented: 5000 bytes, now 5000' },
    acts: ['lock', 'defrag'],
  });
});

test('maintain.sh: who leads hands that over first', async (t) => {
  t.deepEqual((await run({ leader: 11 })).acts, ['lock', 'move-leader c', 'defrag']);
});

test('maintain.sh: who gains little does not even wait', async (t) => {
  const little = { code: 0, acts: [] };
  t.like(await run({ used: 4000 }), {
    ...little,
    said: 'left out: 5000 bytes, 4000 of them in use',
  });
  t.like(await run({ size: 900 }), little);
  t.like(await run({ used: 'untold' }), little);
});

for (const [what, answers, sentence] of [
  [
    'beside one that does not answer',
    { silent: '10.0.0.2' },
    'etcd02 does not answer: nobody is touched',
  ],
  [
    'beside one that has not started',
    { members: [...MEMBERS, 'd, unstarted, , https://10.0.0.3:2380, , false'] },
    'member d has not started: nobody is touched',
  ],
  [
    'beside a learner',
    {
      members: [
        ...MEMBERS,
        'd, started, etcd03, https://10.0.0.3:2380, https://10.0.0.3:2379, true',
      ],
    },
    'member d is a learner: nobody is touched',
  ],
  [
    'beside a corruption alarm',
    { alarms: 'memberID:3 alarm:CORRUPT ' },
    'a corruption alarm stands: nobody is touched',
  ],
  [
    'where the cluster is full',
    { alarms: 'memberID:3 alarm:NOSPACE ' },
    'the cluster is full (NOSPACE): run provision maintain space',
  ],
  ['where the copy would not fit', { used: 4e18, size: 9e18 }, /^no room for a copy in /],
] as const)
  test(`maintain.sh: touches nobody ${what}, and says so`, async (t) => {
    const { code, said, acts } = await run(answers);
    t.is(code, 1);
    if (typeof sentence === 'string') t.is(said, sentence);
    else t.regex(said, sentence);
    t.false(acts.includes('defrag'));
  });

test('maintain.sh: leaves a cluster alone on which a run of provision works', async (t) => {
  t.deepEqual(await run({}, true), {
    ...{ code: 0, said: 'a run of provision works on the cluster; left to the next time' },
    acts: ['lock'],
  });
});

test('loadMaintenanceTemplates(): takes no rule that could become more than one', async (t) => {
  const { script } = await loadMaintenanceTemplates();
  const values = {
    ...{ cluster: 'prod', member: 'etcd01', unit: 'etcd', script: '/a', programs: '/b' },
    ...{ data: '/c', confFile: '/d', pki: '/e', quota: 1, lockDirectory: '/f' },
  };
  t.throws(() => script(values, `size > 1) } BEGIN { system("id") } #`), { message: /no rule/ });
  t.throws(() => script(values, `size > 1' ; id`), { message: /no rule/ });
});
