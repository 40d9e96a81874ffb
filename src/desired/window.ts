import { gte, satisfies } from 'semver';
import type { Inventory, Member } from '../inventory/schema.ts';
import type { DesiredCluster, DesiredMember, FirstStart } from './cluster.ts';
import { clientUrl, memberSettings, peerUrl } from './member-settings.ts';
import { type Templates, variableOf } from './templates.ts';

export type Protocol = Inventory['protocol'];

/** A cluster on its way from one protocol to the other, and the states its members pass through. */
export interface DesiredSwitch {
  readonly to: Protocol;
  /** Where it goes: the cluster as the inventory describes it with the new protocol. */
  readonly target: DesiredCluster;
  /** The cluster while clients are served by both protocols, and peers by the one given. */
  readonly window: (peers: ReadonlyMap<string, Protocol>) => DesiredCluster;
  /** Where clients find the new protocol during the window, if not at the client port. */
  readonly windowPort: number | undefined;
}

/**
 * Decides the states of a protocol switch. Clients are served by both protocols at one port where etcd does that without
 * a data race (etcd#15495: fixed in 3.4.25 and 3.5.8), else the new protocol gets `windowPort` until the switch is finished.
 */
export function desiredSwitch(
  inventory: Inventory,
  target: DesiredCluster,
  templates: Templates,
  windowPort: number,
): DesiredSwitch {
  const port = sharesPort(inventory.etcd.version) ? undefined : windowPort;
  const windowMember = (one: DesiredMember, peers: Protocol): DesiredMember => {
    const member = inventory.members.find(({ name }) => name === one.name);
    if (member === undefined) throw new TypeError(`no member ${one.name}`);
    const settings = (start: FirstStart) =>
      windowSettings(inventory, member, start, { peers, to: target.protocol, port });
    const header = { cluster: inventory.cluster, member: member.name };
    return {
      ...one,
      peerUrl: peerUrl({ ...inventory, protocol: peers }, member),
      confFile: (start) => templates.etcdConf(settings(start), header),
      environment: (start) =>
        new Map([...settings(start)].map(([flag, value]) => [variableOf(flag), value])),
    };
  };
  const ports = port === undefined ? [] : [port];
  return {
    to: target.protocol,
    target: {
      ...target,
      members: target.members.map((one) => ({ ...one, ports: [...one.ports, ...ports] })),
    },
    windowPort: port,
    window: (peers) => ({
      ...target,
      members: target.members.map((one) =>
        windowMember(one, peers.get(one.name) ?? target.protocol),
      ),
    }),
  };
}

/** Whether this etcd serves http and https at one client port without a data race (etcd#15495). */
export function sharesPort(version: string): boolean {
  return satisfies(version, '~3.4 >=3.4.25') || gte(version, '3.5.8');
}

function windowSettings(
  inventory: Inventory,
  member: Member,
  start: FirstStart,
  { peers, to, port }: { peers: Protocol; to: Protocol; port: number | undefined },
): ReadonlyMap<string, string> {
  const withPort = (protocol: Protocol): Inventory => {
    const client = protocol === to && port !== undefined ? port : inventory.etcd.ports.client;
    const ports = { ...inventory.etcd.ports, client };
    return { ...inventory, protocol, etcd: { ...inventory.etcd, ports } };
  };
  const peerInventory = { ...inventory, protocol: peers };
  const boot = {
    ...start,
    initialCluster: inventory.members.map((one) => ({
      name: one.name,
      peerUrl: peerUrl(peerInventory, one),
    })),
  };
  const of = (protocol: Protocol) => memberSettings(withPort(protocol), member, boot);
  // The same order both ways, so that turning round changes nothing by it.
  const both = (flag: string) =>
    [of('http').get(flag), of('https').get(flag)]
      .flatMap((urls) => urls?.split(',') ?? [])
      .join(',');

  // TLS files stay set until the last https listener has gone: they are also what a member dials with.
  return new Map(
    [...of('https')].map(([flag, value]) => {
      if (flag === 'listen-client-urls') return [flag, both(flag)];
      if (flag === 'advertise-client-urls') {
        return [
          flag,
          [clientUrl(withPort('http'), member), clientUrl(withPort('https'), member)].join(','),
        ];
      }
      if (flag === 'listen-peer-urls' || flag === 'initial-advertise-peer-urls') {
        return [flag, memberSettings(peerInventory, member, boot).get(flag) ?? value];
      }
      return [flag, value];
    }),
  );
}
