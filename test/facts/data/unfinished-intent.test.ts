import { mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { type RestoreIntent, writeIntent } from '../../../src/facts/data/restore-intent.ts';
import { formerIntentFact, intentFact } from '../../../src/facts/data/unfinished-intent.ts';
import { askAll } from '../../../src/facts/fact.ts';
import { shelter } from '../../lock/shelter.ts';

const old: RestoreIntent = {
  ...{ cluster: 'prod', token: 'first', clusterId: 'c1', snapshot: 'a'.repeat(64) },
  ...{ bumpRevision: 0, began: '20261121T110000Z', ran: true, served: true },
};

test('intentFact: reads the record of this unit, else one by the name whose data lies here', async (t) => {
  const { host, directory } = shelter('etcd01');
  const data = join(directory, 'etcd');
  const cluster = { name: 'prod', unit: 'etcd', paths: { data } };
  const ask = () =>
    askAll(host, { intent: intentFact(cluster), former: formerIntentFact(cluster) });
  const former = join(directory, 'restore-prod.json');
  t.deepEqual(await ask(), { intent: undefined, former: false });

  writeFileSync(former, writeIntent(old));
  t.deepEqual(await ask(), { intent: undefined, former: false });
  for (const trace of [`${data}.aside-${old.began}`, `${data}.restoring`]) {
    mkdirSync(trace);
    t.deepEqual(await ask(), { intent: old, former: true });
    rmdirSync(trace);
  }
  writeFileSync(former, writeIntent({ ...old, unit: 'etcd-events' }));
  t.deepEqual(await ask(), { intent: undefined, former: false });
  const begun = { ...old, unit: 'etcd' };
  writeFileSync(former, writeIntent(begun));
  t.deepEqual(await ask(), { intent: begun, former: true });

  const next = { ...begun, token: 'next' };
  writeFileSync(join(directory, 'restore-etcd.service.json'), writeIntent(next));
  t.deepEqual(await ask(), { intent: next, former: true });
  writeFileSync(former, writeIntent({ ...old, unit: 'etcd-events' }));
  t.deepEqual(await ask(), { intent: next, former: false });
});
