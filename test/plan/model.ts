import type { DesiredCluster } from '../../src/desired/cluster.ts';
import type { EtcdFact } from '../../src/facts/etcd/etcd.ts';
import type { MemberFacts } from '../../src/facts/member.ts';
import { readConf } from '../../src/plan/environment-file.ts';
import { laneName } from '../../src/plan/lane.ts';
import type { Plan } from '../../src/plan/plan.ts';
import type { Step } from '../../src/plan/step.ts';
import {
  but,
  butAll,
  dataOf,
  emptyData,
  hanging,
  incarnationWith,
  NOW,
  notAnswering,
  type SeenFacts,
  settled,
  sha256,
  textOf,
  written,
} from './facts.ts';

/** How many steps of a lane are done before the run is killed; all of them unless told. */
export type Stop = (wave: number, lane: number) => number;

/**
 * What the facts become when a run does this plan and is killed on its way: lanes of the first wave that stops early are
 * cut, later waves never begin. The hosts as a model: etcd answers once more than half of the members run.
 */
export function executePlan(
  desired: DesiredCluster,
  facts: SeenFacts,
  plan: Plan,
  stop: Stop = () => Number.POSITIVE_INFINITY,
): SeenFacts {
  const perfect = settled(desired);
  let state = facts;
  for (const [at, wave] of plan.waves.entries()) {
    let cut = false;
    for (const [index, lane] of wave.lanes.entries()) {
      const done = lane.steps.slice(0, stop(at, index));
      cut ||= done.length < lane.steps.length;
      for (const step of done)
        state = witnessed(desired, after(desired, state, laneName(lane), step, perfect), perfect);
    }
    if (cut) return state;
  }
  return state;
}

function after(
  desired: DesiredCluster,
  facts: SeenFacts,
  host: string,
  step: Step,
  perfect: SeenFacts,
): SeenFacts {
  switch (step.kind) {
    case 'create-ca':
      return { ...facts, store: { ...facts.store, ca: perfect.store.ca } };
    case 'issue-certificate':
      return issued(facts, step.certificate.id, perfect);
    case 'certify-host-key':
      return but(issued(facts, step.certificate.id, perfect), host, (found) => ({
        keys: {
          ...found.keys,
          sha256: new Set([...found.keys.sha256, sha256(textOf('key', step.certificate))]),
        },
      }));
    case 'remove-store-keys': {
      const certificates = new Map(facts.store.certificates);
      for (const id of step.certificates) {
        const found = certificates.get(id);
        if (found !== undefined) certificates.set(id, { ...found, keySha256: undefined });
      }
      return { ...facts, store: { ...facts.store, certificates } };
    }
    default:
      return but(facts, host, (found) => onHost(desired, found, host, step, perfect));
  }
}

/** A key that lay in the store stays there until it is removed. */
function issued(facts: SeenFacts, id: string, perfect: SeenFacts): SeenFacts {
  const made = perfect.store.certificates.get(id);
  if (made === undefined) throw new TypeError(`nobody wants ${id}`);
  const keySha256 = made.keySha256 ?? facts.store.certificates.get(id)?.keySha256;
  const certificates = new Map(facts.store.certificates).set(id, { ...made, keySha256 });
  return { ...facts, store: { ...facts.store, certificates } };
}

function onHost(
  desired: DesiredCluster,
  found: MemberFacts,
  host: string,
  step: Step,
  perfect: SeenFacts,
): Partial<MemberFacts> {
  const ideal = perfect.members.get(host) ?? found;
  const { installed } = ideal.program;
  switch (step.kind) {
    case 'prepare-host':
      return {
        machine: { ...found.machine, accountExists: true },
        data: found.data ?? emptyData,
      };
    case 'write-files':
      return Object.fromEntries(
        step.files.map(({ file }) => [
          file.path === desired.paths.confFile ? 'conf' : 'unitFile',
          written(file.content),
        ]),
      );
    case 'enable-unit':
      return { unit: { ...found.unit, exists: true, enabled: true, stale: false } };
    case 'install-certificates':
      for (const one of desired.certificates)
        if (one.member === host && one.keyPlace === 'host')
          if (!found.keys.sha256.has(sha256(textOf('key', one))))
            throw new TypeError(`${host} has no key for ${one.id}`);
      return { pki: ideal.pki, keys: ideal.keys };
    case 'probe-listeners':
      return {};
    case 'upload':
      return {
        binaries: new Map(found.binaries).set(step.binary.name, {
          sha256: step.binary.sha256,
          mode: 0o755,
          owner: 'root:root',
        }),
        program: step.binary.name === 'etcd' ? { ...found.program, installed } : found.program,
      };
    case 'point-link':
      return { current: step.target };
    case 'start-unit':
    case 'restart-unit':
      return started(desired, found, host, ideal);
    case 'stop-unit':
      return { unit: { ...found.unit, active: 'inactive', pid: 0, process: undefined } };
    case 'move-aside':
      return { data: undefined };
    case 'await-ready':
    case 'record-log':
      return recorded(found);
    case 'await-peer':
    case 'yield-leadership':
      return {};
    default:
      throw new TypeError(`the model has no ${step.kind}`);
  }
}

// A log of the same ids that is recorded already stays as it was recorded.
function recorded({ data, incarnation }: MemberFacts): Partial<MemberFacts> {
  const wal = data?.wal;
  if (wal === undefined || incarnation?.record.clusterId === wal.clusterId) return {};
  return { incarnation: incarnationWith(wal) };
}

function started(
  desired: DesiredCluster,
  found: MemberFacts,
  host: string,
  ideal: MemberFacts,
): Partial<MemberFacts> {
  const conf = readConf(found.conf?.content)?.values ?? new Map<string, string>();
  const token = conf.get('ETCD_INITIAL_CLUSTER_TOKEN');
  return {
    unit: {
      ...found.unit,
      pid: ideal.unit.pid,
      active: 'activating',
      startedAt: NOW.getTime() / 1000,
      process: { executable: `${found.current}/etcd`, environment: conf },
    },
    data: found.data?.used ? found.data : dataOf(desired, host, token),
    listeners: ideal.listeners,
  };
}

/** The facts with what etcd and systemd would say of it. */
function witnessed(desired: DesiredCluster, facts: SeenFacts, perfect: SeenFacts): SeenFacts {
  const running = [...facts.members.values()].filter(({ unit }) => unit.pid > 0).length;
  const quorum = running > desired.members.length / 2;
  return butAll(facts, (found, name) => {
    if (found.unit.pid === 0) return { etcd: notAnswering('no etcd process') };
    if (!quorum)
      return found.unit.active === 'active' ? { etcd: notAnswering('timeout') } : hanging(found);
    const unit = { ...found.unit, active: 'active', sub: 'running' };
    const asked = found.binaries.has('etcdctl');
    return { unit, etcd: asked ? answer(facts, perfect, name) : notAnswering('no etcdctl') };
  });
}

/** A first start names every member at once; client URLs are published by those that have run. */
function answer(facts: SeenFacts, perfect: SeenFacts, name: string): EtcdFact {
  const etcd = perfect.members.get(name)?.etcd ?? notAnswering('unknown');
  const members = etcd.members && {
    ...etcd.members,
    members: etcd.members.members.map((member) =>
      facts.members.get(member.name)?.data?.used ? member : { ...member, clientUrls: [] },
    ),
  };
  return { ...etcd, members };
}
