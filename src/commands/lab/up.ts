import type { Debian } from '../../lab/debian.ts';
import { labPaths } from '../../lab/paths.ts';
import { labUp } from '../../lab/up.ts';
import { labReadyText } from '../../report/lab-text.ts';

interface Arguments {
  readonly count: number;
  readonly debian: Debian;
  readonly etcd: string;
  readonly name: string;
  readonly json: boolean;
}

/** Brings the lab up with the etcd its inventory names, says how to reach it. */
export async function labUpCommand({ count, debian, etcd, name, json }: Arguments): Promise<void> {
  const started = Date.now();
  const say = (line: string) => console.error(line);
  const lab = await labUp({ name, count, debian, etcd }, say);
  const { inventory, sshConfig } = labPaths(name);

  if (json) {
    const hosts = lab.hosts.map((host) => ({ name: host.name, address: host.address }));
    console.log(JSON.stringify({ name, debian, etcd, hosts, inventory, sshConfig }, undefined, 2));
    return;
  }
  console.log(labReadyText(lab, inventory, (Date.now() - started) / 1000));
}
