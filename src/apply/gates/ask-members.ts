import { askClusterVersion, readClusterVersion, VERSION } from '../../facts/ask-cluster-version.ts';
import { askByHost } from '../../facts/etcd/ask-by-host.ts';
import { askGatewayAnd, isNamed } from '../../facts/etcd/ask-gateway.ts';
import type { EtcdFact } from '../../facts/etcd/etcd.ts';
import type { Host } from '../../host/host.ts';
import type { PlannedMember } from '../../plan/planned-cluster.ts';
import { type GateContext, hostOf } from '../step-context.ts';
import { askLinks, linksIn, METRICS } from './peer-connectivity.ts';

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
  readonly links?: boolean;
  readonly clusterVersion?: boolean;
}

/** Asks members about themselves, side by side. Throws a Failure where a host cannot be asked. */
export async function askMembers(
  names: readonly string[],
  site: GateContext,
  further: Further = {},
): Promise<ReadonlyMap<string, GateFact>> {
  const members = site.desired.members.filter(({ name }) => names.includes(name));
  const answers = await Promise.all(
    members.map(async (member) => {
      const host = hostOf(site, member.name);
      const told = await askOnce(host, member, site, further);
      return [member.name, told ?? (await askApart(host, member, site, further))] as const;
    }),
  );
  return new Map(answers);
}

/** All over one connection to its client port; nothing where any of it is not answered, or another member answers. */
async function askOnce(
  host: Host,
  member: PlannedMember,
  { desired, store }: GateContext,
  { links = false, clusterVersion = false }: Further,
): Promise<GateFact | undefined> {
  const paths = [...(links ? [METRICS] : []), ...(clusterVersion ? [VERSION] : [])];
  const answer = await askGatewayAnd(paths, host, desired, member, store);
  if (answer === undefined || !isNamed(answer.told, member.name)) return undefined;
  const said = (path: string) => answer.texts[paths.indexOf(path)];
  const [metrics, version] = [said(METRICS), said(VERSION)];
  return {
    ...answer.told,
    links: metrics === undefined ? undefined : await linksIn(metrics, member.name, host, desired),
    clusterVersion: version && readClusterVersion(version),
  };
}

/** Itself by the programs on its host, and each other thing for itself. */
async function askApart(
  host: Host,
  member: PlannedMember,
  site: GateContext,
  { links = false, clusterVersion = false }: Further,
): Promise<GateFact> {
  const [etcd, reached, version] = await Promise.all([
    askByHost(host, site.desired, member, site.store),
    links ? askLinks(member, host, site) : undefined,
    clusterVersion ? askClusterVersion(host, member, site.store) : undefined,
  ]);
  return { ...etcd, links: reached, clusterVersion: version };
}
