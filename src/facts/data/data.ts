import { readWalOwner, type WalOwner, wasLed } from '../../etcd/wal.ts';
import { sh } from '../../shell/command.ts';
import { type Fact, properties } from '../fact.ts';
import { readLogHead } from './log-head.ts';

export interface DataFact {
  readonly mode: number;
  readonly owner: string;
  readonly entries: readonly string[];
  readonly bytes: number;
  /** When anything in it was last written, seconds since 1970 by the host's clock. */
  readonly modifiedAt: number;
  /** Whether a member's log or store is in it. */
  readonly used: boolean;
  /** Something in it that the account of etcd does not own, if anything. */
  readonly stranger: string | undefined;
  /** Whether a segment of the write-ahead log is where it should be. */
  readonly hasLog: boolean;
  /** Whose data it is, where the log says so. */
  readonly wal: WalOwner | undefined;
  /** Whether the log has anything that a leader wrote; undefined where its beginning does not say. */
  readonly wasLed: boolean | undefined;
}

/** The data directory as it is, or undefined where there is none. */
export const dataFact = (
  path: string,
  walPath: string,
  account: string,
): Fact<DataFact | undefined> => ({
  first: [readLogHead(walPath)],
  ask: sh`[ -d ${path} ] || exit 1
said=$(stat -c '%a %Y %U:%G' ${path} \${firstLog:+"$firstLog"})
last=\${said##*${'\n'}}; last=\${last#* }; said=\${said%%${'\n'}*}
echo "mode=\${said%% *}"; echo "owner=\${said#* * }"; echo "modifiedAt=\${last%% *}"
left=20
for entry in ${path}/.* ${path}/*; do
  case \${entry##*/} in . | ..) continue ;; esac
  [ -e "$entry" ] || [ -L "$entry" ] || continue
  [ $left -gt 0 ] || break
  left=$((left - 1)); echo "entry.\${entry##*/}="
done
echo "stranger=$(find ${path} -mindepth 1 ! -user ${account} -print -quit)"
used=$(du -sk ${path}); echo "kilobytes=\${used%%[!0-9]*}"
[ -e ${path}/member ] && echo used=yes
set -- ${walPath}/*.wal; echo "segments=$#"
[ -z "$firstLog" ] || { echo used=yes; echo log=yes; echo "wal=$logHead"; }`,
  read({ exitCode, stdout }) {
    if (exitCode === 1 && stdout === '') return undefined;
    const found = properties(stdout);
    const head = Buffer.from(found.get('wal') ?? '', 'base64');
    return {
      mode: Number.parseInt(found.get('mode') ?? '0', 8),
      owner: found.get('owner') ?? '',
      entries: [...found.keys()]
        .filter((key) => key.startsWith('entry.'))
        .map((key) => key.slice(6)),
      bytes: Number(found.get('kilobytes') ?? 0) * 1024,
      modifiedAt: Number(found.get('modifiedAt') ?? 0),
      used: found.get('used') === 'yes',
      stranger: found.get('stranger') || undefined,
      hasLog: found.get('log') === 'yes',
      wal: readWalOwner(head),
      wasLed: found.get('segments') === '1' ? wasLed(head) : undefined,
    };
  },
});
