import test, { type ExecutionContext } from 'ava';
import { compact } from '../../../src/apply/maintaining/compact.ts';
import { defragment } from '../../../src/apply/maintaining/defragment.ts';
import { ownPlaces } from '../../../src/desired/access.ts';
import { Failure } from '../../../src/failure/failure.ts';
import type { Host, Result } from '../../../src/host/host.ts';
import type { MaintenanceStepOf } from '../../../src/plan/maintaining/maintenance-step.ts';
import { nextText } from '../../../src/problem/render.ts';
import { wanted } from '../../plan/facts.ts';

const own = ownPlaces(wanted(3));
const MB = 1e6;
const DEADLINE = '{"level":"warn"}\nError: context deadline exceeded';

const said = (exitCode: number, stdout = '', stderr = ''): Result => ({ exitCode, stdout, stderr });
const status = (size: number, used: number) =>
  said(
    0,
    `[{"Endpoint":"x","Status":{"header":{"cluster_id":1,"member_id":2,"revision":9},"version":"3.5.30","dbSize":${size},"dbSizeInUse":${used},"leader":2}}]`,
  );

/** A host on which what is asked first matches gets that answer; what nobody expects succeeds. */
function host(answers: Readonly<Record<string, Result>>, asked: string[] = []): Host {
  return {
    name: 'etcd02',
    run: async ({ text }: { readonly text: string }) => {
      const what = Object.keys(answers).find((one) => text.includes(one));
      asked.push(what ?? text);
      return answers[what ?? ''] ?? said(0);
    },
  } as Partial<Host> as Host;
}

async function failure(t: ExecutionContext, work: Promise<void>) {
  const error = await t.throwsAsync(work, { instanceOf: Failure });
  if (!(error instanceof Failure)) throw new TypeError('no Failure');
  return { reason: error.reason, message: error.message, next: nextText(error.next, 'a.yaml') };
}

const step = { kind: 'defragment', own, data: '/var/lib/etcd', seconds: 600 } as const;
const ROOM = said(0, '1000000 4096\n');

test('defragment(): one that outlasts its time has not failed: it goes on, and the run is only paused', async (t) => {
  const slow = host({
    'endpoint status': status(900 * MB, 90 * MB),
    'stat -f': ROOM,
    defrag: said(1, '', DEADLINE),
  });
  t.deepEqual(await failure(t, defragment(slow, step)), {
    reason: 'paused',
    message:
      'etcd02: still defragments its 900.0 MB after 600 s; it goes on by itself and answers when it is over, the others serve meanwhile, and no further member was touched',
    next: 'when provision status a.yaml shows that it answers, run the same command again, with a longer --timeout',
  });
});

test('defragment(): any other end of it is a failure', async (t) => {
  const refused = host({
    'endpoint status': status(900 * MB, 90 * MB),
    'stat -f': ROOM,
    defrag: said(1, '', 'Error: etcdserver: permission denied'),
  });
  t.like(await failure(t, defragment(refused, step)), {
    reason: 'failed',
    message: 'etcd02: could not defragment its database: Error: etcdserver: permission denied',
  });
});

test('defragment(): a copy that would not fit is not begun', async (t) => {
  const asked: string[] = [];
  const full = host(
    { 'endpoint status': status(900 * MB, 90 * MB), 'stat -f': said(0, '20000 4096\n') },
    asked,
  );
  const { reason, message } = await failure(t, defragment(full, step));
  t.is(reason, 'refused');
  t.is(
    message,
    'etcd02: a defragmentation writes a copy of 90.0 MB beside its database, and 81.9 MB are free in /var/lib/etcd',
  );
  t.deepEqual(asked, ['endpoint status', 'stat -f']);
});

test('defragment(): where too much is left it names a quota that would do', async (t) => {
  const limited = { ...step, limit: { quota: 100 * MB, most: 90 * MB } };
  const done = (size: number) =>
    host({ 'endpoint status': status(size, size), 'stat -f': ROOM, defrag: said(0) });
  await t.notThrowsAsync(defragment(done(80 * MB), limited));
  t.deepEqual(await failure(t, defragment(done(95 * MB), limited)), {
    reason: 'failed',
    message:
      'etcd02: its database still has 95.0 MB after the defragmentation, and a quota of 100.0 MB takes writes below 90.0 MB only; no further member was touched',
    next: 'set etcd.settings.quota-backend-bytes to 268435456 in the inventory, provision up a.yaml, then provision maintain space a.yaml; or delete keys that nobody needs (etcd takes deletions), then: provision maintain space a.yaml',
  });
});

const compaction: MaintenanceStepOf<'compact'> = {
  ...{ kind: 'compact', own, revision: 90, seconds: 600 },
};

test('compact(): what a former run has compacted is done', async (t) => {
  const asked: string[] = [];
  const again = host(
    { '--physical': said(1, '', 'Error: etcdserver: mvcc: required revision has been compacted') },
    asked,
  );
  await t.notThrowsAsync(compact(again, compaction));
  t.deepEqual(asked, ['--physical']);
});

test('compact(): one that outlasts its time goes on, and the run is only paused', async (t) => {
  const slow = host({ '--physical': said(1, '', DEADLINE) });
  t.like(await failure(t, compact(slow, compaction)), { reason: 'paused' });
});
