import { readWalOwner, type WalOwner, wasLed } from '../../etcd/wal.ts';
import { sh } from '../../shell/command.ts';
import { type Fact, properties } from '../fact.ts';
import { type DirectoryFact, entriesIn, readDirectory } from './directory.ts';
import { type LogSearch, readLogHead } from './log-head.ts';
import { ON_ONE_DISK } from './one-disk.ts';

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
  /** Whether a segment of the write-ahead log is there, and the rest of the data with it. */
  readonly hasLog: boolean;
  /** Whose data it is, where the log says so. */
  readonly wal: WalOwner | undefined;
  /** Whether the log has anything that a leader wrote; undefined where its beginning does not say. */
  readonly wasLed: boolean | undefined;
  /** Where the log is, if that is not where the inventory has it. */
  readonly logAt?: string;
  /** Bytes of a log that is elsewhere. */
  readonly logBytes?: number;
  /** It lies on the file system where the inventory has it. */
  readonly isLogOnDisk?: true;
  /** A log is elsewhere, and where the inventory has it is one too. */
  readonly isLogPlaceTaken?: true;
  /** Of both places of a log that is elsewhere, one that is a link or a mount point of its own, if any is. */
  readonly logFixed?: string;
  /** A log is in a directory of its own, and in the data directory is nothing of a member. */
  readonly lacksStore?: true;
  /** Where all of this is, if that is not where the inventory has it. */
  readonly elsewhere?: DataElsewhere;
}

/** Data that is in another directory than the inventory says, and what is known of that one. */
export interface DataElsewhere {
  /** The directory it is in. */
  readonly at: string;
  /** Bytes of a copy of it. */
  readonly bytes: number;
  /** The directory of the inventory, where there is one. */
  readonly wanted: DirectoryFact | undefined;
  /** There is data of a member in that. */
  readonly isTaken?: true;
  /** Both are one directory, by a link. */
  readonly isSame?: true;
  /** One of them lies in the other. */
  readonly isNested?: true;
  /** Both are on one file system. */
  readonly isOnDisk?: true;
  /** A part of the data that is a link or a mount point of its own, if any is. */
  readonly fixed?: string;
}

/** Where a member has its data. */
export interface DataPlaces extends LogSearch {
  readonly data: string;
  readonly walHome?: string | undefined;
}

