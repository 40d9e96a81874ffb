import { APPEND_TO_HISTORY } from '../history/remote.ts';
import { HOST_LOCK, LOCK_DIRECTORY } from '../host/host-lock.ts';
import { PLAIN_FILE, WHAT_STANDS } from '../host/what-stands.ts';
import { type Command, sh } from '../shell/command.ts';
import type { Holder } from './holder.ts';

/** A keeper that hears nothing for so many seconds ends: the operator's machine is gone or stands still. */
export const PATIENCE_SECONDS = 40;
/** Longer than it takes to remove what clusters share on a host. */
const SHARED_SECONDS = 90;
/** Exit code of a keeper that did not get the lock. */
export const HELD = 75;
/** Exit code of a fenced command that did not run. */
export const FENCED = 97;

/** Exit code where something else stands in the place of a file of the lock; what it is stands in stderr. */
export const STRANGE = 96;

/** What is written to a keeper. */
export const BEAT = '.';
export const CHANGING = 'c';
export const NOTE = 'n';
export const END = 'e';

/** Stands where the id of the holder stood when it went away. */
const CUT = 'cut';
const DIRECTORY = LOCK_DIRECTORY;

/**
 * Ends with STRANGE unless each file of the lock is missing or a file: a directory or a link says nothing of who works here,
 * and a pipe would be waited for.
 */
const PLAIN: Command = sh`for one in ${DIRECTORY} "$n.lock" "$n.holder" "$n.ended" "$n.beat" ${HOST_LOCK}; do
  if [ "$one" = ${DIRECTORY} ] && [ -d "$one" ]; then continue; fi
  ${WHAT_STANDS}
  case $what in
    '') continue ;;
    ${PLAIN_FILE}) [ "$one" = ${DIRECTORY} ] || continue ;;
  esac
  echo "$one is $what" >&2
  exit ${STRANGE}
done`;

/**
 * Takes the lock of the cluster on one host and keeps it as long as its stdin beats. The lock is an flock of the shell,
 * so the kernel frees it however the shell ends. Says `held` and the holder, or `taken`, the host's uptime in seconds,
 * and when the last run ended on that clock (`never`, or `cut` and its holder when it did not end by itself). After NOTE
 * the rest of stdin goes into the host's history. `cutLine` goes there when the beats stop after CHANGING, with the time by
 * the host's clock.
 */
export function keep(
  cluster: string,
  holder: Holder,
  cutLine: string,
  waitSeconds: number,
): Command {
  // Builtins wherever they do: a run with nothing to do should not notice that it was alone.
  return sh`n=${`${DIRECTORY}/${cluster}`}
${PLAIN}
# Who can open the file can lock it: its directory is for root alone, also where an older version made it.
{ [ -d ${DIRECTORY} ] || mkdir -p ${DIRECTORY}; } && chmod 700 ${DIRECTORY} || exit
exec 9>>"$n.lock" || exit
flock -w ${waitSeconds} 9 || { echo held; { read -r _; read -r by; } < "$n.holder"; printf '%s\\n' "$by"; exit ${HELD}; }
ended=never cut=
[ ! -f "$n.ended" ] || read -r ended < "$n.ended"
# Written in part, so it may have been a moment ago.
[ -n "$ended" ] || ended=unknown
[ ! -s "$n.holder" ] || { ended=cut; { read -r _; read -r cut; } < "$n.holder"; }
exec 8>>${HOST_LOCK} || exit
waited=
flock -n 8 || { flock -w ${SHARED_SECONDS} 8; waited=yes; }
exec 8>&-
read -r now _ < /proc/uptime
[ -z "$waited" ] || [ "$ended" = cut ] || ended=$now
printf '%s\\n%s\\n%s\\n' ${holder.id} ${JSON.stringify(holder)} $$ > "$n.holder" || exit
echo "$now" > "$n.beat"
printf 'taken %s %s\\n%s\\n' "$now" "$ended" "$cut"
changing=
while :; do
  word=$(timeout ${PATIENCE_SECONDS} dd bs=1 count=1 2>/dev/null 9>&-)
  read -r now _ < /proc/uptime
  case $word in
    ${BEAT}) echo "$now" > "$n.beat" ;;
    ${CHANGING}) changing=yes ;;
    ${NOTE} | ${END})
      [ "$word" = ${END} ] || note=$(timeout 10 cat 9>&-)
      [ -z "\${note:-}" ] || printf '%s\\n' "$note" | { ${APPEND_TO_HISTORY}; }
      echo "$now" > "$n.ended"
      : > "$n.holder"
      exit 0 ;;
    *)
      printf '%s\\n%s\\n' ${CUT} ${JSON.stringify(holder)} > "$n.holder"
      [ -z "$changing" ] || printf '%s,"cutAt":%s}\\n' ${cutLine.replace(/}$/, '')} "$(date +%s)" | { ${APPEND_TO_HISTORY}; }
      exit 1 ;;
  esac
done`;
}

/** Ends with FENCED unless the lock is kept for the run with this id; what follows is not run then. */
export function fence(cluster: string, id: string): Command {
  return sh`provision_lock=
read -r provision_lock 2>/dev/null < ${`${DIRECTORY}/${cluster}.holder`}
[ "$provision_lock" = ${id} ] || exit ${FENCED}`;
}

/**
 * Says `free` or `held`, then uptime and uptime of the last beat in seconds, then the holder, then each process that has
 * the lock and is not the holder's: pid, account, name. Looking takes a shared lock for an instant; who wants the real
 * one waits longer than that.
 */
export function look(cluster: string): Command {
  return sh`n=${`${DIRECTORY}/${cluster}`}
${PLAIN}
if [ ! -e "$n.lock" ] || flock -n -s "$n.lock" true; then echo free; else echo held; fi
read -r now _ < /proc/uptime
beat=
[ ! -f "$n.beat" ] || read -r beat < "$n.beat"
echo "$now $beat"
by= pid=
[ ! -s "$n.holder" ] || { read -r _; read -r by; read -r pid; } < "$n.holder"
echo "$by"
# Held, but not by the keeper that is written down: whatever has the file open, except for what is looking.
[ -e "$n.lock" ] && ! flock -n -s "$n.lock" true || exit 0
[ "$(readlink "/proc/\${pid:-0}/fd/9")" != "$n.lock" ] || exit 0
for open in /proc/[0-9]*/fd/*; do
  [ "$open" -ef "$n.lock" ] || continue
  one=\${open#/proc/}; one=\${one%%/*}
  read -r name < "/proc/$one/comm" && echo "$one $(stat -c %U "/proc/$one") $name"
done 2>/dev/null
exit 0`;
}

/** Ends the keeper of the run with this id; any other holder of the lock is left alone. */
export function evict(cluster: string, id: string): Command {
  return sh`n=${`${DIRECTORY}/${cluster}`}
${PLAIN}
held= by= pid=
[ ! -s "$n.holder" ] || { read -r held; read -r by; read -r pid; } < "$n.holder"
[ "$held" = ${id} ] || exit 0
[ "$(readlink "/proc/$pid/fd/9")" = "$n.lock" ] && kill "$pid"
printf '%s\\n%s\\n' ${CUT} "$by" > "$n.holder"
flock -w 5 "$n.lock" true`;
}
