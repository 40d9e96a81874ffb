import { Failure } from '../failure/failure.ts';
import type { Host } from '../host/host.ts';
import { INVENTORY, provision, remedy } from '../problem/remedy.ts';
import { type Command, sh } from '../shell/command.ts';
import { sumOf } from '../shell/sha256.ts';
import type { BinaryName } from './binary.ts';

/** The program that an upload may replace. */
export interface Replaceable {
  /** Its sha256; undefined where none was there. */
  readonly sha256: string | undefined;
  /** The unit that may run it. */
  readonly unit: string;
}

/** What the script below ends with where somebody else put a program there, or runs it. */
export const TAKEN = 94;

/**
 * Ends the shell with TAKEN where the file is another program than the one that may be replaced, or where a process
 * outside the unit runs it: who came first keeps it.
 */
export function unlessInUse(name: BinaryName, { sha256 = '', unit }: Replaceable): Command {
  return sh`if [ -e ${name} ]; then
  ${sumOf(name)}
  [ "$sum" = ${sha256} ] || { echo changed; exit ${TAKEN}; }
  for program in /proc/[0-9]*/exe; do
    [ "$program" -ef ${name} ] || continue
    pid=\${program#/proc/}; pid=\${pid%/exe}
    # One that is asked for its version is nobody's member.
    case $(tr '\\0' ' ' < /proc/$pid/cmdline) in *' --version '|'') continue ;; esac
    group=$(tail -n 1 /proc/$pid/cgroup)
    case $group in */${`${unit}.service`}) ;; *.service) echo "\${group##*/}"; exit ${TAKEN} ;; *) echo "process $pid"; exit ${TAKEN} ;; esac
  done
fi`;
}

/** Says who keeps a program from being replaced. */
export function taken({ name }: Host, path: string, stdout: string): Failure {
  const who = stdout.trim();
  const why =
    who === 'changed'
      ? "another program was put there since this run looked: it may be another cluster's"
      : `${who} runs it, and it is not the program that is to be put there`;
  return new Failure('refused', `${name}: ${path} stays: ${why}`, {
    next: [
      remedy`see who uses it: ${provision('plan', INVENTORY)}; with other programs than theirs, set etcd.paths.bin to a directory of its own`,
    ],
  });
}