/** The data directory as it is, or undefined where there is none, nor a log elsewhere. */
export const dataFact = (places: DataPlaces, account: string): Fact<DataFact | undefined> => {
  const { data: path, wal, walHome } = places;
  return {
    first: [readLogHead(places)],
    ask: sh`${ON_ONE_DISK}
if [ "$wal" != ${wal} ] && [ -n "$firstLog" ]; then
  size=$(du -sk "$wal"); echo "logAt=$wal"; echo "logKilobytes=\${size%%[!0-9]*}"
  if onOneDisk "$wal" ${wal}; then echo logOnDisk=yes; fi
  if holds ${wal}; then echo taken=yes; fi
  for one in "$wal" ${wal}; do
    if [ -L "$one" ] || mountpoint -q "$one"; then echo "logFixed=$one"; fi
  done
fi
if [ ! -d "$data" ]; then
  [ -n "$firstLog" ] || exit 1
  echo used=yes; echo log=yes; echo store=no; echo "wal=$logHead"
  exit 0
fi
if [ "$data" != ${path} ]; then
  echo "elsewhere=$data"
  size=$(du -sk "$data"/member); echo "dataKilobytes=\${size%%[!0-9]*}"
  if onOneDisk "$data"/member ${path}/member; then echo dataOnDisk=yes; fi
  if [ -e ${path}/member ]; then echo dataTaken=yes; fi
  said=$(readlink -m "$data" ${path}); one=\${said%%${'\n'}*} other=\${said##*${'\n'}}
  case $one in "$other") echo dataSame=yes ;; "$other"/*) echo dataNested=yes ;; esac
  case $other in "$one"/*) echo dataNested=yes ;; esac
  for one in "$data"/member/wal "$data"/member/snap "$data"/member; do
    if [ -L "$one" ] || mountpoint -q "$one"; then echo "dataFixed=$one"; fi
  done
  if [ -d ${path} ]; then
    stat -L -c ${'wanted.mode=%a\nwanted.owner=%U:%G'} ${path}
    find ${`${path}/`} -mindepth 1 -maxdepth 1 -printf ${'wanted.entry.%f=\n'} | head -n 20
  fi
fi
said=$(stat -c '%a %Y %U:%G' "$data" \${firstLog:+"$firstLog"})
last=\${said##*${'\n'}}; last=\${last#* }; said=\${said%%${'\n'}*}
echo "mode=\${said%% *}"; echo "owner=\${said#* * }"; echo "modifiedAt=\${last%% *}"
left=20
for entry in "$data"/.* "$data"/*; do
  case \${entry##*/} in . | ..) continue ;; esac
  [ -e "$entry" ] || [ -L "$entry" ] || continue
  [ $left -gt 0 ] || break
  left=$((left - 1)); echo "entry.\${entry##*/}="
done
echo "stranger=$(find "$data" ${walHome === undefined ? [] : [walHome]} -mindepth 1 ! -user ${account} -print -quit)"
used=$(du -sk "$data"); echo "kilobytes=\${used%%[!0-9]*}"
if [ -e "$data"/member ]; then echo used=yes; else echo store=no; fi
set -- "$wal"/*.wal; echo "segments=$#"
[ -z "$firstLog" ] || { echo used=yes; echo log=yes; echo "wal=$logHead"; }`,
    read({ exitCode, stdout }) {
      if (exitCode === 1 && stdout === '') return undefined;
      const found = properties(stdout);
      const head = Buffer.from(found.get('wal') ?? '', 'base64');
      const hasLog = found.get('log') === 'yes';
      const lacksStore = hasLog && found.get('store') === 'no';
      const [logAt, logFixed] = [found.get('logAt'), found.get('logFixed')];
      return {
        mode: Number.parseInt(found.get('mode') ?? '0', 8),
        owner: found.get('owner') ?? '',
        entries: entriesIn(found),
        bytes: Number(found.get('kilobytes') ?? 0) * 1024,
        modifiedAt: Number(found.get('modifiedAt') ?? 0),
        used: found.get('used') === 'yes',
        stranger: found.get('stranger') || undefined,
        hasLog: hasLog && !lacksStore,
        wal: readWalOwner(head),
        wasLed: found.get('segments') === '1' ? wasLed(head) : undefined,
        ...(logAt !== undefined && {
          logAt,
          logBytes: 1024 * Number(found.get('logKilobytes') ?? 0),
        }),
        ...(found.get('logOnDisk') === 'yes' && { isLogOnDisk: true }),
        ...(found.get('taken') === 'yes' && { isLogPlaceTaken: true }),
        ...(logFixed !== undefined && { logFixed }),
        ...(lacksStore && { lacksStore: true }),
        ...readElsewhere(found),
      };
    },
  };
};

function readElsewhere(found: ReadonlyMap<string, string>): Pick<DataFact, 'elsewhere'> {
  const at = found.get('elsewhere');
  if (at === undefined) return {};
  const fixed = found.get('dataFixed');
  const is = (key: string) => found.get(key) === 'yes';
  return {
    elsewhere: {
      ...{ at, bytes: 1024 * Number(found.get('dataKilobytes') ?? 0) },
      wanted: readDirectory(found, 'wanted.'),
      ...(is('dataTaken') && { isTaken: true }),
      ...(is('dataSame') && { isSame: true }),
      ...(is('dataNested') && { isNested: true }),
      ...(is('dataOnDisk') && { isOnDisk: true }),
      ...(fixed !== undefined && { fixed }),
    },
  };
}
