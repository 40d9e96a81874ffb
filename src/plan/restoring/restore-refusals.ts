import type { DesiredCluster } from '../../desired/cluster.ts';
import { isNamesake } from '../../desired/origin.ts';
import { changesMinor } from '../../etcd/upgrade-path.ts';
import { canBumpRevision, firstReleases, isOlder, minorOf } from '../../etcd/versions.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import type { RestoreFact } from '../../facts/data/restore.ts';
import { seenMembers } from '../../observed/observed.ts';
import { INVENTORY, provision, remedy } from '../../problem/remedy.ts';
import { planCertificates } from '../certificates/certificates.ts';
import { hostKeyRefusals } from '../certificates/host-key-refusals.ts';
import { foreignData } from '../ownership/foreign-data.ts';
import { misdescribed } from '../ownership/misdescribed.ts';
import type { Refusal } from '../plan.ts';
import { accountRefusals, launchRefusals } from '../refusing/launch-refusals.ts';
import { hostRefusals } from '../refusing/refusals.ts';
import { restoreGoal } from './restore-goal.ts';
import type { RestoreOptions } from './restore-options.ts';
import { finishOrUndo } from './unfinished-restore.ts';

type Rule = (
  desired: DesiredCluster,
  options: RestoreOptions,
  found: ReadonlyMap<string, RestoreFact>,
) => readonly Refusal[];

/** etcd's own default (server/storage/quota.go DefaultQuotaBytes). */
const DEFAULT_QUOTA = 2 * 1024 ** 3;

/** Why no cluster must be built from this snapshot, from named rules that all run. */
export function restoreRefusals(
  desired: DesiredCluster,
  facts: ClusterFacts,
  found: ReadonlyMap<string, RestoreFact>,
  options: RestoreOptions,
): readonly Refusal[] {
  // What else is said would be said as if the inventory described these hosts.
  const strange = misdescribed(desired, facts);
  if (strange.length > 0) return strange;
  return [
    ...rules.flatMap((rule) => rule(desired, options, found)),
    ...hostRefusals(desired, facts),
    ...launchRefusals(desired, facts),
    ...accountRefusals(desired, facts),
    ...hostKeyRefusals(desired, facts, planCertificates(desired, facts).reissued),
    ...seenMembers(desired, facts).flatMap((member) => foreignData(desired, member)),
  ];
}

const isOfThisCluster: Rule = (desired, { source, foreign }) => {
  if (foreign || source.cluster === undefined || source.cluster === desired.name) return [];
  return [
    {
      kind: 'snapshot-of-another-cluster',
      about: [],
      sentence: `${source.name} is a snapshot of the cluster ${source.cluster}, not of ${desired.name}`,
      next: [remedy`if its data is to become that of this cluster: add --foreign`],
    },
  ];
};

// Two clusters may have one name; on hosts without data it is the cluster that moves there.
const isNotOfNamesake: Rule = ({ name, members }, { source, foreign }, found) => {
  const all = [...found.values()];
  const ids = new Set(all.flatMap(({ placed }) => placed?.clusterId ?? []));
  const origin = { name, peers: members.map(({ peerUrl }) => peerUrl), ids };
  const goesOn = all.some(({ intent }) => intent?.snapshot === source.sha256);
  const isThere = all.some(({ placed }) => placed !== undefined);
  if (foreign || goesOn || !isThere || !isNamesake(origin, source)) return [];
  return [
    {
      kind: 'snapshot-of-namesake',
      about: [],
      sentence: `${source.name} was taken from members at ${source.peers?.join(', ')}, which are not those of the inventory: it is of another cluster that is called ${name} too`,
      next: [remedy`if its data is to become that of this cluster: add --foreign`],
    },
  ];
};

// A newer etcd leaves fields in its database that an older one does not know and dies of (etcd-facts §4.3).
const isNotNewer: Rule = (desired, { source }) => {
  if (source.etcd === undefined || !isLaterMinor(source.etcd, desired.version)) return [];
  return [
    {
      kind: 'snapshot-of-newer-etcd',
      about: [],
      sentence: `${source.name} was taken from etcd ${source.etcd}, and the inventory says ${desired.version}: an older etcd cannot read it`,
      next: [remedy`set etcd.version to ${source.etcd} or a later ${minorOf(source.etcd)}.x`],
    },
  ];
};

const canBump: Rule = (desired, { bumpRevision }) => {
  if (bumpRevision === 0 || canBumpRevision(desired.version)) return [];
  return [
    {
      kind: 'no-revision-bump',
      about: [],
      sentence: `etcd ${desired.version} cannot move the revision on while it restores (${firstReleases('bumpsRevisionFrom')} and later can): kube-apiserver and every controller would go on watching from revisions that do not exist yet, and miss changes`,
      next: [
        remedy`restore with a later etcd.version; or accept it with --no-kubernetes, and restart every apiserver, controller manager, scheduler and kubelet afterwards`,
      ],
    },
  ];
};

const fitsQuota: Rule = (desired, { source }) => {
  const quota = quotaOf(desired);
  if (quota < 0 || source.size <= quota) return [];
  return [
    {
      kind: 'quota',
      about: [],
      sentence: `${source.name} has ${mebibytes(source.size)}, and the quota is ${mebibytes(quota)}: the cluster would take no writes from its first moment on`,
      next: [remedy`set etcd.settings.quota-backend-bytes to more than ${source.size}`],
    },
  ];
};

// What was moved aside by the other restore is the data that matters; a third layer would bury it.
const noOtherIsUnfinished: Rule = (desired, options, found) => {
  const goal = restoreGoal(desired, found, options);
  return [...found].flatMap(([name, { intent, asides, placed }]) =>
    intent === undefined || intent.token === goal.token || !asides.includes(intent.began)
      ? []
      : [
          intent.snapshot === options.source.sha256
            ? {
                kind: 'restore-unfinished',
                about: [name],
                sentence: `${name}: the restore of this snapshot that was begun ${intent.began} is not finished, and it makes a cluster with other members, addresses or options than this one would`,
                next: [
                  remedy`go back first, by which what was written to it since is given up: ${provision('restore', INVENTORY, '--undo')}; then run the same command again`,
                ],
              }
            : {
                kind: 'restore-unfinished',
                about: [name],
                sentence: `${name}: another restore, begun ${intent.began}, has moved the data aside and is not finished`,
                next: [
                  finishOrUndo(intent, placed?.clusterId === intent.clusterId ? 'served' : 'begun'),
                ],
              },
        ],
  );
};

const rules: readonly Rule[] = [
  isOfThisCluster,
  isNotOfNamesake,
  isNotNewer,
  canBump,
  fitsQuota,
  noOtherIsUnfinished,
];

function quotaOf({ members }: DesiredCluster): number {
  const environment = members[0]?.environment({ token: '', state: 'existing', crl: false });
  const said = Number(environment?.get('ETCD_QUOTA_BACKEND_BYTES') ?? 0);
  return said === 0 ? DEFAULT_QUOTA : said;
}

function isLaterMinor(version: string, other: string): boolean {
  return changesMinor(version, other) && isOlder(other, version);
}

function mebibytes(bytes: number): string {
  return `${Math.ceil(bytes / 1_048_576)} MiB`;
}
