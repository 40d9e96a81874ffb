import { isIP } from 'node:net';
import type { DesiredCluster, DesiredMember } from '../desired/cluster.ts';
import { peerListener } from '../desired/setting.ts';
import type { ClusterFacts } from '../facts/cluster.ts';
import { type Dialled, dialPeers } from '../facts/etcd/dial-peers.ts';
import { askAll } from '../facts/fact.ts';
import type { Host } from '../host/host.ts';
import { foundOf } from '../observed/found.ts';
import { CHEAP_CHECKS, knownHosts } from './cheap.ts';
import type { CheckedHost } from './checked-host.ts';
import { askClock } from './clock.ts';
import { dataDisk, diskWrites, logDisk, programDisk } from './disk-checks.ts';
import {
  kernel,
  leftovers,
  openFiles,
  openssl,
  proxies,
  swap,
  variables,
} from './machine-checks.ts';
import { firewall, names, peers, roundTrips } from './network-checks.ts';
import { type HostEnvironment, surroundingsTable } from './surroundings.ts';
import { synchronization } from './time-checks.ts';
import { type CheckResult, type HostCheck, judgeHost } from './verdict.ts';
import { testWrites } from './write-test.ts';

export interface ExamineOptions {
  /** Names in URLs and certificates beside those of the URLs. */
  readonly extraNames: readonly string[];
  /** Whether to write to the data disks. */
  readonly diskTest: boolean;
}

/** Every check's verdict on every host that answers. Writes only what the disk test needs, and removes it. */
export async function examine(
  cluster: DesiredCluster,
  hosts: ReadonlyMap<string, Host>,
  facts: ClusterFacts,
  { extraNames, diskTest }: ExamineOptions,
): Promise<readonly CheckResult[]> {
  const checks: readonly HostCheck<CheckedHost>[] = [
    ...[...CHEAP_CHECKS, kernel, synchronization, names, peers, roundTrips, firewall],
    ...[
      dataDisk,
      ...(cluster.paths.walHome === undefined ? [] : [logDisk]),
      programDisk,
      ...(diskTest ? [diskWrites] : []),
    ],
    ...[openFiles, swap, variables, proxies, leftovers],
    ...(cluster.certificates.some(({ keyPlace }) => keyPlace === 'host') ? [openssl] : []),
  ];
  const known = knownHosts(cluster, facts).flatMap((one) => {
    const host = hosts.get(one.member.name);
    return host === undefined ? [] : [{ ...one, host }];
  });
  const table = surroundingsTable(cluster, [...new Set([...urlNames(cluster), ...extraNames])]);
  const isListening = (name: string) => {
    const peerUrl = cluster.members.find((member) => member.name === name)?.peerUrl ?? '';
    const listeners = foundOf(facts, name)?.listeners ?? [];
    return listeners.some(({ port }) => peerUrl.endsWith(`:${port}`));
  };
  // What no plan is made from is asked here alone. The disks last: their writes would slow everything else down.
  const [clocks, surroundings, dials] = await Promise.all([
    Promise.all(known.map(({ host }) => askClock(host))),
    Promise.all(known.map(({ host }) => askAll(host, table))),
    dialPeers(
      cluster.members.map(dialled),
      known.map(({ member, host }) => ({ member: dialled(member), host })),
      isListening,
    ),
  ]);
  const writes = await Promise.all(
    known.map(({ host }, index) =>
      diskTest ? testWrites(host, writtenIn(surroundings[index])) : undefined,
    ),
  );
  const namesElsewhere = new Map(
    known.flatMap(({ member }, index) => {
      const found = surroundings[index]?.names;
      return found === undefined ? [] : [[member.name, found] as const];
    }),
  );

  return known.flatMap(({ host: _host, ...one }, index) => {
    const around = surroundings[index];
    if (around === undefined) return [];
    return judgeHost(checks, one.member.name, {
      ...one,
      clock: clocks[index] ?? one.clock,
      surroundings: around,
      dials: dials.get(one.member.name) ?? [],
      writes: writes[index],
      namesElsewhere,
    });
  });
}

/** Where etcd syncs what it writes: in its log. */
function writtenIn(around: HostEnvironment | undefined): string {
  return (around?.log ?? around?.data)?.directory ?? '/';
}

function urlNames({ members }: DesiredCluster): readonly string[] {
  return members
    .flatMap(({ peerUrl, clientUrl }: DesiredMember) => [peerUrl, clientUrl])
    .map((url) => new URL(url).hostname.replace(/^\[|\]$/g, ''))
    .filter((name) => isIP(name) === 0);
}

function dialled(member: DesiredMember): Dialled {
  return { name: member.name, peerUrl: member.peerUrl, listen: peerListener(member) };
}
