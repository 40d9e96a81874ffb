import test from 'ava';
import { awaitReady, NotReady } from '../../../src/apply/units/await-ready.ts';
import { sh } from '../../../src/shell/command.ts';
import { machines } from '../machine.ts';

const ETCD = {
  unit: 'etcd',
  wal: '/nonexistent/wal',
  emptyStart: false,
  whenReady: sh`echo beginning`,
};
const NEVER = new AbortController().signal;

const waits = test.macro(
  async (t, states: readonly string[], seconds: number, complaint: string | undefined) => {
    const { hosts, states: say } = await machines(t, 1);
    await say('etcd01', ...states);
    const host = hosts.get('etcd01');
    if (host === undefined) return t.fail();
    const wait = awaitReady(host, ETCD, seconds, NEVER);
    if (complaint === undefined) {
      t.is(await wait, 'beginning\n');
      return;
    }
    const error = await t.throwsAsync(wait, { instanceOf: NotReady });
    t.is(error?.message, complaint);
  },
);

test(
  'awaitReady() returns when systemd calls the unit active',
  waits,
  ['activating 0', 'activating 0', 'active 0'],
  30,
  undefined,
);

test(
  'awaitReady() does not take activating for a failure before its own deadline',
  waits,
  ['activating 0'],
  0.5,
  'etcd01: etcd.service was not ready within 0.5 s',
);

test(
  'awaitReady() gives up at once on a unit that failed',
  waits,
  ['activating 0', 'failed 0'],
  30,
  'etcd01: etcd.service failed to start',
);

test(
  'awaitReady() tolerates two crashes',
  waits,
  ['activating 4', 'activating 5', 'activating 6', 'active 6'],
  30,
  undefined,
);

test(
  'awaitReady() gives up on a unit that crashes a third time',
  waits,
  ['activating 4', 'activating 7'],
  30,
  'etcd01: etcd.service keeps crashing',
);

test(
  'awaitReady() waits for a unit that has not begun to start',
  waits,
  ['inactive 0', 'activating 0', 'active 0'],
  30,
  undefined,
);

test(
  'awaitReady() gives up at once on a unit that systemd does not start without its data',
  waits,
  ['activating 0', 'inactive 0'],
  30,
  'etcd01: etcd.service was not started: its data is missing',
);

test('awaitReady() is not failed by what is asked once the unit is active', async (t) => {
  const { hosts, states: say } = await machines(t, 1);
  await say('etcd01', 'active 0');
  const host = hosts.get('etcd01');
  if (host === undefined) return t.fail();
  const asked = { ...ETCD, whenReady: sh`echo some; exit 3` };
  t.is(await awaitReady(host, asked, 30, NEVER), 'some\n');
});

test(
  'awaitReady() does not wait longer for a unit that goes on stopping',
  waits,
  ['activating 0', 'deactivating 0'],
  0.5,
  'etcd01: etcd.service was not ready within 0.5 s',
);
