import { isIP } from 'node:net';
import { setting } from '../desired/setting.ts';
import { remedy } from '../problem/remedy.ts';
import type { CheckedHost, KnownHost } from './checked-host.ts';
import { fail, type HostCheck, pass, warn } from './verdict.ts';

export const ports: HostCheck<KnownHost> = {
  name: 'ports',
  judge: ({ cluster, member, facts: { listeners, unit } }) => {
    const taken = listeners.filter(
      ({ port, pid }) => member.ports.includes(port) && (unit.pid === 0 || pid !== unit.pid),
    );
    const [first] = taken;
    if (first === undefined)
      return pass(unit.pid > 0 ? `${member.ports.join(', ')}: ours` : 'free');
    const who = taken.map(
      ({ port, process, pid }) => `${port} is taken by ${process} (pid ${pid})`,
    );
    return fail(`${who.join(', ')}, which is not ${cluster.unit}.service`, [
      remedy`stop ${first.process}, or choose other etcd.ports`,
    ]);
  },
};

export const peers: HostCheck<CheckedHost> = {
  name: 'peer ports',
  judge: ({ dials, surroundings: { firewalls } }) => {
    const failed = dials.filter(({ outcome }) => outcome !== 'reached');
    if (failed.length > 0) {
      const walls = firewalls.length === 0 ? '' : `; here ${firewalls.join(', ')} is active`;
      return fail(
        failed
          .map(({ to, address, complaint }) => `does not reach ${to} at ${address} (${complaint})`)
          .join('; '),
        [remedy`open the port in every firewall between, both ways${walls}`],
      );
    }
    const wrong = dials.filter(({ isRight }) => !isRight);
    if (wrong.length > 0)
      return fail(
        wrong.map(({ to, address }) => `somebody else than ${to} answers at ${address}`).join('; '),
        [remedy`look for an address used twice, a proxy or a wrong forwarding`],
      );
    return pass(dials.length === 0 ? 'no other member' : 'reaches every other');
  },
};

export const roundTrips: HostCheck<CheckedHost> = {
  name: 'round trips',
  judge: ({ member, dials }) => {
    const times = dials.flatMap(({ milliseconds }) => milliseconds ?? []);
    if (times.length === 0) return pass('not measured');
    const slowest = Math.max(...times);
    const heartbeat = Number(setting(member, 'ETCD_HEARTBEAT_INTERVAL')) || 100;
    const election = Number(setting(member, 'ETCD_ELECTION_TIMEOUT')) || 1000;
    const found = `${slowest.toFixed(slowest < 10 ? 2 : 0)} ms at most`;
    // etcd's tuning guide: a heartbeat of about one round trip, an election of at least ten.
    if (election < 10 * slowest)
      return fail(
        `${found}, and an election after ${election} ms: members would vote all the time`,
        [
          remedy`set etcd.settings: {heartbeat-interval: ${Math.ceil(slowest * 1.2)}, election-timeout: ${Math.ceil(slowest * 12)}} on all members`,
        ],
      );
    if (heartbeat < slowest)
      return warn(`${found}, longer than the heartbeat of ${heartbeat} ms`, [
        remedy`raise heartbeat-interval in etcd.settings to ${Math.ceil(slowest * 1.2)}`,
      ]);
    return pass(`${found}, heartbeat ${heartbeat} ms`);
  },
};

export const names: HostCheck<CheckedHost> = {
  name: 'names',
  judge: ({ surroundings: { names: here }, namesElsewhere }) => {
    const missing = [...here].filter(([, addresses]) => addresses.length === 0);
    if (missing.length > 0)
      return fail(`does not know ${missing.map(([name]) => name).join(', ')}`, [
        remedy`add it to DNS or /etc/hosts`,
      ]);
    const loops = [...here].filter(([, addresses]) => addresses.some(isLoopback));
    if (loops.length > 0)
      return fail(
        loops.map(([name, addresses]) => `${name} is ${addresses.join(', ')} here`).join('; '),
        [
          remedy`take the loopback line for it out of /etc/hosts: members must dial the address others see`,
        ],
      );
    const differing = [...here].flatMap(([name, addresses]) => {
      const other = [...namesElsewhere].find(
        ([, theirs]) => theirs.get(name)?.join() !== addresses.join(),
      );
      return other === undefined
        ? []
        : [
            `${name} is ${addresses.join(', ')} here, ${other[1].get(name)?.join(', ') || 'unknown'} on ${other[0]}`,
          ];
    });
    if (differing.length > 0)
      return warn(differing.join('; '), [
        remedy`let all hosts ask the same DNS, or write the same /etc/hosts`,
      ]);
    return pass(here.size === 0 ? 'only addresses are used' : `all ${here.size} resolve`);
  },
};

export const firewall: HostCheck<CheckedHost> = {
  name: 'firewall',
  judge: ({ member, dials, surroundings: { firewalls } }) =>
    firewalls.length === 0
      ? pass('none is active')
      : dials.every(({ outcome }) => outcome === 'reached')
        ? pass(`${firewalls.join(', ')} is active`)
        : warn(`${firewalls.join(', ')} is active`, [
            remedy`let in TCP ${member.ports.join(' and ')}, for firewalld: firewall-cmd --permanent ${member.ports.map((port) => `--add-port=${port}/tcp`).join(' ')} && firewall-cmd --reload`,
          ]),
};

function isLoopback(address: string): boolean {
  return isIP(address) === 4 ? address.startsWith('127.') : address === '::1';
}
