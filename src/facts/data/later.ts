import { type Command, sh } from '../../shell/command.ts';

/**
 * Defines `isLater ONE OTHER` of a shell: whether a member wrote to what is in the first directory (its data, or its log
 * alone) after one of them was copied from the other. By the logs, whatever the clock said: segments are named in order, and
 * are only ever added to, before a rest of zeros (etcd's server/storage/wal). Of data without a log by when it was written.
 */
export const IS_LATER: Command = sh`lastIn() {
  last=
  for segment in "$1"/*.wal "$1"/wal/*.wal; do [ ! -f "$segment" ] || last=$segment; done
}
isLater() {
  [ -e "$1" ] && [ -e "$2" ] || return 1
  lastIn "$2"; before=$last; lastIn "$1"
  if [ -z "$last" ] || [ -z "$before" ]; then [ "$1"/snap/db -nt "$2"/snap/db ]; return; fi
  if [ "\${last##*/}" != "\${before##*/}" ]; then
    [ "$(printf '%s\n' "\${last##*/}" "\${before##*/}" | LC_ALL=C sort | tail -n 1)" = "\${last##*/}" ]; return
  fi
  [ "$(cmp -l "$last" "$before" 2>/dev/null | { read -r _ _ octal && echo "$octal"; })" = 0 ]
}`;
