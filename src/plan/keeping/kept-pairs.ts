import type { DesiredCluster } from '../../desired/cluster.ts';
import type { EtcdProcessFact } from '../../facts/host/tenants.ts';
import { isShared, isShown } from '../../facts/host/their-pairs.ts';
import type { MemberFacts } from '../../facts/member.ts';
import { remedy } from '../../problem/remedy.ts';
import type { Refusal } from '../plan.ts';
import { takeOver } from './take-over.ts';

/** Why certificates that a member shows cannot be written where its process reads them. */
export function keptPairs(
  { certificates, peerCa }: DesiredCluster,
  name: string,
  found: MemberFacts,
  reissued: ReadonlySet<string>,
): readonly Refusal[] {
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
    ...inFiles(found),
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

function inFiles({ adopted, unit, tenants }: MemberFacts): readonly string[] {
  const others = tenants.processes.filter(({ pid }) => pid !== unit.pid);
  return [...(adopted?.pairs?.values() ?? [])].flatMap(({ certificate, key }) => [
    ...(certificate.path === key.path ? [`has certificate and key in one file ${key.path}`] : []),
    ...(others.some((one) => reads(one, certificate.path))
      ? [`shares ${certificate.path} with another etcd on its host`]
      : []),
  ]);
}

function reads({ environment, args }: EtcdProcessFact, path: string): boolean {
  return [...environment.values(), ...args].some(
    (word) => word === path || word.endsWith(`=${path}`),
  );
}
