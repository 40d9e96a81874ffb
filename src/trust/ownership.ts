import { type Stats, statSync } from 'node:fs';
import { userInfo } from 'node:os';
import { dirname, resolve } from 'node:path';
import { Failure } from '../failure/failure.ts';
import { remedy } from '../problem/remedy.ts';
import { quote } from '../shell/command.ts';

/** Accounts whose files we act upon: root, our own, and the one behind sudo. */
function trustedIds(env: NodeJS.ProcessEnv = process.env): ReadonlySet<number> {
  const own = process.geteuid?.() ?? 0;
  const behind = own === 0 ? Number(env.SUDO_UID ?? Number.NaN) : Number.NaN;
  return new Set([0, own, behind].filter((id) => Number.isSafeInteger(id)));
}

/** Why others could decide what a file or directory holds. */
interface Foreign {
  readonly by: 'owner' | 'mode';
  /** The end of a sentence. */
  readonly how: string;
}

/**
 * Why others could decide what is in this file or directory, or undefined. As ssh does with
 * its files (sshd(8), StrictModes): another owner, or anybody else may write. A group that is only our own may.
 */
function whyOthersDecide({ uid, gid, mode }: Stats): Foreign | undefined {
  if (!trustedIds().has(uid))
    return { by: 'owner', how: `belongs to another account (uid ${uid})` };
  if ((mode & 0o002) !== 0) return { by: 'mode', how: 'can be changed by every account' };
  if ((mode & 0o020) !== 0 && gid !== ownGroup(uid))
    return { by: 'mode', how: `can be changed by the group ${gid}` };
  return undefined;
}

/**
 * Throws a Failure (refused) when others could decide what the path holds, or put another in its place: each directory
 * above counts, but for those that keep what they hold for its owner (sticky, as /tmp).
 */
export function refuseOthersFiles(path: string, what: string): void {
  if (process.platform === 'win32') return;
  let stats = statSync(path);
  for (let at = resolve(path); ; at = dirname(at)) {
    const isAbove = at !== resolve(path);
    if (isAbove) stats = statSync(at);
    const keepsOwners = isAbove && (stats.mode & 0o1000) !== 0;
    const why = keepsOwners ? undefined : whyOthersDecide(stats);
    if (why !== undefined) {
      throw new Failure('refused', `${what} ${path} is not used: ${at} ${why.how}`, {
        next:
          why.by === 'owner'
            ? [
                remedy`see what it holds, then chown it, or run provision as its owner: ls -ld ${quote(at)}`,
              ]
            : [remedy`see what it holds, then: chmod go-w ${quote(at)}`],
      });
    }
    if (dirname(at) === at) return;
  }
}

/** The group that files of an account have where it is the account's alone. */
function ownGroup(uid: number): number {
  const { uid: own, gid } = userInfo();
  return uid === own ? gid : uid;
}
