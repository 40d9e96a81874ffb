import { cures, replacing } from '../cures.ts';
import type { CauseRow } from './cause-row.ts';
import { CONNECTION_CAUSES } from './connection-causes.ts';

/**
 * What etcd and systemd say when a start fails or hangs, and what it means (etcd-facts §1.7 and §5.4: messages of etcd
 * 3.3 to 3.7, and of Go's crypto/x509 in the releases they are built with).
 */
export const CAUSES: readonly CauseRow[] = [
  {
    name: 'port-taken',
    of: 'end',
    pattern: /listen tcp (\S+?): bind: address already in use/,
    cause: 'another process listens on $1',
    next: () => [
      cures.byHand(
        'see who, on that host: ss -ltnp; stop it unless it is an etcd, which may be a member of another cluster; before a first start other etcd.ports may be chosen instead',
      ),
    ],
  },
  {
    name: 'address-not-here',
    of: 'end',
    pattern: /listen tcp (\S+?): bind: cannot assign requested address/,
    cause: 'the host does not have the address of $1',
    next: () => [cures.byHand('correct address or listen of this member in the inventory')],
  },
  {
    name: 'port-not-allowed',
    of: 'end',
    pattern: /listen tcp (\S+?): bind: permission denied/,
    cause: 'the account of etcd may not listen at $1: low ports are for root alone',
    next: () => [
      cures.byHand(
        'choose a higher port in the inventory; sysctl net.ipv4.ip_unprivileged_port_start on that host tells the lowest',
      ),
    ],
  },
  {
    name: 'account-missing',
    of: 'end',
    pattern: /Failed (?:to determine user credentials|at step (?:USER|GROUP))|status=21[67]\//,
    cause: 'the account that runs etcd does not exist',
    next: (member) => [
      cures.byHand(
        'see User= and Group= with systemctl cat on that host, and correct a drop-in that names another account',
      ),
      cures.up(member, 'makes the account'),
    ],
  },
  {
    name: 'limit',
    of: 'end',
    pattern: /file descriptor limit(?:\[(\d+)\])? of etcd process is too low(?:.*?"limit":(\d+))?/,
    cause: 'its limit of open files is too small for etcd: LimitNOFILE=$1$2',
    next: () => [cures.thenUp('raise LimitNOFILE of the unit')],
  },
  {
    name: 'limit',
    of: 'end',
    pattern: /too many open files/,
    cause: 'its limit of open files (LimitNOFILE) is too small for etcd',
    next: () => [cures.thenUp('raise LimitNOFILE of the unit')],
  },
  {
    name: 'limit',
    of: 'end',
    pattern:
      /Failed at step EXEC spawning \S+: Resource temporarily unavailable|failed to create new OS thread/,
    cause: 'its limit of processes and threads (LimitNPROC, TasksMax) is too small for etcd',
    next: () => [cures.thenUp('raise that limit of the unit')],
  },
  {
    name: 'limit',
    of: 'end',
    pattern: /fatal error: (?:failed to reserve page summary memory|runtime: cannot allocate)/,
    cause: 'its limit of address space (LimitAS) is too small for etcd',
    next: () => [cures.thenUp('raise that limit of the unit')],
  },
  {
    name: 'program-missing',
    of: 'end',
    pattern: /Failed (?:to locate executable|at step EXEC spawning) (\S+): (.*)/,
    cause: 'the etcd program is missing or cannot be executed: $2',
    next: () => [
      cures.thenUp(
        'see the file on that host: ls -lL $1; look at etcd.source and at noexec mounts',
      ),
    ],
  },
  {
    name: 'program-missing',
    of: 'end',
    pattern: /status=203\/EXEC/,
    cause: 'the etcd program is missing or cannot be executed',
    next: () => [cures.thenUp('look at etcd.source and at noexec mounts')],
  },
  {
    name: 'program-cannot-run',
    of: 'end',
    pattern:
      /(version `?G?LIBC\S*'? not found|error while loading shared libraries: [^"\n]*|cannot execute: required file not found)/,
    cause: 'the etcd program cannot run on this host: $1',
    next: (member) => [
      cures.up(member, 'brings the programs of etcd.source there again'),
      cures.byHand(
        'if these are the ones, set etcd.source to programs that are made for this system',
      ),
    ],
  },
  {
    name: 'environment-file',
    of: 'end',
    pattern: /Failed to load environment files: (.*)/,
    cause: 'the file with its settings (EnvironmentFile of the unit) cannot be read: $1',
    next: (member) => [cures.up(member)],
  },
  {
    name: 'namespace',
    of: 'end',
    pattern: /Failed at step NAMESPACE|status=226\/NAMESPACE/,
    cause: 'systemd could not set up the directories the unit names',
    next: () => [cures.thenUp('make sure the data directory exists and its disk is mounted')],
  },
  {
    name: 'disk-full',
    of: 'either',
    pattern: /no space left on device/,
    cause: 'the disk of the data directory is full',
    next: () => [cures.thenUp('free space on it')],
  },
  {
    name: 'log-unwritable',
    of: 'end',
    pattern: /open sink \\*"(\/[^"\\]+)\\*": open [^"]*?: ([a-z][a-z -]*)/,
    cause: 'etcd cannot open its log file $1: $2',
    next: () => [
      cures.thenUp(
        'name it in etcd.settings.log-outputs of the inventory alone, not in a drop-in: up makes its directory and lets the unit write there',
      ),
    ],
  },
  {
    name: 'read-only',
    of: 'either',
    pattern: /(\/[^\s":]+): read-only file system/,
    cause: 'the file system of $1 is read-only',
    next: () => [
      cures.byHand(
        'see with findmnt --target $1 and dmesg on that host: the kernel remounts a failing disk read-only; outside the data directory it is the unit that lets etcd write nowhere',
      ),
    ],
  },
  {
    name: 'rights',
    of: 'either',
    pattern:
      /(?:(?:open|mkdir|stat|read|cannot access)[^"]*?(\/[^\s":]+): permission denied|error listing data dir: (\S+)|exist, but the permission is)/,
    cause: 'etcd may not use $1$2',
    next: (member) => [
      cures.up(member, 'gives data and keys to the account of etcd'),
      cures.byHand('if that is no help, see which directory above is closed to it: namei -l $1$2'),
    ],
  },
  {
    name: 'removed',
    of: 'either',
    pattern: /the member has been permanently removed from the cluster/,
    cause: 'the cluster has removed this member; its data is of no use any more',
    next: (member) => [cures.up(member)],
  },
  {
    name: 'foreign-data',
    of: 'either',
    pattern:
      /cluster ID mismatch(?:.*?(?:got|remote-id|remote-cluster-id)["\s:=]+([0-9a-f]{8,16}))?/i,
    cause: 'its data belongs to another cluster $1',
    next: () => [cures.byHand('find out which data is the right one before anything is moved')],
  },
  {
    name: 'already-bootstrapped',
    of: 'end',
    pattern: /member (\S+) has already been bootstrapped/,
    cause: 'the cluster knows this member, but its data is gone',
    next: () => [cures.thenUp('mount its disk')],
  },
  {
    name: 'log-lost',
    of: 'end',
    pattern: /tocommit\(\d+\) is out of range/,
    cause:
      'its log has lost entries that the cluster counts on: it was wiped, cut short or damaged',
    next: replacing,
  },
  {
    name: 'data-damaged',
    of: 'end',
    // A log whose beginning cannot be read is cut off there, and then says of no member that it is its own (raft).
    // Not every `unexpected EOF`: a connection that breaks ends with the same words.
    pattern:
      /(?:wal|walpb|snap): crc mismatch|cannot be repaired|max entry size limit exceeded|cannot use none as id|database file .* is corrupt/,
    cause: 'its data is damaged',
    next: replacing,
  },
  {
    name: 'database-damaged',
    of: 'end',
    pattern:
      /failed to open database|cannot open database|invalid database|unexpected fault address|SIGBUS|freepages: failed|[Pp]age expected to be|page \d+: (?:multiple references|unreachable|already freed)|panic: (?:page|freelist|assertion failed)/,
    cause: 'its database (member/snap/db) is damaged',
    next: replacing,
  },
  {
    name: 'database-older',
    of: 'end',
    pattern:
      /failed to find database snapshot file|snapshot file doesn't exist|failed to recover v3 backend from snapshot|recovering backend from snapshot error/,
    cause:
      'its database (member/snap/db) is older than its log, empty, or was copied from elsewhere',
    next: replacing,
  },
  {
    name: 'downgrade',
    of: 'end',
    pattern: /invalid downgrade|cluster cannot be downgraded/,
    cause: 'its data was written by a newer etcd',
    next: () => [cures.byHand('put the newer etcd.version back into the inventory')],
  },
  {
    name: 'v2-log',
    of: 'end',
    // So says the library of its messages only where it ends at such a log (tried with 3.7.1); it may write another space.
    pattern: /unmarshal should never fail \(proto:\scannot parse invalid wire-format data\)/,
    cause:
      'its log still holds entries of the v2 API, which earlier versions of etcd write at each start and this one cannot read; its data is sound',
    next: (member) => [cures.formerVersion(member), cures.formerProgram()],
  },
  {
    name: 'db-locked',
    of: 'either',
    pattern:
      /db file is flocked by another process|another etcd process is using .* and holds the file lock/,
    cause: 'another etcd process has the data directory open',
    next: () => [
      cures.byHand(
        'see which other process it is, with fuser -v on the data directory, and stop it',
      ),
    ],
  },
  {
    name: 'initial-cluster',
    of: 'end',
    pattern:
      /(member count is unequal|no match found for existing member|unmatched member while checking PeerURLs|couldn't find local name|--initial-cluster has \S+ but missing)/,
    cause: 'initial-cluster does not fit the running cluster ($1)',
    next: () => [cures.compareMembers()],
  },
  {
    name: 'bad-setting',
    of: 'end',
    // The error with what it quotes; a quote behind which a comma or colon follows is JSON's own.
    pattern:
      /((?:invalid value|unexpected TLS cipher suite|expected IP in URL for binding|conflicting environment variable)(?:\\?"[^"\\,:][^"\\]*\\?"|[^"\\\n]){0,200})/,
    cause: 'etcd refuses a setting: $1',
    next: () => [cures.thenUp('correct etcd.settings in the inventory')],
  },
  {
    name: 'bad-setting',
    of: 'end',
    pattern:
      /failed to verify flags","error":"((?:[^"\\]|\\.){1,300})"|error verifying flags, (.{1,300})/,
    cause: 'etcd refuses its settings: $1$2',
    next: () => [
      cures.thenUp('correct etcd.settings in the inventory, or the drop-in that sets it'),
    ],
  },
  ...CONNECTION_CAUSES,
];
