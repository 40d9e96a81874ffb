import type { DesiredCluster, DesiredMember } from '../../desired/cluster.ts';
import { keepsTheirs } from '../../facts/adopted.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import type { LaunchFact } from '../../facts/host/launch.ts';
import type { MemberFacts } from '../../facts/member.ts';
import { seenMembers } from '../../observed/observed.ts';
import { INVENTORY, provision, remedy } from '../../problem/remedy.ts';
import { quote } from '../../shell/command.ts';
import { handoverOf } from '../handover.ts';
import { setUpOf } from '../ownership/set-up.ts';
import type { Refusal } from '../plan.ts';
import { assignments, dropInRefusals } from './drop-ins.ts';
import { newLogRefusals } from './new-log.ts';
import { serviceRefusals } from './service-refusals.ts';
import { startRefusals } from './start-refusals.ts';
import { tokenKeyRefusals } from './token-key-refusals.ts';

type Rule = (
  cluster: DesiredCluster,
  member: DesiredMember,
  facts: MemberFacts,
) => readonly Refusal[];

/**
 * Why the next start would not be what the inventory says, whatever is written into the files of provision: a restart
 * cannot cure it, so none is begun for it.
 */
export function launchRefusals(
  cluster: DesiredCluster,
  facts: ClusterFacts,
  isMeant: (member: string) => boolean = () => true,
): readonly Refusal[] {
  return seenMembers(cluster, facts).flatMap(({ name, desired, found }) => {
    // What starts a member whose layout is kept, somebody else has decided.
    const rules = keepsTheirs(found) ? [isNotMasked] : RULES;
    return isMeant(name) ? rules.flatMap((rule) => rule(cluster, desired, found)) : [];
  });
}

/** The same, and why a member that etcd is to make a log for cannot have one. */
export function nextStartRefusals(
  cluster: DesiredCluster,
  facts: ClusterFacts,
  isMeant: (member: string) => boolean,
): readonly Refusal[] {
  return [...launchRefusals(cluster, facts, isMeant), ...newLogRefusals(cluster, facts, isMeant)];
}

/** Why a member that runs as somebody else is left alone: `up` has to give it over first, or a person. */
export function accountRefusals(cluster: DesiredCluster, facts: ClusterFacts): readonly Refusal[] {
  const { account, unit, paths } = cluster;
  return seenMembers(cluster, facts).flatMap(({ name, found }) => {
    const runsAs = keepsTheirs(found) ? '' : (found.unit.process?.account ?? '');
    // Something beside the unit file made it so: the inventory is right, and what it has written is not of its account.
    const isUnitRight = setUpOf(cluster, found)?.account === account;
    return runsAs === '' || runsAs === account
      ? []
      : [
          {
            kind: 'account-changed',
            about: [name],
            sentence: `${name}: etcd runs as ${called(runsAs)}; the inventory says etcd.user: ${account}`,
            next: handoverOf(cluster, found)
              ? [
                  remedy`have the members given over first: ${provision('up', INVENTORY)}; or put etcd.user: ${runsAs} back`,
                ]
              : isUnitRight
                ? [
                    remedy`one member at a time, while all others answer, on ${name}: systemctl stop ${unit}.service && chown -R ${account}:${account} ${[paths.data, paths.walHome].flatMap((one) => (one === undefined ? [] : [`${quote(one)}/.`])).join(' ')} && systemctl start ${unit}.service`,
                  ]
                : isNumber(runsAs)
                  ? [
                      remedy`make an account with that number on ${name} again (useradd --system --uid ${runsAs.slice(1)} NAME) and name it as etcd.user: up does not change the account of a running cluster`,
                    ]
                  : [
                      remedy`put etcd.user: ${runsAs} back: up does not change the account of a running cluster`,
                    ],
          },
        ];
  });
}

/** The same of those that `up` cannot give over at a restart. */
export function strangeAccounts(cluster: DesiredCluster, facts: ClusterFacts): readonly Refusal[] {
  const strange = seenMembers(cluster, facts)
    .filter(({ found }) => handoverOf(cluster, found) === undefined)
    .map(({ name }) => name);
  return accountRefusals(cluster, facts).filter(({ about }) =>
    about.some((name) => strange.includes(name)),
  );
}

