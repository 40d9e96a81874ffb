import { keepsTheirs } from '../facts/adopted.ts';
import { INVENTORY, provision, remedy } from '../problem/remedy.ts';
import type { CheckedHost, KnownHost } from './checked-host.ts';
import { fail, type HostCheck, pass, warn } from './verdict.ts';

const OLDEST_SYSTEMD = 235;
const NOFILE = 65_536;
const MACHINES: Readonly<Record<string, string>> = { x86_64: 'amd64', aarch64: 'arm64' };

export const systemd: HostCheck<KnownHost> = {
  name: 'systemd',
  judge: ({ facts: { machine } }) => {
    const found = `systemd ${machine.systemd} on ${machine.os}`;
    // Without UnsetEnvironment= (systemd NEWS, 235) a proxy variable carries away peer traffic.
    return machine.systemd >= OLDEST_SYSTEMD
      ? pass(found)
      : fail(`${found}; the unit needs ${OLDEST_SYSTEMD}`, [remedy`upgrade the operating system`]);
  },
};

export const architecture: HostCheck<KnownHost> = {
  name: 'architecture',
  judge: ({ facts: { machine }, binaries }) => {
    const wanted = MACHINES[machine.architecture] ?? machine.architecture;
    const wrong = binaries.find((binary) => binary.architecture !== wanted);
    return wrong === undefined
      ? pass(wanted)
      : fail(`${wanted}, but ${wrong.path} is made for ${wrong.architecture}`, [
          remedy`give etcd.source programs for ${wanted}`,
        ]);
  },
};

export const openssl: HostCheck<KnownHost> = {
  name: 'openssl',
  judge: ({ facts: { keys } }) =>
    keys.complaint === undefined
      ? pass('makes keys')
      : fail(`${keys.complaint}, and this host is to make its keys (pki.keys: host)`, [
          remedy`install or repair openssl there, or have keys made here: pki.keys: store`,
        ]),
};

export const kernel: HostCheck<CheckedHost> = {
  name: 'kernel',
  judge: ({ surroundings: { kernel: release } }) => {
    const [major = 0, minor = 0] = release.split(/[.-]/).map(Number);
    return major > 4 || (major === 4 && minor >= 19)
      ? pass(release)
      : warn(
          `${release}; large clusters were unstable on 3.10, and before 4.19 nf_conntrack has another name`,
          [remedy`install kernel 4.19 or later and boot it, one host at a time`],
        );
  },
};

export const openFiles: HostCheck<CheckedHost> = {
  name: 'open files',
  judge: ({ surroundings: { files } }) => {
    if (files.perProcess < NOFILE)
      return fail(`fs.nr_open is ${files.perProcess}, under the unit's LimitNOFILE=${NOFILE}`, [
        remedy`sysctl -w fs.nr_open=1048576, and the same in /etc/sysctl.d`,
      ]);
    if (files.open > files.most * 0.8)
      return warn(`${files.open} of ${files.most} files are open on this host`, [
        remedy`find out who opens them (lsof), or raise fs.file-max`,
      ]);
    return pass(`${files.perProcess} for a process`);
  },
};

export const swap: HostCheck<CheckedHost> = {
  name: 'swap',
  judge: ({ surroundings: { swap: devices } }) =>
    devices.length === 0
      ? pass('off')
      : warn(`on (${devices.join(', ')}): an etcd that is swapped out misses heartbeats`, [
          remedy`swapoff -a, and take it out of /etc/fstab`,
        ]),
};

export const variables: HostCheck<CheckedHost> = {
  name: 'ETCD_ variables',
  judge: ({ facts, surroundings: { variables: others, dropIns } }) => {
    if (keepsTheirs(facts)) return pass('those that somebody else gave its unit, which is kept');
    if (others.length > 0)
      return warn(`set outside etcd.conf: ${others.join(', ')}`, [
        remedy`take them out: they would become settings of etcd that the inventory does not know`,
      ]);
    if (dropIns.length > 0)
      return warn(`the unit has drop-ins: ${dropIns.join(', ')}`, [
        remedy`see whether they still fit: systemctl cat shows all of it`,
      ]);
    return pass('none');
  },
};

export const proxies: HostCheck<CheckedHost> = {
  name: 'proxies',
  judge: ({ facts, surroundings: { proxies: found } }) =>
    found.length === 0
      ? pass('none in the environment of etcd')
      : warn(`etcd runs with ${found.join(', ')}: its peer traffic goes through that proxy`, [
          keepsTheirs(facts)
            ? remedy`take them out of its unit, then restart one member after another`
            : remedy`its unit takes proxies out of the environment: ${provision('up', INVENTORY)}`,
        ]),
};

export const leftovers: HostCheck<CheckedHost> = {
  name: 'leftovers',
  judge: ({ cluster, facts, surroundings: { processes, units, manifests } }) => {
    const strangers = processes.filter(({ pid }) => pid !== facts.unit.pid);
    const others = units.filter((unit) => unit !== `${cluster.unit}.service`);
    const found = [
      ...strangers.map(({ pid, group }) => `another etcd runs (pid ${pid}, ${group})`),
      ...others.map((unit) => `${unit} is enabled, too`),
      ...manifests.map((path) => `${path} makes the kubelet run an etcd`),
    ];
    return found.length === 0
      ? pass('no other etcd')
      : warn(found.join('; '), [
          remedy`end and disable it if it is not meant to be, or let it have its own ports and directories`,
        ]);
  },
};
