import type { DesiredCluster } from '../../desired/cluster.ts';
import { isAt } from '../../etcd/peer-url.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import { observed } from '../../observed/observed.ts';
import { remedy } from '../../problem/remedy.ts';
import { placed } from '../lane.ts';
import type { Refusal, Wave } from '../plan.ts';
import type { Step } from '../step.ts';

/** What of a plan a member that is away would have to know or take part in; empty where it can do without. */
export function everybodyRefusals(
  { name }: Pick<DesiredCluster, 'name'>,
  waves: readonly Wave[],
  away: readonly string[],
): readonly Refusal[] {
  return becauseOf(name, away, new Set(concerns(waves)));
}

/** A later minor version: the cluster takes it up when all members run it, and who comes back with an older one has no part in it. */
export function laterMinorRefusals(
  { name, version }: Pick<DesiredCluster, 'name' | 'version'>,
  away: readonly string[],
): readonly Refusal[] {
  return becauseOf(name, away, new Set([`etcd ${version} is a later minor version`]));
}

/** Members that the inventory has at another address or peer port: the list would name that. */
export function movedRefusals(
  desired: DesiredCluster,
  facts: Pick<ClusterFacts, 'members'>,
  away: readonly string[],
): readonly Refusal[] {
  const moved = observed(desired, facts).members.flatMap(
    ({ name, listed, desired: { peerUrl } }) =>
      listed === undefined || listed.peerUrls.length === 0 || isAt(listed, peerUrl) ? [] : [name],
  );
  if (moved.length === 0) return [];
  const reason = `${moved.join(', ')} would be reached at another address or peer port`;
  return becauseOf(desired.name, away, new Set([reason]));
}

function concerns(waves: readonly Wave[]): readonly string[] {
  const all = placed(waves.flatMap(({ lanes }) => lanes));
  return all.flatMap(({ step }) => CONCERNS[step.kind] ?? []);
}

function becauseOf(
  name: string,
  away: readonly string[],
  reasons: ReadonlySet<string>,
): readonly Refusal[] {
  return [...reasons].map((reason) => ({
    kind: 'needs-everybody',
    about: away,
    sentence: `${name}: ${reason}, which ${away.join(', ')} would have to know`,
    next: [
      remedy`bring ${away.join(', ')} back first, then run the same command without --without`,
    ],
  }));
}

const TRUST = 'the trust between members would change';
const LIST = 'the list of members would change';
const DATA = 'data would be given up or replaced';
const ALARM = 'an alarm about what all members hold would end';

/** A table over all kinds, in which `undefined` is what the others can do alone: the compiler asks for every new one. */
const CONCERNS: Readonly<Record<Step['kind'], string | undefined>> = {
  'create-ca': TRUST,
  'create-next-ca': TRUST,
  'promote-ca': TRUST,
  'retire-ca': TRUST,
  'record-proof': TRUST,
  'record-consent': TRUST,
  'withdraw-consent': TRUST,
  'drop-next-ca': TRUST,
  'turn-round-ca': TRUST,
  'try-next-leaf': TRUST,
  revoke: TRUST,
  'remove-certificates': TRUST,
  'add-member': LIST,
  'dial-peers': LIST,
  'await-joined': LIST,
  'promote-member': LIST,
  'withdraw-member': LIST,
  'remove-member': LIST,
  'retire-host': LIST,
  'update-peer-urls': LIST,
  'require-not-taken-up': 'the cluster would go to a later minor version',
  'move-aside': DATA,
  'swap-data': DATA,
  'put-data-back': DATA,
  'restore-beside': DATA,
  'upload-snapshot': DATA,
  'keep-configuration': DATA,
  'check-restored': DATA,
  'check-unchanged': DATA,
  purge: DATA,
  'forget-alarms': ALARM,
  'disarm-nospace': ALARM,
  'stop-unit': 'members would stop',
  'disable-unit': 'members would stop',
  'issue-certificate': undefined,
  'remove-store-keys': undefined,
  'watch-port': undefined,
  'certify-host-key': undefined,
  'prepare-host': undefined,
  'write-files': undefined,
  'install-certificates': undefined,
  'restore-certificates': undefined,
  'install-consumer': undefined,
  'reload-unit': undefined,
  'probe-listeners': undefined,
  'note-connections': undefined,
  'watch-clients': undefined,
  upload: undefined,
  'point-link': undefined,
  'remove-unused': undefined,
  'enable-unit': undefined,
  'await-peer': undefined,
  'await-ready': undefined,
  'record-log': undefined,
  remove: undefined,
  'start-timer': undefined,
  'remove-timer': undefined,
  'start-unit': undefined,
  'restart-unit': undefined,
  'reboot-host': undefined,
  'yield-leadership': undefined,
  'move-leadership': undefined,
  defragment: undefined,
  compact: undefined,
};
