import test from 'ava';
import { inside } from '../../../src/lab/host.ts';
import { sh } from '../../../src/shell/command.ts';
import { describeCluster } from '../lab/cluster.ts';
import { useLab } from '../lab/lab.ts';

const lab = useLab({ count: 3 });
const PASSWORD = 'planted-Secret-8413';

test.serial(
  'up works through two bastions, as a fish user whose sudo asks, in one session',
  async (t) => {
    t.timeout(300_000);
    const [outer, inner, member] = lab.current.hosts;
    if (!outer || !inner || !member) throw new Error('a lab of three has three hosts');
    const prepared = await inside(
      member,
      sh`set -eu
useradd --create-home --shell /usr/bin/fish night
printf 'night:%s\n' ${PASSWORD} | chpasswd
mkdir -p -m 700 /home/night/.ssh /home/night/.config/fish
cp /root/.ssh/authorized_keys /home/night/.ssh/
printf 'echo Welcome to the night shift; echo careful >&2; umask 077; set -gx ETCDCTL_API 2\n' > /home/night/.config/fish/config.fish
chown -R night: /home/night
echo 'night ALL=(root) /bin/sh' > /etc/sudoers.d/night
printf 'MaxSessions 1\nAllowUsers night@%s\n' ${inner.address} >> /etc/ssh/sshd_config
systemctl restart ssh`,
    );
    t.is(prepared.exitCode, 0, prepared.stderr);

    const { identity, knownHosts } = lab.current.paths;
    const cluster = await describeCluster(lab.current, {
      change: {
        members: [{ name: 'etcd01', address: member.address }],
        ssh: {
          user: 'night',
          identityFile: identity,
          knownHosts,
          jump: `ops@${outer.address},ops@${inner.address}`,
          becomePassword: 'env:NIGHT_PASSWORD',
        },
      },
    });
    const provision = (...args: string[]) =>
      lab.current.provision(args, { env: { NIGHT_PASSWORD: PASSWORD } });

    const first = await provision('up', cluster.inventory, '--yes');
    t.is(first.exitCode, 0, first.stdout + first.stderr);
    const again = await provision('plan', cluster.inventory, '--exit-code');
    t.is(again.exitCode, 0, again.stdout + again.stderr);
    const asked = await provision('etcdctl', cluster.inventory, '--', 'put', 'night', 'shift');
    t.is(asked.exitCode, 0, asked.stdout + asked.stderr);

    const modes = await inside(
      member,
      sh`stat -c '%a %U' /opt/etcd /etc/systemd/system/etcd.service`,
    );
    t.is(modes.stdout, '755 root\n644 root\n');
    for (const { stdout, stderr } of [first, again, asked]) {
      t.false(`${stdout}${stderr}`.includes(PASSWORD));
    }
    const traces = await inside(
      member,
      sh`grep -rl ${PASSWORD} /var/log /etc /var/lib/provision /run /tmp /home /root 2>/dev/null; journalctl | grep -c ${PASSWORD}`,
    );
    t.is(traces.stdout, '0\n');
  },
);
