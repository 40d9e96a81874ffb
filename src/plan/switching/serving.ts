import type { DesiredMember } from '../../desired/cluster.ts';
import type { DesiredSwitch, Protocol, Serving } from '../../desired/dual-protocol.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import type { MemberFacts } from '../../facts/member.ts';
import { allFound, foundOf } from '../../observed/found.ts';
import { listedMember } from '../../observed/membership.ts';
import { readConf } from '../environment-file.ts';

const PROTOCOLS = ['http', 'https'] as const;

/** What of a member says how it serves clients. */
export type Configured = Pick<MemberFacts, 'unit'> & Partial<Pick<MemberFacts, 'conf'>>;

/** Where a member serves clients, by its process or, where nothing runs, by its configuration; each pair once. */
export function servedBy(
  found: Configured | undefined,
): readonly { readonly protocol: Protocol; readonly port: number }[] {
  const served = urlsOf(found, 'ETCD_LISTEN_CLIENT_URLS').map((url) => ({
    protocol: protocolOf(url),
    port: portOf(url),
  }));
  return [...new Map(served.map((one) => [`${one.protocol} ${one.port}`, one])).values()];
}

/** The client URLs a member advertises, by its process or, where nothing runs, by its configuration. */
export function advertisedBy(found: MemberFacts | undefined): readonly string[] {
  return urlsOf(found, 'ETCD_ADVERTISE_CLIENT_URLS');
}

/** Whether a member serves clients by both protocols. */
export function servesBoth(found: MemberFacts | undefined): boolean {
  return new Set(servedBy(found).map(({ protocol }) => protocol)).size > 1;
}

/** Whether a member's client listeners speak this protocol and no other. */
export function servesOnly(found: MemberFacts | undefined, protocol: Protocol): boolean {
  const served = servedBy(found);
  return served.length > 0 && served.every((one) => one.protocol === protocol);
}

/**
 * How clients are served during a switch. A stage that has begun goes on as it was begun, in either direction: members that
 * serve both say at which ports. What each advertises stays until it is to change.
 */
export function servingOf(
  { to, target, clientPort, stagePort }: DesiredSwitch,
  { members }: Pick<ClusterFacts, 'members'>,
): Serving {
  const from: Protocol = to === 'https' ? 'http' : 'https';
  const begun = allFound({ members }).find(servesBoth);
  const observed = (protocol: Protocol) =>
    servedBy(begun).find((one) => one.protocol === protocol)?.port;
  const ports = {
    [from]: observed(from) ?? clientPort,
    [to]: observed(to) ?? stagePort,
  } as Record<Protocol, number>;
  const advertised = target.members.map(({ name }) => {
    const urls = advertisedBy(foundOf({ members }, name));
    const isKept = begun !== undefined && urls.length > 0;
    return [name, isKept ? urls.map(protocolOf) : [from]] as const;
  });
  return { ports, advertised: new Map(advertised) };
}

/** The port besides the client port at which any member serves the new protocol, left of the stage; undefined without one. */
export function leftPort(
  { to, clientPort }: Pick<DesiredSwitch, 'to' | 'clientPort'>,
  { members }: Pick<ClusterFacts, 'members'>,
): number | undefined {
  return allFound({ members })
    .flatMap((found) => servedBy(found))
    .find(({ protocol, port }) => protocol === to && port !== clientPort)?.port;
}

/** The protocols that members advertise now, http first. */
export function advertisedProtocols({
  members,
}: Pick<ClusterFacts, 'members'>): readonly Protocol[] {
  const all = new Set(
    allFound({ members }).flatMap((found) => advertisedBy(found).map(protocolOf)),
  );
  return PROTOCOLS.filter((protocol) => all.has(protocol));
}

/**
 * Where a member serves clients, at the address of its own: by its process or configuration, else as the membership has it
 * from others, else as the inventory says.
 */
export function endpointsOf(
  { name, clientUrl }: Pick<DesiredMember, 'name' | 'clientUrl'>,
  members: ClusterFacts['members'],
): readonly string[] {
  const served = servedBy(foundOf({ members }, name)).map(({ protocol, port }) =>
    clientUrl.replace(/^https?:/, `${protocol}:`).replace(/:\d+$/, `:${port}`),
  );
  if (served.length > 0) return served;
  const listed = listedMember(name, members)?.clientUrls ?? [];
  return listed.length > 0 ? listed : [clientUrl];
}

/**
 * Whether a member that runs serves clients on its own host alone: it answers clients there, and nobody else. Nobody
 * wants that to last, since no address of a member may be a loopback one.
 */
export function servesItselfAlone(found: Pick<MemberFacts, 'unit'> | undefined): boolean {
  const urls = found?.unit.process?.environment.get('ETCD_LISTEN_CLIENT_URLS') ?? '';
  const hosts = urls.split(',').map((url) => /^https?:\/\/(.*):\d+\/?$/.exec(url)?.[1] ?? '');
  return hosts.every((host) => /^(127(\.\d+){3}|\[::1\]|localhost)$/.test(host));
}

function urlsOf(found: Configured | undefined, variable: string): readonly string[] {
  const running = found?.unit.process?.environment.get(variable);
  const text = running ?? readConf(found?.conf?.content)?.values.get(variable) ?? '';
  return text.split(',').filter((url) => url !== '');
}

function protocolOf(url: string): Protocol {
  return url.startsWith('https:') ? 'https' : 'http';
}

function portOf(url: string): number {
  return Number(/:(\d+)\/?$/.exec(url)?.[1] ?? 0);
}
