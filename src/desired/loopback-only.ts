import { variableOf } from '../etcd/given-settings.ts';
import type { Inventory } from '../inventory/schema.ts';
import type { DesiredCluster, FirstStart } from './cluster.ts';
import { memberSettings, peerUrl } from './member-settings.ts';
import type { Templates } from './templates.ts';

/**
 * The cluster as it is, but with client listeners on loopback only: members go on as members, clients are cut off. The
 * strongest fence there is, since it holds whatever firewall or client does (etcd-facts §3.6).
 */
export function loopbackOnlyCluster(
  inventory: Inventory,
  cluster: DesiredCluster,
  templates: Templates,
): DesiredCluster {
  const initialCluster = inventory.members.map((one) => ({
    name: one.name,
    peerUrl: peerUrl(inventory, one),
  }));
  const loopback = `${inventory.protocol}://127.0.0.1:${inventory.etcd.ports.client}`;
  return {
    ...cluster,
    members: cluster.members.map((one) => {
      const member = inventory.members.find(({ name }) => name === one.name);
      if (member === undefined) throw new TypeError(`no member ${one.name}`);
      const settings = (start: FirstStart) =>
        new Map([
          ...memberSettings(inventory, member, { ...start, initialCluster }),
          ['listen-client-urls', loopback],
          ['advertise-client-urls', loopback],
        ]);
      const header = { cluster: inventory.cluster, member: member.name };
      return {
        ...one,
        confFile: (start) => templates.etcdConf(settings(start), header),
        environment: (start) =>
          new Map([...settings(start)].map(([flag, value]) => [variableOf(flag), value])),
      };
    }),
  };
}
