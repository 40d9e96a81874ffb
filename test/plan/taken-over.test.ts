import test from 'ava';
import { asAdopted } from '../../src/facts/adopted.ts';
import type { MemberFacts } from '../../src/facts/member.ts';
import { planCluster } from '../../src/plan/cluster.ts';
import { placed } from '../../src/plan/lane.ts';
import { nextText } from '../../src/problem/render.ts';
import { but, butAll, settled, stopped, tenantsWith, UP, wanted } from './facts.ts';

const bare = wanted(3, { protocol: 'http' });
const clusterId = [...settled(bare).members.values()][0]?.etcd.members?.clusterId ?? '';
const desired = wanted(3, { protocol: 'http', adopted: { clusterId } });
const UNIT = `[Service]
Type=notify
ExecStart=/usr/local/bin/etcd --name etcd01 --data-dir /var/lib/etcd
`;
const DROP_IN = '/etc/systemd/system/etcd.service.d/limits.conf';

/** A member as somebody else has made it: its own unit, no configuration of ours, run by root. */
function foreign(found: MemberFacts): MemberFacts {
  const { unit, tenants } = found;
  const file = { mode: 0o644, owner: 'root:root', modifiedAt: 0, content: UNIT };
  return {
    ...found,
    conf: undefined,
    unitFile: file,
    incarnation: undefined,
    places: new Map([[desired.paths.unitFile, { kind: 'file', header: undefined }]]),
    unit: {
      ...unit,
      process: unit.process && {
        ...unit.process,
        ...{ executable: '/usr/local/bin/etcd', unit: undefined, service: undefined },
        account: 'root',
      },
    },
    launch: {
      ...found.launch,
      dropIns: [{ path: DROP_IN, content: '[Service]\nLimitNOFILE=40000', environmentFiles: [] }],
    },
    tenants: tenantsWith({
      ...tenants,
      unitFiles: [
        { path: desired.paths.unitFile, text: UNIT },
        { path: DROP_IN, text: '[Service]\nLimitNOFILE=40000 # of etcd' },
      ],
      confs: [],
    }),
  };
}

/** The unit of a member whose process was given these variables as well. */
const given = (unit: MemberFacts['unit'], variables: Readonly<Record<string, string>>) => ({
  ...unit,
  process: unit.process && {
    ...unit.process,
    environment: new Map([...unit.process.environment, ...Object.entries(variables)]),
  },
});

const strange = butAll(settled(desired), foreign);
const adopted = (cluster: typeof desired, facts = strange) =>
  butAll(facts, (found, name) => asAdopted(cluster, { name }, found));

test('planCluster() keeps the files of somebody else and takes a member over at its restart', (t) => {
  const { waves, refusals } = planCluster(desired, adopted(desired), UP);
  t.deepEqual(refusals, []);
  const [first] = waves.filter(({ turn }) => turn !== undefined);
  const steps = placed(first?.lanes ?? []).map(({ step }) => step);
  t.deepEqual(
    steps.map(({ kind }) => kind),
    [
      ...['keep-former', 'write-files', 'remove', 'enable-unit', 'yield-leadership'],
      ...['restart-unit', 'await-ready'],
    ],
  );
  const { unitFile, confFile } = desired.paths;
  const former = {
    ...{ unit: 'etcd', directory: '/var/lib/provision/adopted/etcd' },
    paths: [unitFile, confFile, DROP_IN],
  };
  t.like(steps[0], { former });
  t.like(steps[2], { paths: [DROP_IN] });
  t.like(steps[1], { files: [{ before: undefined }, { before: UNIT }] });
  t.like(steps[5], { because: 'it runs by a unit that provision did not make' });
  const back = placed(first?.undo ?? []).map(({ step }) => step);
  t.deepEqual(
    back.map(({ kind }) => kind),
    ['put-former-back', 'restart-unit', 'await-ready'],
  );
  t.like(back[1], { handover: { account: 'root', data: '/var/lib/etcd' } });
});

test('planCluster() takes over nothing whose log is of another cluster, or of an inventory that adopts nothing', (t) => {
  const other = wanted(3, { protocol: 'http', adopted: { clusterId: 'abc' } });
  for (const cluster of [other, bare]) {
    const { waves, refusals } = planCluster(cluster, adopted(cluster), UP);
    t.deepEqual(waves, []);
    t.deepEqual(
      refusals.flatMap(({ kind, about }) => (kind === 'foreign-unit' ? about : [])),
      ['etcd01', 'etcd02', 'etcd03'],
    );
  }
});

test('asAdopted() leaves a member alone that provision has set up, whatever the inventory adopts', (t) => {
  const facts = settled(desired);
  t.deepEqual(adopted(desired, facts).members, facts.members);
});

test('planCluster() hands the data over at the restart where a run was cut off before it, and can go back', (t) => {
  const half = butAll(settled(desired), (found) => ({ unit: foreign(found).unit }));
  const { waves } = planCluster(desired, adopted(desired, half), UP);
  const [first] = waves.filter(({ turn }) => turn !== undefined);
  const steps = placed(first?.lanes ?? []).map(({ step }) => step);
  const restart = steps.find(({ kind }) => kind === 'restart-unit');
  t.like(restart, { handover: { account: 'etcd' } });
  t.deepEqual(
    placed(first?.undo ?? []).map(({ step }) => step.kind),
    ['put-former-back', 'restart-unit', 'await-ready'],
  );
});

