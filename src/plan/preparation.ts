import type { DesiredCluster } from '../desired/cluster.ts';
import type { MemberFacts } from '../facts/member.ts';
import { moveAside } from './move-data-aside.ts';
import type { Directory, HostStep, QuietStep } from './step.ts';
import { octal, when } from './step-words.ts';

/** Account and directories, where they are not as a member needs them. */
export function preparation(
  cluster: DesiredCluster,
  found: MemberFacts,
  running: boolean,
): readonly QuietStep[] {
  const { account, paths } = cluster;
  const owner = `${account}:${account}`;
  const directories = directoriesOf(cluster, found, running);
  const because = [
    ...(found.machine.accountExists ? [] : [`there is no account ${account}`]),
    ...(found.conf === undefined ? [`${paths.confFile} is missing`] : []),
    ...(found.data === undefined ? [`${paths.data} is missing`] : []),
    ...(found.data !== undefined &&
    found.data.mode !== 0o700 &&
    (!running || found.data.owner === owner)
      ? [`${paths.data} has mode ${octal(found.data.mode)}, not 0700`]
      : []),
    ...(found.data !== undefined && found.data.owner !== owner && !running
      ? [`${paths.data} belongs to ${found.data.owner}, not ${owner}`]
      : []),
    ...(found.data?.stranger !== undefined && !running
      ? [`${found.data.stranger} does not belong to ${account}`]
      : []),
    ...walHomeDrift(cluster, found),
    ...paths.logs
      .filter((path) => !found.logDirectories.has(path))
      .map((path) => `${path} is missing, and etcd logs there`),
  ].join(', ');
  return when(because !== '', { kind: 'prepare-host', account, directories, because });
}

/**
 * What goes out of the way of a start. etcd makes a database before it asks its peers and writes its log; killed, out of space
 * or without a peer it leaves that, and a new log must not begin beside the database of another attempt.
 */
export function leftovers(
  cluster: DesiredCluster,
  found: MemberFacts,
  running: boolean,
): readonly HostStep[] {
  const { data } = found;
  if (running || data?.used !== true || data.hasLog) return [];
  const { account } = cluster;
  return [
    {
      ...moveAside(cluster, found),
      because: 'an attempt to start ended before it had a log',
    },
    {
      kind: 'prepare-host',
      account,
      directories: directoriesOf(cluster, found, running),
      because: 'it starts with an empty directory',
    },
  ];
}

function directoriesOf(
  { account, paths }: DesiredCluster,
  { data, logDirectories }: MemberFacts,
  running: boolean,
): readonly Directory[] {
  const owner = `${account}:${account}`;
  return [
    { path: paths.conf, mode: 0o755, owner: 'root:root' },
    ...(running ? [] : [{ path: paths.data, mode: 0o700, owner, whole: true }]),
    // Below a running etcd nothing changes its owner, and a directory of another owner may be closed by its mode.
    ...(running && data?.owner === owner ? [{ path: paths.data, mode: 0o700, owner }] : []),
    ...(paths.walHome === undefined
      ? []
      : [{ path: paths.walHome, mode: 0o700, owner, ...(!running && { whole: true }) }]),
    ...paths.logs
      .filter((path) => !logDirectories.has(path))
      .map((path) => ({ path, mode: 0o750, owner })),
  ];
}

function walHomeDrift(
  { account, paths: { walHome } }: DesiredCluster,
  { walHome: found }: MemberFacts,
): readonly string[] {
  if (walHome === undefined) return [];
  if (found === undefined) return [`${walHome} is missing`];
  const owner = `${account}:${account}`;
  return [
    ...(found.mode === 0o700 ? [] : [`${walHome} has mode ${octal(found.mode)}, not 0700`]),
    ...(found.owner === owner ? [] : [`${walHome} belongs to ${found.owner}, not ${owner}`]),
  ];
}
