import { findAccount } from '../../binaries/ask-version.ts';
import { type Command, sh } from '../../shell/command.ts';

/**
 * Shell functions: `as COMMAND` runs one as this account without any capability, and `barred PATH WORD` says which directory
 * above the path, or the path itself, keeps the account out (`WORDAt`), with its owner and mode (`WORDOwner`).
 */
export function asAccount(account: string): Command {
  return sh`${findAccount(account)}
groups=--clear-groups; id ${account} >/dev/null 2>&1 && groups=--init-groups
as() { setpriv --reuid=$uid --regid=$gid $groups --inh-caps=-all --bounding-set=-all "$@"; }
barred() {
  part=; rest=$1
  while [ -n "$rest" ]; do
    rest=\${rest#/}; part=$part/\${rest%%/*}
    case $rest in */*) rest=/\${rest#*/} ;; *) rest= ;; esac
    [ -d "$part" ] && ! as test -x "$part" || continue
    echo "$2At=$part"; echo "$2Owner=$(stat -c '%U:%G %a' "$part")"; return
  done
  echo "$2At=$1"; echo "$2Owner=$(stat -c '%U:%G %a' "$1")"
}`;
}