test('asAdopted() finishes what was cut off between the files: the unit is ours then, and the drop-ins are drift', (t) => {
  const half = butAll(strange, (_, name) => {
    const { conf } = settled(desired).members.get(name) ?? {};
    return { conf };
  });
  const { waves, refusals } = planCluster(desired, adopted(desired, half), UP);
  t.deepEqual(refusals, []);
  const [first] = waves.filter(({ turn }) => turn !== undefined);
  const kinds = placed(first?.lanes ?? []).map(({ step }) => step.kind);
  t.true(kinds.indexOf('keep-former') === 0 && kinds.includes('restart-unit'));
});

test('planCluster() asks for a word where clients without a certificate are served, and takes it', (t) => {
  const https = (change: object) => wanted(3, { adopted: { clusterId: ours, ...change } });
  const ours = [...settled(wanted(3)).members.values()][0]?.etcd.members?.clusterId ?? '';
  const refused = (change: object, asks: string, ca = '') => {
    const cluster = https(change);
    const facts = butAll(settled(cluster), (found) => {
      const { unit, ...rest } = foreign(found);
      const said = { ETCD_CLIENT_CERT_AUTH: asks, ETCD_TRUSTED_CA_FILE: ca };
      return { ...rest, unit: given(unit, said) };
    });
    return planCluster(cluster, adopted(cluster, facts), UP).refusals.map(({ kind }) => kind);
  };
  const one = 'clients-without-certificate';
  t.deepEqual(refused({}, 'false'), [one, one, one]);
  t.deepEqual(refused({}, 'True'), []);
  // From 3.4 on a CA that is named is enough.
  t.deepEqual(refused({}, 'false', '/etc/ssl/ca.pem'), []);
  t.deepEqual(refused({ clientCertificates: 'optional' }, 'false'), []);
  t.deepEqual(refused({ clientCertificates: 'required' }, 'false'), []);
});

test('planCluster() takes over a directory that is given with a slash at its end, and an empty one', (t) => {
  const slashed = butAll(strange, ({ unit }) => ({
    unit: given(unit, { ETCD_DATA_DIR: '/var/lib/etcd/', ETCD_WAL_DIR: '' }),
  }));
  const { waves, refusals } = planCluster(desired, adopted(desired, slashed), UP);
  t.deepEqual(refusals, []);
  t.is(waves.filter(({ turn }) => turn !== undefined).length, 3);
});

test('planCluster() never puts a link or certificates in the place of what is not taken over', (t) => {
  const { current, pki, unitFile } = desired.paths;
  const refused = (path: string) => {
    const facts = butAll(strange, () => ({
      places: new Map([
        [unitFile, { kind: 'file', header: undefined } as const],
        [path, { kind: 'file', header: undefined } as const],
      ]),
    }));
    return planCluster(desired, adopted(desired, facts), UP).refusals.map(
      ({ kind, sentence }) => `${kind}: ${sentence.includes(path)}`,
    );
  };
  t.deepEqual(refused(current), ['collision: true']);
  t.deepEqual(refused(pki), ['collision: true']);
});

test('planCluster() names no CA to an etcd that would ask for certificates by it', (t) => {
  const optional = (version: string) => {
    const [first] = wanted(3, {
      etcd: { version },
      adopted: { clusterId: '1', clientCertificates: 'optional' },
    }).members;
    const settings = first?.environment({ token: 't', state: 'existing' });
    return [settings?.get('ETCD_CLIENT_CERT_AUTH'), settings?.has('ETCD_TRUSTED_CA_FILE')];
  };
  t.deepEqual(optional('3.3.25'), ['false', true]);
  t.deepEqual(optional('3.5.30'), ['false', false]);
});

test('planCluster() takes nobody over who does not run while others answer, and could not be given back', (t) => {
  const facts = but(strange, 'etcd02', stopped);
  const refused = planCluster(desired, adopted(desired, facts), UP).refusals;
  t.deepEqual(
    refused.map(({ kind, about }) => [kind, about]),
    [['stopped-before', ['etcd02']]],
  );
  t.is(
    nextText(refused[0]?.next ?? []),
    'start it as it was (on etcd02: systemctl start etcd), then: provision up INVENTORY; or where it cannot start any more, have a new member take its place: provision member replace INVENTORY etcd02',
  );
  // Stopped by a run that was cut off it had been seen before.
  const former = {
    ...{ paths: [desired.paths.unitFile], back: [], programSha256: 'aa' },
    note: {
      ...{ account: 'root', executable: '/usr/local/bin/etcd', sha256: 'aa', version: '3.5.30' },
      ...{ protocol: 'http', peerUrl: '', data: '/var/lib/etcd', wal: '', ca: '', peerCa: '' },
    },
  };
  const seen = but(facts, 'etcd02', () => ({ former }));
  t.deepEqual(
    planCluster(desired, adopted(desired, seen), UP).refusals.map(({ kind }) => kind),
    [],
  );
});

test('planCluster() says which settings of a member end that the inventory has for others alone', (t) => {
  const own = wanted(3, {
    protocol: 'http',
    adopted: { clusterId },
    members: [1, 2, 3].map((at) => ({
      ...{ name: `etcd0${at}`, address: `198.18.0.1${at}` },
      ...(at < 3 && { settings: { 'listen-metrics-urls': `http://198.18.0.1${at}:2381` } }),
    })),
  });
  const metrics = butAll(strange, ({ unit }) => ({
    unit: given(unit, { ETCD_LISTEN_METRICS_URLS: 'http://198.18.0.13:2381' }),
  }));
  const { notes = [] } = planCluster(own, adopted(own, metrics), UP);
  t.deepEqual(
    notes.filter((note) => note.includes('METRICS')),
    [
      'etcd03 runs with ETCD_LISTEN_METRICS_URLS=http://198.18.0.13:2381, which the inventory has for other members alone: behind its restart it runs without; what it is to keep belongs into settings of this member',
    ],
  );
});
