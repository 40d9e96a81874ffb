import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { must } from '../../../src/lab/local-command.ts';
import { adopted } from '../foreign/adopted.ts';
import { asTheyAre, ofAll } from '../foreign/as-they-are.ts';
import { built } from '../foreign/built.ts';
import { LAYOUTS } from '../foreign/layouts.ts';
import { onHost } from '../foreign/on-host.ts';
import { hostAt } from '../lab/lab.ts';

const SUDO = 'planted-Secret-2270';
const PASSPHRASE = 'planted-Secret-5518';

test.serial(
  'a cluster of others is adopted, taken over and given back by a user whose sudo asks, through a bastion, at another port, with a locked key',
  async (t) => {
    t.timeout(600_000);
    const etcdadm = LAYOUTS.find(({ name }) => name === 'etcdadm');
    if (etcdadm === undefined) throw new TypeError('a layout with keys that root alone reads');
    const place = await built(t, etcdadm, { count: 4 });
    const { lab, site, clusters } = place;
    const [cluster] = clusters;
    if (cluster === undefined) throw new TypeError('a cluster');
    const bastion = hostAt(lab, 3);
    const key = join(site.directory, 'night');
    await must('make a key', 'ssh-keygen', ['-q', '-t', 'ed25519', '-N', PASSPHRASE, '-f', key]);
    const open = await readFile(`${key}.pub`, 'utf8');
    await onHost(bastion, 'cat >> /home/ops/.ssh/authorized_keys', open);
    for (const { host } of cluster.members)
      await onHost(
        host,
        `set -eu
useradd --create-home --shell /bin/bash night
printf 'night:%s\\n' ${SUDO} | chpasswd
install -d -m 700 -o night -g night /home/night/.ssh
cat > /home/night/.ssh/authorized_keys
chown night: /home/night/.ssh/authorized_keys
echo 'night ALL=(root) /bin/sh' > /etc/sudoers.d/night
printf 'Port 2222\\nAllowUsers night@%s\\n' ${bastion.address} >> /etc/ssh/sshd_config
systemctl restart ssh`,
        open,
      );
    const before = await ofAll(cluster, asTheyAre);

    const env = { NIGHT_SUDO: SUDO, NIGHT_KEY: PASSPHRASE };
    const by = (args: readonly string[]) => lab.provision(args, { env });
    const asNight = { ...place, lab: { ...lab, provision: by } };
    const reach = [
      ...['--ssh-user', 'night', '--jump', `ops@${bastion.address}`],
      ...['--identity', key, '--ssh-passphrase', 'env:NIGHT_KEY'],
      ...['--become-password', 'env:NIGHT_SUDO'],
      ...['--known-hosts', join(site.directory, 'known_hosts'), '--accept-new'],
    ];
    const first = `${cluster.members[0]?.host.address}:2222`;
    const refused = await by(['adopt', first, ...reach, '--become', 'none']);
    t.is(refused.exitCode, 3, refused.stderr);
    t.regex(refused.stderr, /night is not root there, and sees nothing of etcd/);
    const inventory = await adopted(t, asNight, cluster, reach, 2222);
    t.deepEqual(await ofAll(cluster, asTheyAre), before);
    const run = async (...words: readonly string[]) => {
      const { exitCode, stdout, stderr } = await by(words);
      t.is(exitCode, 0, stdout + stderr);
      t.false(`${stdout}${stderr}`.includes('planted-Secret'));
    };
    await run('up', inventory, '--yes');
    await run('plan', inventory, '--exit-code');
    t.notDeepEqual(await ofAll(cluster, asTheyAre), before);
    await run('adopt', '--undo', inventory, '--yes');
    t.deepEqual(await ofAll(cluster, asTheyAre), before);
    t.false((await readFile(inventory, 'utf8')).includes('planted-Secret'));
  },
);
