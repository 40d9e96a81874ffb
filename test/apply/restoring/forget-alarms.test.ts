import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { forgetAlarms } from '../../../src/apply/restoring/forget-alarms.ts';
import { machines } from '../machine.ts';

/** What is disarmed where etcd tells of these alarms; members 1 and 2 are in its list. */
async function disarmed(
  t: ExecutionContext,
  alarms: readonly string[],
  ended?: readonly string[],
): Promise<'all' | 'none' | string> {
  const { directory, desired, hosts } = await machines(t);
  const host = hosts.get('etcd01');
  if (host === undefined) throw new Error('three hosts');
  const done = join(directory, 'done');
  const list = JSON.stringify({
    header: { cluster_id: 1 },
    members: [1, 2].map((ID) => ({ ID, name: `r${ID}`, peerURLs: [], clientURLs: [] })),
  });
  const etcdctl = join(directory, 'etcdctl');
  await writeFile(
    etcdctl,
    `#!/bin/sh
case "$*" in
  *disarm*) echo all > ${done} ;;
  *'alarm list'*) printf '%s\\n' ${alarms.map((one) => `'${one}'`).join(' ')} ;;
  *) echo '${list}' ;;
esac
`,
  );
  await writeFile(done, 'none');
  try {
    await forgetAlarms(host, desired, ended);
  } catch (error) {
    return error instanceof Error ? error.message : 'thrown';
  }
  return (await readFile(done, 'utf8')).trim();
}

const FORMER = '0000000000000009';
const NOBODY = '0000000000000000';
const RAISED =
  'etcd01: a corruption alarm was raised meanwhile that is not of a member that has left, so none was disarmed';

test('forgetAlarms() ends what a snapshot has brought, and nothing about a member of the cluster', async (t) => {
  t.is(await disarmed(t, []), 'none');
  t.is(await disarmed(t, ['memberID:9 alarm:CORRUPT ']), 'all');
  t.is(await disarmed(t, ['alarm:CORRUPT ']), 'all');
  t.is(await disarmed(t, ['memberID:9 alarm:CORRUPT ', 'memberID:1 alarm:NOSPACE ']), 'none');
});

test('forgetAlarms() ends those of a member that has left, and no other corruption', async (t) => {
  t.is(await disarmed(t, ['memberID:9 alarm:CORRUPT '], [FORMER]), 'all');
  t.is(
    await disarmed(t, ['memberID:9 alarm:CORRUPT ', 'memberID:1 alarm:NOSPACE '], [FORMER]),
    'all',
  );
  t.is(
    await disarmed(t, ['memberID:9 alarm:CORRUPT ', 'memberID:2 alarm:CORRUPT '], [FORMER]),
    RAISED,
  );
  t.is(await disarmed(t, ['memberID:9 alarm:CORRUPT ', 'alarm:CORRUPT '], [FORMER]), RAISED);
  t.is(await disarmed(t, ['alarm:CORRUPT '], [NOBODY]), 'all');
});
