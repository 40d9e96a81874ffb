import test from 'ava';
import { startFact } from '../../../src/diagnosis/looks/start.ts';

const entry = (at: number, start: string, text: string) =>
  JSON.stringify({ __REALTIME_TIMESTAMP: `${at}000000`, MESSAGE: text, INVOCATION_ID: start });
const EXIT = 'etcd.service: Main process exited, code=exited, status=1/FAILURE';

/** What the question is answered with: systemd's properties, and the journal with the oldest line first. */
function read(shown: Readonly<Record<string, string>>, journal: readonly string[], more = '') {
  const head = Object.entries(shown).map(([name, value]) => `${name}=${value}`);
  const stdout = [...head, 'now=1000', more, ...journal.toReversed()].join('\n');
  return startFact('etcd').read({ exitCode: 0, stdout });
}
const texts = (found: ReturnType<typeof read>) => found.lines.map(({ text }) => text);

test('startFact() gives the lines of the start that systemd knows, not those of one before', (t) => {
  const found = read({ ActiveState: 'active', InvocationID: 'b', NRestarts: '0' }, [
    entry(900, 'a', 'an older failure'),
    entry(901, 'a', EXIT),
    entry(950, 'b', 'Starting etcd.service'),
  ]);
  t.deepEqual(texts(found), ['Starting etcd.service']);
  t.is(found.end, undefined);
});

test('startFact() takes the start before where one of a crash loop has just begun', (t) => {
  const journal = [
    entry(990, 'a', 'why it dies'),
    entry(991, 'a', EXIT),
    entry(996, 'b', 'Starting etcd.service'),
  ];
  const loop = read({ ActiveState: 'activating', InvocationID: 'b', NRestarts: '4' }, journal);
  t.deepEqual(texts(loop), ['why it dies', EXIT]);
  t.deepEqual(loop.end, { how: 'exited', status: '1/FAILURE' });
  const byHand = read({ ActiveState: 'activating', InvocationID: 'b', NRestarts: '0' }, journal);
  t.deepEqual(texts(byHand), ['Starting etcd.service']);
  const settled = [...journal, entry(1010, 'b', 'waits for others')];
  const waits = read({ ActiveState: 'activating', InvocationID: 'b', NRestarts: '4' }, settled);
  t.deepEqual(texts(waits), ['Starting etcd.service', 'waits for others']);
});

test('startFact() reads the last start from the journal where systemd has forgotten the unit', (t) => {
  const found = read({ ActiveState: 'inactive', InvocationID: '' }, [
    entry(900, 'a', 'an older one'),
    entry(950, 'b', 'Stopping etcd.service...'),
    entry(951, 'b', 'Stopped etcd.service.'),
  ]);
  t.deepEqual(texts(found), ['Stopping etcd.service...', 'Stopped etcd.service.']);
  t.is(found.stoppedAt, 951);
  t.is(found.stoppedBy, undefined);
  t.false(found.isUnstarted);
  t.true(read({ ActiveState: 'inactive' }, []).isUnstarted);
});

test('startFact() says who stopped it, by sudo or by a run of provision of that time', (t) => {
  const journal = [entry(951, 'b', 'Stopped etcd.service.')];
  const sudo = (at: number) =>
    `sudo=${at}.5 r3 sudo[7]:      ops : TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/usr/bin/systemctl stop etcd`;
  const by = (more: string) => read({ ActiveState: 'inactive' }, journal, more).stoppedBy;
  t.is(by(sudo(949)), 'ops (sudo /usr/bin/systemctl stop etcd)');
  t.is(by(sudo(900)), undefined);
  const begun = (command: string, seconds: number) =>
    `run={"id":"x","cluster":"prod","result":"cut off","at":"${new Date(seconds * 1000).toISOString()}","who":"ann@desk","command":"${command}"}`;
  t.is(by(begun('down', 940)), 'provision down (ann@desk, cut off)');
  t.is(by(begun('up', 940)), undefined);
  t.is(by(begun('down', 100)), undefined);
  const over = (seconds: number) =>
    by(`${begun('migrate', 940).slice(0, -1)},"seconds":${seconds}}`);
  t.is(over(9.5), 'provision migrate (ann@desk, cut off)');
  t.is(over(4.5), undefined);
  const run = (id: string, command: string, began: number, seconds?: number) =>
    begun(command, began).replace('"x"', `"${id}"`).slice(0, -1) +
    (seconds === undefined ? '}' : `,"seconds":${seconds}}`);
  const rows = (...all: readonly string[]) => by(all.join('\n'));
  // A run that was killed has no end; the one that began last before it stopped has stopped it.
  t.is(
    rows(run('a', 'restore', 700), run('b', 'down', 945, 8)),
    'provision down (ann@desk, cut off)',
  );
  // Nothing was left to stop for a down that came after it.
  t.is(
    rows(run('a', 'restore', 940), run('b', 'down', 956, 3)),
    'provision restore (ann@desk, cut off)',
  );
  t.is(
    rows(run('b', 'down', 945, 8), run('c', 'up', 960, 3)),
    'provision down (ann@desk, cut off)',
  );
  t.is(
    rows(run('b', 'down', 945, 8), run('c', 'restore', 970)),
    'provision down (ann@desk, cut off)',
  );
  t.is(rows(run('a', 'restore', 900), run('a', 'restore', 900, 10)), undefined);
});

test('startFact() finds commands before the start that failed, but not those that may', (t) => {
  const pre = (path: string, ignored: string, status: number) =>
    `ExecStartPre={ path=${path} ; argv[]=${path} -x ; ignore_errors=${ignored} ; start_time=[n/a] ; stop_time=[n/a] ; pid=6 ; code=exited ; status=${status} }`;
  const more = [pre('/bin/a', 'no', 0), pre('/bin/b', 'yes', 1), pre('/bin/c', 'no', 2)].join('\n');
  t.deepEqual(read({ ActiveState: 'failed' }, [], more).failedPre, ['/bin/c -x (exit code 2)']);
});

test('startFact() tells of a condition whose process systemd could not set up, of which the journal tells nothing', (t) => {
  const journal = [entry(950, 'b', 'Starting etcd.service')];
  const condition = (status: number) =>
    `ExecCondition={ path=/bin/sh ; argv[]=/bin/sh -c : ; ignore_errors=no ; start_time=[n/a] ; stop_time=[n/a] ; pid=6 ; code=exited ; status=${status} }`;
  const told = (status: number, result = 'exec-condition') =>
    texts(read({ ActiveState: 'inactive', Result: result }, journal, condition(status)));
  t.deepEqual(told(217), [
    'Starting etcd.service',
    'Condition process exited, code=exited, status=217/USER',
  ]);
  t.is(told(240).at(-1), 'Condition process exited, code=exited, status=240');
  t.deepEqual(told(1), ['Starting etcd.service']);
  t.deepEqual(told(217, 'success'), ['Starting etcd.service']);
});
