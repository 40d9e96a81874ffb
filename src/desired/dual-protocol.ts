import { variableOf } from '../etcd/given-settings.ts';
import { sharesPort } from '../etcd/versions.ts';
import type { Inventory, Member } from '../inventory/schema.ts';
import type { DesiredCluster, DesiredMember, FirstStart } from './cluster.ts';
import { clientListeners, clientUrl, memberSettings, peerUrl } from './member-settings.ts';
import type { Templates } from './templates.ts';

export type Protocol = Inventory['protocol'];

/** How clients are served while both protocols are. */
export interface Serving {
  /** The client port of each protocol; one port may serve both. */
  readonly ports: Readonly<Record<Protocol, number>>;
  /** The protocols in the client URLs that each member advertises. */
  readonly advertised: ReadonlyMap<string, readonly Protocol[]>;
}

/** A cluster on its way from one protocol to the other, and the states its members pass through. */
export interface DesiredSwitch {
  readonly to: Protocol;
  /** Where it goes: the cluster as the inventory describes it with the new protocol. */
  readonly target: DesiredCluster;
  /** The client port of the inventory. */
  readonly clientPort: number;
  /** Where clients find the new protocol in a stage that begins: a port of its own, so that it can be told who uses which. */
  readonly stagePort: number;
  /** Whether this etcd may serve both at one port. */
  readonly mayShare: boolean;
  /** The cluster while clients are served by both protocols, and peers by the one given. */
  readonly window: (peers: ReadonlyMap<string, Protocol>, serving: Serving) => DesiredCluster;
  /** The target that serves clients at this port too. */
  readonly withPort: (port: number) => DesiredCluster;
}

/** Where the new protocol is served in a stage, unless told: the first that the inventory does not use itself. */
const STAGE_PORTS = [2378, 2377, 2376] as const;

/** Decides the states of a protocol switch; `port` is where a stage that begins serves the new protocol. */
export function desiredSwitch(
  inventory: Inventory,
  target: DesiredCluster,
  templates: Templates,
  port: number | undefined,
): DesiredSwitch {
  const taken = Object.values(inventory.etcd.ports);
  const stagePort = port ?? STAGE_PORTS.find((one) => !taken.includes(one)) ?? STAGE_PORTS[0];
  const withSettings = (
    one: DesiredMember,
    settings: (member: Member, start: FirstStart) => ReadonlyMap<string, string>,
  ): DesiredMember => {
    const member = inventory.members.find(({ name }) => name === one.name);
    if (member === undefined) throw new TypeError(`no member ${one.name}`);
    const header = { cluster: inventory.cluster, member: member.name };
    return {
      ...one,
      confFile: (start) => templates.etcdConf(settings(member, start), header),
      environment: (start) =>
        new Map([...settings(member, start)].map(([flag, value]) => [variableOf(flag), value])),
    };
  };
  const windowMember = (one: DesiredMember, peers: Protocol, serving: Serving): DesiredMember => ({
    ...withSettings(one, (member, start) =>
      windowSettings(inventory, member, start, { peers, serving }),
    ),
    peerUrl: one.peerUrl.replace(/^https?:/, `${peers}:`),
  });
  const { client } = inventory.etcd.ports;
  const ports = stagePort === client ? [] : [stagePort];
  return {
    to: target.protocol,
    target: {
      ...target,
      members: target.members.map((one) => ({ ...one, ports: [...one.ports, ...ports] })),
    },
    clientPort: client,
    stagePort,
    mayShare: sharesPort(inventory.etcd.version),
    window: (peers, serving) => ({
      ...target,
      members: target.members.map((one) =>
        windowMember(one, peers.get(one.name) ?? target.protocol, serving),
      ),
    }),
    withPort: (port) => ({
      ...target,
      members: target.members.map((one) =>
        withSettings(one, (member, start) => endedSettings(inventory, member, start, port)),
      ),
    }),
  };
}

function windowSettings(
  inventory: Inventory,
  member: Member,
  start: FirstStart,
  { peers, serving }: { peers: Protocol; serving: Serving },
): ReadonlyMap<string, string> {
  const by = (protocol: Protocol) => ({
    ...atPort(inventory, serving.ports[protocol]),
    protocol,
  });
  const peerInventory = { ...inventory, protocol: peers };
  const boot = bootOf(peerInventory, start);
  const advertised = serving.advertised.get(member.name) ?? [peers];

  // TLS files stay set until the last https listener has gone: they are also what a member dials with.
  return new Map(
    [...memberSettings(by('https'), member, boot)].map(([flag, value]) => {
      if (flag === 'listen-client-urls') {
        // The same order both ways, so that turning round changes nothing by it.
        const urls = [by('http'), by('https')].flatMap((one) => clientListeners(one, member));
        return [flag, urls.join(',')];
      }
      if (flag === 'advertise-client-urls')
        return [flag, advertised.map((protocol) => clientUrl(by(protocol), member)).join(',')];
      if (flag === 'listen-peer-urls' || flag === 'initial-advertise-peer-urls') {
        return [flag, memberSettings(peerInventory, member, boot).get(flag) ?? value];
      }
      return [flag, value];
    }),
  );
}

function endedSettings(
  inventory: Inventory,
  member: Member,
  start: FirstStart,
  port: number,
): ReadonlyMap<string, string> {
  const settings = memberSettings(inventory, member, bootOf(inventory, start));
  const urls = [inventory, atPort(inventory, port)].flatMap((one) => clientListeners(one, member));
  return new Map([...settings, ['listen-client-urls', urls.join(',')]]);
}

function bootOf(inventory: Inventory, start: FirstStart) {
  const initialCluster = inventory.members.map((one) => ({
    name: one.name,
    peerUrl: peerUrl(inventory, one),
  }));
  return { ...start, initialCluster };
}

function atPort(inventory: Inventory, client: number): Inventory {
  const { etcd } = inventory;
  return { ...inventory, etcd: { ...etcd, ports: { ...etcd.ports, client } } };
}
