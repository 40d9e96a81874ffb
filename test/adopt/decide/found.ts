import type { Found } from '../../../src/adopt/decide/adoption.ts';
import type { FoundEtcd } from '../../../src/adopt/look/find-etcds.ts';
import type { EtcdMember } from '../../../src/etcd/answers.ts';
import { effectiveSettings } from '../../../src/etcd/effective-settings.ts';

/** The ids of a cluster of three, by their hosts' last numbers. */
export const CLUSTER = '00000000000000c1';

/** A member as the list has it. */
export function listed(at: number, change: Partial<EtcdMember> = {}): EtcdMember {
  return {
    ...{ id: `000000000000000${at}`, name: `m${at}`, isLearner: false },
    peerUrls: [`http://10.0.0.${at}:2380`],
    clientUrls: [`http://10.0.0.${at}:2379`],
    ...change,
  };
}

/** An etcd on the host 10.0.0.N that was started with these flags, in a cluster with this list. */
export function found(
  at: number,
  list: readonly EtcdMember[],
  args: readonly string[] = [],
  change: Partial<FoundEtcd> & { readonly clusterId?: string; readonly beside?: number } = {},
): Found {
  const { clusterId = CLUSTER, beside = 1, ...rest } = change;
  const environment = new Map<string, string>();
  const running = effectiveSettings({ args, environment }, '3.5.16');
  return {
    ...{ host: `10.0.0.${at}`, beside },
    machine: {
      ...{ hostName: `h${at}`, machineId: '', systemd: 252, addresses: [`10.0.0.${at}`] },
      ...{ processes: [], units: [], files: new Map(), manifests: [] },
    },
    etcd: {
      process: {
        ...{ pid: 7, executable: '/usr/bin/etcd', isReplaced: false, account: 'etcd' },
        ...{ workingDirectory: '/', unit: 'etcd.service', container: undefined },
        ...{ environment, args },
      },
      unit: {
        ...{ name: 'etcd.service', properties: new Map(), files: [], unread: [] },
        environmentFiles: [],
      },
      ...{ written: undefined, filed: undefined, running, ways: [] },
      program: {
        ...{ version: '3.5.16', fileVersion: '3.5.16', configFiles: new Map() },
        etcdctl: '/usr/bin/etcdctl',
      },
      places: {
        ...{ data: '/var/lib/etcd', wal: '/var/lib/etcd/member/wal' },
        ...{ certificates: [], keys: [] },
      },
      look: {
        ...{ data: undefined, wal: undefined, log: undefined, isLogAlone: false },
        ...{ certificates: new Map(), firstProtocols: [] },
        ...{ selfMade: new Map(), keys: new Map(), keysBeside: [] },
      },
      told: {
        ...{ way: 0, members: { clusterId, members: list }, healthy: true, alarms: [] },
        ...{ auth: 'off', complaint: undefined },
        status: {
          ...{ endpoint: '', clusterId, memberId: `000000000000000${at}`, version: '3.5.16' },
          ...{ dbSize: 1, leader: '0000000000000001', isLearner: false, raftTerm: 2 },
          ...{ raftIndex: 3, raftAppliedIndex: 3, revision: 1, errors: [] },
        },
      },
      ...rest,
    },
  };
}
