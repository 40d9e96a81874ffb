import type { Cluster } from './cluster.ts';

/** Those that vote, and those that are in the list and do not, by etcd's own word; each sorted. */
export async function membersOf({ lab, inventory }: Cluster) {
  const { exitCode, stdout, stderr } = await lab.provision([
    ...['etcdctl', inventory, '--', 'member', 'list', '-w', 'simple'],
  ]);
  if (exitCode !== 0) throw new Error(`no member list: ${stderr}`);
  const rows = stdout
    .trim()
    .split('\n')
    .map((line) => line.split(', '));
  const nameOf = ([, , name = '', url = '']: readonly string[]) => name || url;
  return {
    voters: rows
      .filter((row) => row.at(-1) !== 'true')
      .map(nameOf)
      .sort(),
    learners: rows.filter((row) => row.at(-1) === 'true').map(nameOf),
  };
}
