import { existsSync } from 'node:fs';
import test from 'ava';
import { ensureEtcd, etcdPaths } from '../../../src/lab/etcd.ts';
import {
  agreedValue,
  type ClusterWish,
  describeCluster,
  endpoints,
  purge,
} from '../lab/cluster.ts';
import type { TestLab } from '../lab/lab.ts';
import { sameThroughGateway } from '../observer/gateway.ts';
import { everyFile, said, unitRun } from '../observer/seen.ts';

/** The versions Debian packages; others are compiled or downloaded, and tested only where that has been done before. */
const PACKAGED = ['3.3.25', '3.4.23', '3.5.16', '3.5.30'];

/** Whether this version can be had without compiling it for minutes. */
export function isAtHand(version: string): boolean {
  return PACKAGED.includes(version) || existsSync(etcdPaths(version).sums);
}

/** First start, second run, then away with it again: what must hold for every version on every Debian. */
export const upAndAgain = test.macro(
  async (
    t,
    lab: { readonly current: TestLab },
    wish: Required<Pick<ClusterWish, 'members' | 'protocol' | 'version'>>,
  ) => {
    const { version, protocol } = wish;
    await ensureEtcd(version, t.log);
    const cluster = await describeCluster(lab.current, wish);
    const hosts = lab.current.hosts.slice(0, wish.members);

    const first = await lab.current.provision(['up', cluster.inventory, '--yes']);
    t.is(first.exitCode, 0, first.stdout + first.stderr);
    t.deepEqual(
      await agreedValue(cluster, version),
      cluster.members.map(() => version),
    );
    if (protocol === 'https') {
      const strangers = { ...cluster, store: '/nowhere', protocol: 'http' as const };
      await t.throwsAsync(agreedValue(strangers, 'x'), undefined, 'plain http is answered');
    }
    await sameThroughGateway(t, cluster);
    for (const host of hosts) {
      t.regex(
        await said(host, '/opt/etcd/etcd/etcd --version'),
        new RegExp(`etcd Version: ${version.replaceAll('.', '\\.')}\n`),
      );
      t.is(
        await said(host, 'stat -c "%a %U:%G" /var/lib/etcd /etc/etcd/etcd.conf'),
        '700 etcd:etcd\n644 root:root',
      );
      t.is(
        await said(host, 'grep -h ^ETCD_INITIAL_CLUSTER_STATE /etc/etcd/etcd.conf'),
        'ETCD_INITIAL_CLUSTER_STATE="existing"',
      );
      const exposure = await said(
        host,
        'systemd-analyze security --no-pager etcd.service | tail -1',
      );
      t.true(Number(/service: ([\d.]+)/.exec(exposure)?.[1]) <= 2, exposure);
      if (protocol === 'https')
        t.is(
          await said(host, 'cd /etc/etcd/pki/ && stat -c "%n %a %U:%G" *'),
          [
            'ca.crt 644 root:root',
            'healthcheck-client.crt 644 root:root',
            'healthcheck-client.key 600 etcd:etcd',
            'peer-ca.crt 644 root:root',
            ...['peer', 'server'].flatMap((row) => [
              `${row}.crt 644 root:root`,
              `${row}.key 600 etcd:etcd`,
            ]),
          ].join('\n'),
        );
    }

    const look = () =>
      Promise.all(
        hosts.map(async (host) => [
          await unitRun(host),
          ...(await everyFile(host, ['/var/lib/etcd'])),
        ]),
      );
    const before = await look();
    const second = await lab.current.provision(['up', cluster.inventory, '--yes', '--json']);
    t.is(second.exitCode, 0, second.stdout + second.stderr);
    t.is(JSON.parse(second.stdout).changed, false);
    t.deepEqual(await look(), before);

    await purge(cluster);
    const left = await Promise.all(
      hosts.map((host) =>
        said(
          host,
          'ls -d /var/lib/etcd* /etc/etcd/* /opt/etcd/* /etc/systemd/system/etcd.service 2>/dev/null; pgrep -x etcd',
        ),
      ),
    );
    t.deepEqual(
      left,
      hosts.map(() => ''),
    );
    t.is(endpoints(cluster).length, wish.members);
  },
);
