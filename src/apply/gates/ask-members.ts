import type { askClusterVersion } from '../../facts/ask-cluster-version.ts';
import { askByHost } from '../../facts/etcd/ask-by-host.ts';
import { askGateway, isNamed } from '../../facts/etcd/ask-gateway.ts';
import type { EtcdFact } from '../../facts/etcd/etcd.ts';
import type { Host } from '../../host/host.ts';
import type { PlannedMember } from '../../plan/planned-cluster.ts';
import { type GateContext, hostOf } from '../step-context.ts';
import type { askLinks } from './peer-connectivity.ts';

/** What a member says of itself, and the peers it reaches, by id or by name, where that is known. */
export type GateFact = EtcdFact & {
  readonly links?: ReadonlySet<string> | undefined;
  /** The version that all members can work with, as it says: `3.5.0`. */
  readonly clusterVersion?: string | undefined;
};

/** What each member that was asked says. */
export type Answers = ReadonlyMap<string, GateFact>;

/** What members are asked beside themselves; nothing gives undefined. */
export interface Further {
  readonly links?: typeof askLinks;
  readonly clusterVersion?: typeof askClusterVersion;
}

/** Asks members about themselves, side by side. Throws a Failure where a host cannot be asked. */
export async function askMembers(
  names: readonly string[],
  site: GateContext,
  { links, clusterVersion }: Further = {},
): Promise<ReadonlyMap<string, GateFact>> {
  const members = site.desired.members.filter(({ name }) => names.includes(name));
  const answers = await Promise.all(
    members.map(async (member) => {
      const { name } = member;
      const host = hostOf(site, name);
      const [etcd, reached, version] = await Promise.all([
        askMember(host, member, site),
        links?.(member, host, site),
        clusterVersion?.(host, member, site.store),
      ]);
      return [name, { ...etcd, links: reached, clusterVersion: version }] as const;
    }),
  );
  return new Map(answers);
}

async function askMember(host: Host, member: PlannedMember, site: GateContext): Promise<EtcdFact> {
  const told = await askGateway(host, site.desired, member, site.store);
  return told !== undefined && isNamed(told, member.name)
    ? told
    : askByHost(host, site.desired, member, site.store);
}
