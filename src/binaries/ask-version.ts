import { type Argument, type Command, sh } from '../shell/command.ts';

/** Sets `uid` and `gid` of a shell to those of an account, or to nobody's where it was not made yet: then `entry` is empty. */
export function findAccount(account: Argument): Command {
  return sh`uid=65534; gid=65534
entry=$(getent passwd ${account} 2>/dev/null) || entry=
[ -z "$entry" ] || { uid=\${entry#*:*:}; gid=\${uid#*:}; uid=\${uid%%:*}; gid=\${gid%%:*}; }`;
}

/**
 * Runs a program of etcd with `--version` by that uid and gid, never as root: an account that can replace the file could
 * otherwise run it as root. Ends with 124 after so many seconds. bash calls execve itself; other shells run a file that is
 * not a program as a script. It reads no .bashrc, as it would where its input is a socket.
 */
export function askVersion(program: Command, seconds: number): Command {
  return sh`timeout ${seconds} setpriv --reuid=$uid --regid=$gid --clear-groups $(command -v bash >/dev/null && echo bash --norc || echo sh) -c 'exec "$0" --version' ${program} 2>&1`;
}
