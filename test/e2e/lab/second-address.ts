import { appendFile, readFile } from 'node:fs/promises';
import { inside, type LabHost } from '../../../src/lab/host.ts';
import { sh } from '../../../src/shell/command.ts';
import type { TestLab } from './lab.ts';
import { doInside } from './sabotage.ts';

/** The address that a host has beside its own, or instead of it, once it was given it. */
export function secondAddress({ address }: Pick<LabHost, 'address'>): string {
  const [, network = '', last = ''] = /^(.*\.)(\d+)$/.exec(address) ?? [];
  return `${network}${Number(last) + 200}`;
}

/** Has the operator know hosts at their second addresses too. */
export async function knowSecondAddresses({ paths, hosts }: TestLab): Promise<void> {
  const known = (await readFile(paths.knownHosts, 'utf8')).split('\n');
  const more = hosts.flatMap((host) =>
    known
      .filter((line) => line.includes(`,${host.address},`))
      .map((line) => `${secondAddress(host)} ${line.slice(line.indexOf(' ') + 1)}\n`),
  );
  await appendFile(paths.knownHosts, more.join(''));
}

/** Gives a host one of its two addresses. */
export async function giveAddress(host: LabHost, address: string): Promise<void> {
  await doInside(host, sh`ip address replace ${`${address}/24`} dev eth0`);
}

/** Takes one away from a host that has the other, as a machine is after a move to another network. */
export async function takeAddress(host: LabHost, address: string): Promise<void> {
  await doInside(host, sh`ip address delete ${`${address}/24`} dev eth0`);
  // The kernel takes the addresses away that were added behind it.
  await giveAddress(host, address === host.address ? secondAddress(host) : host.address);
}

/** The files of a host that name an address, apart from what Debian and the history of runs keep. */
export async function filesNaming(host: LabHost, address: string): Promise<string> {
  const { stdout } = await inside(
    host,
    sh`grep -rlIF ${address} /etc /opt /usr/local /var/lib/provision 2>/dev/null | grep -v -e '^/etc/hosts$' -e /history || true`,
  );
  return stdout.trim();
}
