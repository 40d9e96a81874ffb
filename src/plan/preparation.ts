import type { DesiredCluster } from '../desired/cluster.ts';
import type { DirectoryFact } from '../facts/data/directory.ts';
import { contentThere } from '../facts/host/file.ts';
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
  const { elsewhere } = found.data ?? {};
  const data = elsewhere?.at ?? paths.data;
  const because = [
    ...(found.machine.accountExists ? [] : [`there is no account ${account}`]),
    ...(found.conf === undefined || contentThere(found.conf) === undefined
      ? [`${paths.confFile} is missing`]
      : []),
    ...(found.data === undefined ? [`${paths.data} is missing`] : []),
    ...(found.data !== undefined &&
    found.data.mode !== 0o700 &&
    (!running || found.data.owner === owner)
      ? [`${data} has mode ${octal(found.data.mode)}, not 0700`]
      : []),
    ...(found.data !== undefined && found.data.owner !== owner && !running
      ? [`${data} belongs to ${found.data.owner}, not ${owner}`]
      : []),
    ...(elsewhere === undefined ? [] : homeDrift(cluster, paths.data, elsewhere.wanted)),
    ...(found.data?.stranger !== undefined && !running
      ? [`${found.data.stranger} does not belong to ${account}`]
      : []),
    ...(paths.walHome === undefined ? [] : homeDrift(cluster, paths.walHome, found.walHome)),
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
      directories: directoriesOf(cluster, { ...found, data: undefined }, running),
      because: 'it starts with an empty directory',
    },
  ];
}

function directoriesOf(
  { account, paths }: DesiredCluster,
  { data, logAbove, logDirectories, adopted, places }: MemberFacts,
  running: boolean,
): readonly Directory[] {
  const owner = `${account}:${account}`;
  const at = data?.elsewhere?.at ?? paths.data;
  return [
    // One that somebody else has made may be closed to others for a reason.
    ...(adopted !== undefined && places.get(paths.conf)?.kind === 'directory'
      ? []
      : [{ path: paths.conf, mode: 0o755, owner: 'root:root' }]),
    ...(running ? [] : [{ path: at, mode: 0o700, owner, whole: true }]),
    // Below a running etcd nothing changes its owner, and a directory of another owner may be closed by its mode.
    ...(running && data?.owner === owner ? [{ path: at, mode: 0o700, owner }] : []),
    ...(at === paths.data ? [] : [{ path: paths.data, mode: 0o700, owner }]),
    ...(paths.walAbove !== undefined && logAbove !== undefined && logAbove.around === undefined
      ? [{ path: paths.walAbove, mode: 0o755, owner }]
      : []),
    ...(paths.walHome === undefined
      ? []
      : [{ path: paths.walHome, mode: 0o700, owner, ...(!running && { whole: true }) }]),
    ...paths.logs
      .filter((path) => !logDirectories.has(path))
      .map((path) => ({ path, mode: 0o750, owner })),
  ];
}

function homeDrift(
  { account }: DesiredCluster,
  path: string,
  found: DirectoryFact | undefined,
): readonly string[] {
  if (found === undefined) return [`${path} is missing`];
  const owner = `${account}:${account}`;
  return [
    ...(found.mode === 0o700 ? [] : [`${path} has mode ${octal(found.mode)}, not 0700`]),
    ...(found.owner === owner ? [] : [`${path} belongs to ${found.owner}, not ${owner}`]),
  ];
}
