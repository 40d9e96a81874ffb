import { dirname } from 'node:path/posix';
import { HOLDS_LOG } from '../../facts/data/log-head.ts';
import { ON_ONE_DISK } from '../../facts/data/one-disk.ts';
import {
  formerly,
  formerPlace,
  LEFT_OVER,
  type PlaceMove,
  partialPlace,
} from '../../plan/place-move.ts';
import { type Command, lines, sh } from '../../shell/command.ts';

/** Seconds that a stop, a copy of data or log and a start may take. */
export const COPYING = 900;

/** Sees, before the member is stopped, that what is moved can be. Nothing to be seen where it has been moved already. */
export function beforeMoves(moves: readonly PlaceMove[]): Command {
  if (moves.length === 0) return sh`:`;
  return lines([
    ON_ONE_DISK,
    ...moves.map((move, at) => beforeMove(move, formerly(move.from, moves.slice(0, at)))),
  ]);
}

function beforeMove({ of, from, to, isBegun }: PlaceMove, now: string): Command {
  return sh`${HOLDS[of]}
if holds ${now}; then
  if holds ${to} && [ ${isBegun === true ? 'yes' : 'no'} = no ]; then echo ${`${NAMES[of]} is in ${to} already: nothing was moved`} >&2; exit 1; fi
  if ${now === from ? sh`onOneDisk ${now} ${to}` : sh`false`}; then :; else
    ${roomFor(now, to)}
    [ "$room" -ge "$needed" ] || { echo ${`the disk of ${to} has too little room for the ${of}:`} "$((room / 1048576)) MiB are free" >&2; exit 1; }
  fi
fi`;
}

/** Moves the data and the log of a member that is stopped, one after the other. */
export function movePlaces(moves: readonly PlaceMove[]): Command {
  if (moves.length === 0) return sh`:`;
  return lines([ON_ONE_DISK, ...moves.map(movePlace)]);
}

/**
 * On one file system it changes its name, which is one step. Else it is copied: it has its name there only once all of it is
 * on the disk, and the former one stays under another name, so that there is one at any time that counts. May be repeated
 * after it was killed anywhere.
 */
function movePlace({ of, from, to }: PlaceMove): Command {
  const [part, former, earlier] = [partialPlace(to), formerPlace(from), formerPlace(to)];
  return sh`${HOLDS[of]}
if holds ${from}; then
  # What an attempt left there is a copy of this one.
  [ ! -e ${to} ] || { rm -rf ${earlier} && mv -T ${to} ${earlier} || exit; }
  if onOneDisk ${from} ${to}; then
    mv -T ${from} ${to} && sync ${dirname(to)} ${dirname(from)} || exit
  else
    rm -rf ${part} || exit
    ${roomFor(from, to)}
    # A former one, of which this is the later state, makes room for it.
    [ "$room" -ge "$needed" ] || rm -rf ${earlier} || exit
    cp -a ${from} ${part} && sync -f ${part} || exit
    mv -T ${part} ${to} && sync ${dirname(to)} || exit
    rm -rf ${former} && mv -T ${from} ${former} && sync ${dirname(from)} || exit
  fi
fi`;
}

const NAMES = { data: 'data of a member', log: 'a log' };

/** Defines `holds` of a shell: whether what is moved is there. */
const HOLDS = { data: sh`holds() { [ -d "$1" ]; }`, log: HOLDS_LOG };

/** Sets `room` to the bytes that are free, and `needed` to those of a copy and what must be left. */
function roomFor(from: string, to: string): Command {
  return sh`size=$(du -sk ${from}); size=\${size%%[!0-9]*}; needed=$((size * 1024 + ${LEFT_OVER}))
  # It may lie in what is moved before it.
  at=${dirname(to)}; while [ ! -e "$at" ]; do at=\${at%/*}; [ -n "$at" ] || at=/; done
  room=$(set -- $(stat -f -c '%a %S' "$at"); echo $(($1 * $2)))`;
}
