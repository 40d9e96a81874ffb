import { isIPv6 } from 'node:net';
import type { DesiredCluster, DesiredMember } from '../../desired/cluster.ts';
import type { Binding } from '../../etcd/metrics-urls.ts';
import type { LogFileTrouble } from '../../facts/host/log-files.ts';
import type { ListenerFact } from '../../facts/host/port.ts';
import type { MemberFacts } from '../../facts/member.ts';
import { INVENTORY, remedy } from '../../problem/remedy.ts';
import { quote } from '../../shell/command.ts';
import type { Refusal } from '../plan.ts';

/** Why etcd would end at its next start on this host: it cannot listen, serve metrics, or open its log file. */
export function startRefusals(
  cluster: DesiredCluster,
  member: DesiredMember,
  facts: MemberFacts,
): readonly Refusal[] {
  return [
    ...addressRefusals(member, facts),
    ...portRefusals(member, facts),
    ...metricsRefusals(cluster, member, facts),
    ...logFileRefusals(cluster, member, facts),
  ];
}

const METRICS = 'etcd.settings.listen-metrics-urls';

function addressRefusals(
  { name, listener: { address } }: DesiredMember,
  { lacking }: MemberFacts,
): readonly Refusal[] {
  if (!lacking.has(address)) return [];
  return [
    {
      kind: 'address-not-here',
      about: [name],
      sentence: `${name}: does not have the address ${address}, where its client and peer port are to listen, so etcd would not start`,
      next: [
        remedy`see which it has: ip -brief address on ${name}; name that one as listen of ${name} in ${INVENTORY} (0.0.0.0 for all), or give the address back to the host`,
      ],
    },
  ];
}

/** The unit has no capability at all, so a low port needs the host's leave, for root too. */
function portRefusals(
  { name, metrics, listener: { ports } }: DesiredMember,
  { machine, launch }: MemberFacts,
): readonly Refusal[] {
  const first = machine.unprivilegedPorts ?? UNPRIVILEGED;
  if (launch.dropIns.some(({ content }) => content.includes('CAP_NET_BIND_SERVICE'))) return [];
  const low = [
    { port: ports.client, key: 'etcd.ports.client' },
    { port: ports.peer, key: 'etcd.ports.peer' },
    ...metrics.map(({ port }) => ({ port, key: METRICS })),
  ].filter(({ port }) => port < first);
  if (low.length === 0) return [];
  const told = low.map(({ port, key }) => `${port} (${key})`).join(', ');
  const least = Math.min(...low.map(({ port }) => port));
  return [
    {
      kind: 'port-not-allowed',
      about: [name],
      sentence: `${name}: only root may listen at ports below ${first}, and etcd runs without that right, so it would not start with port ${told}`,
      next: [
        remedy`choose ports from ${first} on; or let every account listen from ${least} on, on ${name}: echo net.ipv4.ip_unprivileged_port_start=${least} > /etc/sysctl.d/90-etcd-ports.conf && sysctl -p /etc/sysctl.d/90-etcd-ports.conf`,
      ],
    },
  ];
}

/** The kernel's own default of that limit (ip(7)). */
const UNPRIVILEGED = 1024;

function metricsRefusals(
  { unit: name }: DesiredCluster,
  member: DesiredMember,
  { lacking, listeners, unit, tenants }: MemberFacts,
): readonly Refusal[] {
  const ours = tenants.processes
    .filter((one) => one.unit === `${name}.service`)
    .map(({ pid }) => pid);
  return member.metrics.flatMap((one) => {
    if (lacking.has(one.address))
      return [
        {
          kind: 'metrics-address-not-here',
          about: [member.name],
          sentence: `${member.name}: does not have the address ${one.address} (${METRICS}), so etcd would not start`,
          next: [
            remedy`name an address that every member has in ${METRICS}, such as 127.0.0.1, or 0.0.0.0 for all of the host's; or each member's own in members[].settings`,
          ],
        },
      ];
    const other = listeners.find(
      (listener) =>
        listener.port === one.port &&
        (unit.pid === 0 || listener.pid !== unit.pid) &&
        !ours.includes(listener.pid) &&
        collide(one, listener),
    );
    if (other === undefined) return [];
    const isEtcd = other.process.startsWith('etcd');
    return [
      {
        kind: 'metrics-port-taken',
        about: [member.name],
        sentence: `${member.name}: port ${one.port} (${METRICS}) is taken by ${other.process} (pid ${other.pid}), so etcd would not start`,
        next: isEtcd
          ? [
              remedy`it may be a member of a cluster, so do not stop it: choose another port in ${METRICS}`,
            ]
          : [remedy`stop ${other.process} on ${member.name}, or choose another port in ${METRICS}`],
      },
    ];
  });
}

/**
 * Whether who listens keeps another from that address, at the same port. An unspecified address is bound for both families
 * by Go; `*` is how ss writes such a listener.
 */
export function collide(
  { address }: Pick<Binding, 'address'>,
  listener: Pick<ListenerFact, 'address'>,
): boolean {
  if (/^[0:.]+$/.test(address)) return true;
  if (listener.address === undefined || listener.address === '*') return true;
  if (listener.address === '0.0.0.0') return !isIPv6(address);
  if (listener.address === '::') return isIPv6(address);
  return listener.address === address;
}

function logFileRefusals(
  { account, paths }: DesiredCluster,
  { name }: DesiredMember,
  { logFiles, machine }: MemberFacts,
): readonly Refusal[] {
  return [...logFiles].flatMap(([path, trouble]) => {
    const complaint = complaintOf(path, trouble, { account, paths });
    if (complaint === undefined) return [];
    const { why, on } = complaint;
    const make = machine.accountExists
      ? ''
      : `useradd --system --no-create-home --shell /usr/sbin/nologin ${account}; then: `;
    return [
      {
        kind: 'log-file',
        about: [name],
        sentence: `${name}: etcd could not log to ${path} (etcd.settings.log-outputs) and would not start: ${why}`,
        next:
          on === undefined
            ? [remedy`name another file in etcd.settings.log-outputs`]
            : [
                remedy`if it is a log of etcd, on ${name}: ${make}${on}; or name another file in etcd.settings.log-outputs`,
              ],
      },
    ];
  });
}

interface Complaint {
  readonly why: string;
  /** What is typed on the host; undefined where only another path will do. */
  readonly on?: string;
}

function complaintOf(
  path: string,
  trouble: LogFileTrouble,
  { account, paths }: Pick<DesiredCluster, 'account' | 'paths'>,
): Complaint | undefined {
  switch (trouble.kind) {
    case 'notAFile':
      return { why: 'a directory is there' };
    case 'link':
      return [paths.data, ...paths.logs].some((one) => trouble.realPath.startsWith(`${one}/`))
        ? undefined
        : { why: `it is a link to ${trouble.realPath}, where the unit does not let etcd write` };
    case 'barred':
      return {
        why: `${trouble.at === path ? 'it' : trouble.at} belongs to ${trouble.owner}, and etcd runs as ${account}`,
        ...(trouble.at === path && {
          on: `chown ${account}: ${quote(path)} && chmod u+rw ${quote(path)}`,
        }),
      };
  }
}
