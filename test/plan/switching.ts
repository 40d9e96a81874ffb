import { type DesiredCluster, desiredCluster } from '../../src/desired/cluster.ts';
import {
  type DesiredSwitch,
  desiredSwitch,
  type Protocol,
  type Serving,
} from '../../src/desired/dual-protocol.ts';
import { loadTemplates } from '../../src/desired/templates.ts';
import type { MemberFacts } from '../../src/facts/member.ts';
import { parseInventory } from '../../src/inventory/parse.ts';
import type { PeerCa } from '../../src/pki/ca/authority.ts';
import {
  but,
  butAll,
  conf,
  notAnswering,
  relisted,
  type SeenFacts,
  settled,
  TOKEN,
} from './facts.ts';

const templates = await loadTemplates();

/** A cluster of etcd01, etcd02, … in both protocols, and the switch between them. */
export interface Switching {
  readonly from: DesiredCluster;
  readonly desired: DesiredSwitch;
  /** As it is before, etcd01 leading, and the store already has all certificates. */
  readonly before: SeenFacts;
}

export function switching(
  to: Protocol,
  members = 3,
  version = '3.5.30',
  peerCa: PeerCa = 'shared',
): Switching {
  const inventory = (protocol: Protocol) =>
    parseInventory(
      JSON.stringify({
        ...{ cluster: 'prod', protocol, etcd: { version }, pki: { peerCa } },
        members: Array.from({ length: members }, (_, index) => ({
          name: `etcd0${index + 1}`,
          address: `198.18.0.${11 + index}`,
        })),
      }),
      'inventory.yaml',
    ).inventory;
  const from = desiredCluster(inventory(to === 'https' ? 'http' : 'https'), templates);
  const target = desiredCluster(inventory(to), templates);
  const desired = desiredSwitch(inventory(to), target, templates, 2378);
  const https = settled(to === 'https' ? target : from);
  const before = butAll({ ...settled(from), store: https.store }, (_, name) => ({
    pki: https.members.get(name)?.pki ?? { target: undefined, files: new Map() },
  }));
  return { from, desired, before };
}

/** How clients are served in a stage towards https, or one as the former version began it: at one port, all advertised. */
export function serving(advertised: readonly Protocol[] = ['http'], https = 2378): Serving {
  const names = ['etcd01', 'etcd02', 'etcd03'];
  return {
    ports: { http: 2379, https },
    advertised: new Map(names.map((name) => [name, advertised] as const)),
  };
}

/** The facts with one member running with what another cluster says of it, conf and process alike. */
export function runningAs(
  facts: SeenFacts,
  name: string,
  { members, ...cluster }: DesiredCluster,
): SeenFacts {
  const member = members.find((one) => one.name === name);
  if (member === undefined) throw new TypeError(`no ${name}`);
  const environment = member.environment({ token: TOKEN, state: 'existing' });
  return but(facts, name, ({ unit }) => ({
    conf: conf({ ...cluster, members }, name, 'existing'),
    unit: { ...unit, process: unit.process && { ...unit.process, environment } },
  }));
}

/** The facts with the peer URL of one member in the membership, as all members list it. */
export function listedAs(facts: SeenFacts, name: string, url: string): SeenFacts {
  return relisted(facts, name, { peerUrls: [url] });
}

/** A member that does not answer clients, but tells at its peer port what it believes. */
export function unheard({ etcd, unit }: MemberFacts): Partial<MemberFacts> {
  return {
    etcd: notAnswering('timeout'),
    unit: { ...unit, active: 'activating', sub: 'start' },
    ...(etcd.members && { reportedList: etcd.members }),
  };
}
