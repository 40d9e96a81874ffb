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

/** Gives a host its second address, where the operator knows its key too. */
export async function giveSecondAddress(lab: TestLab, host: LabHost): Promise<void> {
  const { knownHosts } = lab.paths;
  const known = (await readFile(knownHosts, 'utf8'))
    .split('\n')
    .filter((line) => line.includes(`,${host.address},`))
    .map((line) => `${secondAddress(host)} ${line.slice(line.indexOf(' ') + 1)}\n`);
  await appendFile(knownHosts, known.join(''));
  await doInside(host, sh`ip address replace ${`${secondAddress(host)}/24`} dev eth0`);
}

/** Takes its own address away from a host that has a second one, as a machine is after a move to another network. */
export async function takeFirstAddress(host: LabHost): Promise<void> {
  await doInside(
    host,
    sh`sysctl -qw net.ipv4.conf.all.promote_secondaries=1 net.ipv4.conf.eth0.promote_secondaries=1
ip address delete ${`${host.address}/24`} dev eth0`,
  );
}

/** Gives it back. */
export async function giveFirstAddress(host: LabHost): Promise<void> {
  await doInside(host, sh`ip address replace ${`${host.address}/24`} dev eth0`);
}

/** The files of a host that name an address, apart from what Debian and its log keep. */
export async function filesNaming(host: LabHost, address: string): Promise<string> {
  const { stdout } = await inside(
    host,
    sh`grep -rlIF ${address} /etc /opt /usr/local /var/lib/provision 2>/dev/null | grep -v -e '^/etc/hosts$' -e /history || true`,
  );
  return stdout.trim();
}
