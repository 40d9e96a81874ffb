import { Failure } from '../failure/failure.ts';
import { remedy } from '../problem/remedy.ts';
import { type Command, sh } from '../shell/command.ts';
import { askVersion, findAccount } from './ask-version.ts';
import { readVersion } from './version.ts';

/** How a program is run on a host to see that it does: as the unit would run it. */
export interface Trial {
  readonly version: string;
  readonly account: string;
  /** The unit file, whose account and sandbox it gets. */
  readonly unitFile: string;
}

/** What the script below ends with when the program is not the one that is expected, or does not run. */
export const UNFIT = 95;
const SECONDS = 20;

// What says who a service is and what it may do, and not how it is started, ended and watched (systemd.exec(5)).
// PrivateTmp is left out, since it makes directories in /tmp and /var/tmp: a plan leaves no trace.
const SANDBOX =
  /^(User|Group|SupplementaryGroups|UMask|Limit\w+|NoNewPrivileges|Protect\w+|Private(?!Tmp)\w+|Restrict\w+|LockPersonality|MemoryDenyWriteExecute|SystemCall\w+|Capability\w+|Ambient\w+|Read\w+Paths|InaccessiblePaths|ExecPaths|NoExecPaths|RemoveIPC|KeyringMode|ProcSubset|Device\w+|SecureBits)=/;

/**
 * Runs the program with `--version`, with the account and the sandbox of the unit, and ends the shell with UNFIT where it
 * says anything but the expected version. Where systemd-run or a property is not known, it runs with the account alone.
 */
export function tryProgram(path: Command, { version, account, unitFile }: Trial): Command {
  const properties = sandbox(unitFile).map((one) => `--property=${one}`);
  const run = sh`systemd-run --quiet --pipe --wait --collect`;
  return sh`program=${path}
said=$(timeout ${SECONDS} ${run} ${properties} "$program" --version 2>&1); code=$?
case $code:$said in
  1:"Unknown assignment"* | 1:*"Failed to "* | 1:*"nrecognized option"* | 127:*systemd-run* | 20[0-24-9]:* | 21?:* | 22?:* | 23?:* | 24[0-5]:*) plain=yes ;;
  203:*) plain=yes; unexecutable=yes ;;
  *) plain= ;;
esac
if [ -n "$plain" ]; then
  ${askAs(account)}
  [ "$code:\${unexecutable:-}" != 0:yes ] || { code=203; said="systemd may not execute it (203/EXEC)"; }
fi
${orUnfit(version)}`;
}

/**
 * The same with the account alone, a quarter of the cost: for a program that arrives. Before it takes the place of one that
 * runs it is tried in its sandbox too; a first start has nothing to lose.
 */
export function tryArrived(path: Command, { version, account }: Trial): Command {
  return sh`program=${path}
${askAs(account)}
${orUnfit(version)}`;
}

function askAs(account: string): Command {
  return sh`${findAccount(account)}
said=$(${askVersion(sh`"$program"`, SECONDS)}); code=$?`;
}

function orUnfit(version: string): Command {
  return sh`case "$code
$said
" in "0
etcd Version: "${version}"
"* | "0
"*"
etcd Version: "${version}"
"*) ;; *) printf 'unfit %s\\n%s\\n' "$code" "$said"; exit ${UNFIT} ;; esac`;
}

/** The lines of a unit file that make its sandbox. */
export function sandbox(unitFile: string): readonly string[] {
  return unitFile.split('\n').filter((line) => SANDBOX.test(line));
}

/** What a trial that ended with UNFIT says: a refusal, since nothing was stopped for the program. */
export function unfit(host: string, path: string, expected: string, stdout: string): Failure {
  const said = stdout.slice(stdout.lastIndexOf('unfit '));
  const [first = '', ...lines] = said.trim().split('\n');
  const code = first.replace('unfit ', '');
  const version = readVersion(said);
  if (version !== undefined && version !== expected)
    return new Failure(
      'refused',
      `${host}: ${path} is etcd ${version}, and ${expected} is to be started; nothing was stopped for it`,
      {
        next: [
          remedy`put the programs of etcd ${expected} there, or set etcd.version to ${version} if that is meant`,
        ],
        log: said,
      },
    );
  const told = lines
    .filter((line) => !/^$|: Success$/.test(line.trim()))
    .at(-1)
    ?.replace(/^.*: line \d+: /, '');
  return new Failure(
    'refused',
    `${host}: ${path} does not run there: ${told ?? `it ends with exit code ${code}`}; nothing was stopped for it`,
    {
      next: [
        remedy`give etcd.source programs that run on ${host}; its system says what is missing: file and ldd on that program, findmnt for its mount options`,
      ],
      log: said,
    },
  );
}