/** Whether an account is known by its number only: it was removed while etcd ran. */
function isNumber(account: string): boolean {
  return account.startsWith('#');
}

function called(account: string): string {
  return isNumber(account) ? `the number ${account.slice(1)}, which no account there has` : account;
}

const isNotMasked: Rule = ({ unit }, { name }, { launch }) =>
  launch.masked
    ? [
        {
          kind: 'masked',
          about: [name],
          sentence: `${name}: ${unit}.service is masked: somebody keeps it from starting`,
          next: [remedy`if it may start again: systemctl unmask ${unit}.service on ${name}`],
        },
      ]
    : [];

// These directories win over /etc/systemd/system (systemd.unit(5)).
const isRead: Rule = ({ unit, paths }, { name }, { launch: { fragment } }) =>
  /^\/(etc\/systemd\/system\.control|run\/systemd\/(system\.control|transient))\//.test(fragment)
    ? [
        {
          kind: 'unit-shadowed',
          about: [name],
          sentence: `${name}: systemd reads ${fragment} as ${unit}.service, so ${paths.unitFile} has no effect`,
          next: [
            remedy`move it away on ${name}: mv ${quote(fragment)} /root/ && systemctl daemon-reload`,
          ],
        },
      ]
    : [];

/** ETCD_ variables that every service gets are settings of etcd, where etcd.conf does not set them itself. */
const environmentIsOurs: Rule = (_cluster, member, { launch }) => {
  const { name } = member;
  const wanted = member.environment({ token: '', state: 'existing', crl: true, peerCrl: true });
  const others = [...everywhere(launch)].filter(
    ([variable]) => !wanted.has(variable) && !UNSET.has(variable),
  );
  return others.map(([variable, { value, path }]) => ({
    kind: 'manager-environment',
    about: [name],
    sentence: `${name}: systemd gives every service ${variable}=${value} (${path === undefined ? 'set by systemctl set-environment, or by a file that is gone' : `DefaultEnvironment in ${path}`}), a setting of etcd that the inventory does not know of; no restart takes it away`,
    next:
      path === undefined
        ? [remedy`on ${name}: systemctl unset-environment ${variable} && systemctl daemon-reload`]
        : [remedy`take ${variable} out of ${path} on ${name}, then: systemctl daemon-reload`],
  }));
};

// The unit takes it away itself, since it would silence every other setting.
const UNSET: ReadonlySet<string> = new Set(['ETCD_CONFIG_FILE']);

interface Stray {
  readonly value: string;
  /** The file that sets it, where one does. */
  readonly path: string | undefined;
}

/** What systemd passes on now, and what it will pass on once it reads its files again. */
function everywhere({ environment, managerFiles }: LaunchFact): ReadonlyMap<string, Stray> {
  const inFiles = managerFiles.flatMap(({ path, content }) =>
    assignments(content)
      .filter(({ key }) => key === 'DefaultEnvironment')
      .flatMap(({ value }) =>
        words(value).map((one) => {
          const at = one.indexOf('=');
          return [one.slice(0, at), { value: one.slice(at + 1), path }] as const;
        }),
      ),
  );
  const known = new Map(inFiles.filter(([variable]) => variable.startsWith('ETCD_')));
  const live = [...environment].map(
    ([variable, value]) => [variable, { value, path: known.get(variable)?.path }] as const,
  );
  return new Map([...known, ...live]);
}

/** Words as systemd splits them: quotes hold blanks together. */
function words(text: string): readonly string[] {
  return [...text.matchAll(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g)].map(([word]) =>
    word.replaceAll(/["']/g, ''),
  );
}

const RULES: readonly Rule[] = [
  isNotMasked,
  isRead,
  (cluster, member, facts) => dropInRefusals(cluster, member, facts),
  environmentIsOurs,
  (cluster, member, facts) => serviceRefusals(cluster, member, facts),
  (cluster, member, facts) => tokenKeyRefusals(cluster, member, facts),
  (cluster, member, facts) => startRefusals(cluster, member, facts),
];
