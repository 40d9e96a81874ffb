import { listedMembers } from '../observer/listed-members.ts';
import type { ForeignCluster, ForeignMember } from './cluster.ts';
import { onHost } from './on-host.ts';

/** Files of the owner and everything of the unit, bit by bit, with mode and owner; and how it runs. */
export async function asTheyAre({ host, unit, files }: ForeignMember): Promise<string> {
  const all = files.map((file) => `'${file}'`).join(' ');
  return onHost(
    host,
    `for file in $(find ${all} /etc/systemd/system/${unit}.service* -type f -print | sort -u); do
  stat -c '%n %a %U:%G %s' "$file"; sha256sum "$file"
done
systemctl is-enabled ${unit}; systemctl show -p FragmentPath,DropInPaths,ActiveState ${unit}
pid=$(systemctl show -p MainPID --value ${unit})
stat -c %U /proc/$pid; tr '\\0' ' ' < /proc/$pid/cmdline`,
  );
}

/** The run of the unit. */
export const started = ({ host, unit }: ForeignMember) =>
  onHost(host, `systemctl show -p MainPID,ExecMainStartTimestampMonotonic ${unit}`);

/** The same of each member, in order. */
export const ofAll = (
  { members }: ForeignCluster,
  what: (member: ForeignMember) => Promise<string>,
): Promise<readonly string[]> => Promise.all(members.map(what));

/** Ids and names of the members as the cluster lists them. */
export const listOf = async ({ clients }: ForeignCluster) => {
  const [first] = clients;
  if (first === undefined) throw new TypeError('a cluster with clients');
  return (await listedMembers(first)).map(({ id, name }) => `${id} ${name}`).sort();
};
