import type { DesiredCluster } from '../../desired/cluster.ts';
import { unitOf } from '../../facts/host/tenants.ts';
import { isShared, isShown, type TheirPairs } from '../../facts/host/their-pairs.ts';
import type { MemberFacts } from '../../facts/member.ts';
import { remedy } from '../../problem/remedy.ts';
import type { Refusal } from '../plan.ts';
import { takeOver } from './take-over.ts';

/** Why certificates that a member shows cannot be written where its process reads them. */
export function pairRefusals(
  cluster: DesiredCluster,
  name: string,
  found: MemberFacts,
  reissued: ReadonlySet<string>,
): readonly Refusal[] {
  const { certificates, peerCa } = cluster;
  const due = certificates
    .filter(isShown)
    .filter(({ member, id }) => member === name && reissued.has(id));
  if (due.length === 0) return [];
  const { pairs } = found.adopted ?? {};
  const isSigned = due.some(({ keyPlace }) => keyPlace === 'host');
  const whys = [
    ...(found.unit.process === undefined
      ? ['does not run, and only its process tells where its certificates lie']
      : due.flatMap(({ row }) =>
          pairs?.has(row) ? [] : [`names no file for its certificate ${row}`],
        )),
    ...(isSigned ? ['has its keys where somebody else put them, and pki.keys is host'] : []),
    ...inOneFile(found),
    // By which files it goes nobody can tell for sure: through links, or while it does not run.
    ...(besideOthers(cluster, found)
      ? ['is not alone: another etcd on its host may read the same files']
      : []),
    ...(!isShared(pairs) && keyIsShared(pairs) ? ['has one key for two certificates'] : []),
    ...(isShared(pairs) && peerCa !== undefined
      ? ['shows clients and members one certificate, and they trust different CAs']
      : []),
  ];
  return [...new Set(whys)].map((why) => ({
    kind: 'pair-kept',
    about: [name],
    sentence: `${name}: ${why}, so no new one is put there with layout: keep`,
    next: [remedy`have its certificates renewed by what made them`, takeOver],
  }));
}

function inOneFile({ adopted }: MemberFacts): readonly string[] {
  return [...(adopted?.pairs?.values() ?? [])].flatMap(({ certificate, key }) =>
    certificate.path === key.path ? [`has certificate and key in one file ${key.path}`] : [],
  );
}

function keyIsShared(pairs: TheirPairs | undefined): boolean {
  const server = pairs?.get('server')?.key.path;
  return server !== undefined && server === pairs?.get('peer')?.key.path;
}

function besideOthers({ unit: own }: DesiredCluster, { unit, tenants }: MemberFacts): boolean {
  return (
    tenants.processes.some(({ pid }) => pid !== unit.pid) ||
    tenants.unitFiles.some(({ path }) => unitOf(path) !== `${own}.service`)
  );
}
