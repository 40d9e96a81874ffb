import { type Effective, effectiveSettings, type Start } from '../../etcd/effective-settings.ts';
import { flagOf } from '../../etcd/flags-given.ts';
import { givenPlaces, wholePath } from '../../etcd/given-places.ts';
import { configFileOf } from '../../etcd/given-settings.ts';
import { NEWEST_VERSION } from '../../etcd/versions.ts';
import { askAll, type Fact } from '../../facts/fact.ts';
import { Failure } from '../../failure/failure.ts';
import type { Host } from '../../host/host.ts';
import { remedy } from '../../problem/remedy.ts';
import { sh } from '../../shell/command.ts';
import { type WrittenStart, writtenStart } from '../systemd/written-start.ts';
import { type ClusterLook, clusterLook } from './cluster-look.ts';
import { type EtcdLook, type EtcdPlaces, etcdLook } from './etcd-look.ts';
import { type HostLook, hostLook, type SeenProcess, type SeenUnit } from './host-look.ts';
import { type ProgramLook, programLook } from './program-look.ts';
import { type Way, waysToAsk } from './ways.ts';

/** One etcd of a host, running or only set up. */
export interface FoundEtcd {
  /** Undefined where it does not run. */
  readonly process: SeenProcess | undefined;
  /** Undefined for a process of no unit. */
  readonly unit: SeenUnit | undefined;
  /** What its files would start. */
  readonly written: WrittenStart | undefined;
  /** What counts of what its process was given; undefined where it does not run. */
  readonly running: Effective | undefined;
  /** What counts of what its files say; undefined where no unit starts it. */
  readonly filed: Effective | undefined;
  readonly program: ProgramLook;
  readonly places: EtcdPlaces;
  readonly look: EtcdLook;
  readonly ways: readonly Way[];
  readonly told: ClusterLook;
}

/** A host with every etcd on it. */
export interface FoundHost {
  readonly host: HostLook;
  readonly etcds: readonly FoundEtcd[];
  /** Units that are called after etcd and start something else, with their programs. */
  readonly others: readonly { readonly unit: string; readonly program: string }[];
}

const SILENT: ClusterLook = {
  ...{ way: undefined, members: undefined, status: undefined, healthy: undefined },
  ...{ alarms: [], auth: undefined, complaint: undefined },
};

/** Looks for every etcd on a host and asks each; changes nothing. Throws a Failure where the host cannot be asked, or shows us too little. */
export async function findEtcds(host: Host): Promise<FoundHost> {
  const { seen, login } = await askAll(host, { seen: hostLook, login: loginFact }, 60);
  if (login.uid !== '0') throw noRoot(host, login.name);
  const started = pairs(seen);
  const programs = await each(host, started, ({ process, written }) =>
    programLook({
      pid: process?.container === undefined ? (process?.pid ?? 0) : 0,
      root: process === undefined ? '' : `/proc/${process.pid}/root`,
      executable: process?.executable ?? written?.program ?? '',
      configFiles: [process, written].flatMap((one) => configOf(one, process) ?? []),
    }),
  );
  const known = started.map((one, at) => withSettings(one, programs[at]));
  const looks = await each(host, known, ({ places }) => etcdLook(places));
  const told = await Promise.all(
    known.map(async ({ program, process, ways }) => {
      if (process === undefined || program.etcdctl === undefined) return SILENT;
      const ask = clusterLook({ etcdctl: program.etcdctl }, ways);
      return (await askAll(host, { ask }, 150)).ask;
    }),
  );
  const etcds = known.flatMap((one, at) => {
    const [look, said] = [looks[at], told[at]];
    return look === undefined || said === undefined ? [] : [{ ...one, look, told: said }];
  });
  const others = seen.units.flatMap((unit) => {
    if (!unit.name.includes('etcd') || etcds.some((one) => one.unit?.name === unit.name)) return [];
    const start = writtenStart(unit, seen);
    return start === undefined ? [] : [{ unit: unit.name, program: start.program }];
  });
  return { host: seen, etcds, others };
}

/** As whom a host is asked. */
const loginFact: Fact<{ readonly uid: string; readonly name: string }> = {
  ask: sh`id -u; id -un`,
  read({ stdout }) {
    const [uid = '', name = ''] = stdout.split('\n');
    return { uid, name };
  },
};

// What others run, their settings and their data are shown to root alone: etcd would look as if it did not run.
function noRoot({ name }: Host, login: string): Failure {
  return new Failure('refused', `${name}: ${login} is not root there, and sees nothing of etcd`, {
    next: [remedy`have it become root: --become sudo, or log in as root: --ssh-user root`],
  });
}

type Started = Pick<FoundEtcd, 'process' | 'unit' | 'written'>;

/** Processes with their units, and units that would start an etcd and have no process. */
function pairs(seen: HostLook): readonly Started[] {
  const units = seen.units.map((unit) => ({ unit, written: writtenStart(unit, seen) }));
  const running = seen.processes.map((process): Started => {
    const of = units.find(({ unit }) => unit.name === process.unit);
    return { process, unit: of?.unit, written: of?.written };
  });
  const idle = units.filter(
    ({ unit, written }) =>
      /(^|\/)etcd$/.test(written?.program ?? '') &&
      !running.some((one) => one.unit?.name === unit.name),
  );
  return [...running, ...idle.map((one): Started => ({ process: undefined, ...one }))];
}

function withSettings({ process, unit, written }: Started, program = NO_PROGRAM) {
  const version = program.version ?? program.fileVersion ?? NEWEST_VERSION;
  const effective = (start: Start | undefined) => {
    if (start === undefined) return undefined;
    const file = configOf(start, process);
    const configText = file === undefined ? undefined : program.configFiles.get(file)?.text;
    return effectiveSettings({ ...start, configText }, version);
  };
  const running = effective(process && { ...process, ...placesOfRunning(process, written) });
  const filed = effective(written);
  const counts = running ?? filed ?? { settings: new Map(), dead: [], fatal: [] };
  const ways = waysToAsk(counts, process?.environment ?? new Map());
  const places = placesOf(counts, process?.workingDirectory ?? '/');
  return { process, unit, written, program, running, filed, ways, places };
}

/** The YAML file of a start by its whole path. */
function configOf(start: Start | undefined, process: SeenProcess | undefined) {
  const file = start && configFileOf(start);
  return file && wholePath(file, process?.workingDirectory ?? '/');
}

/** Where what a process was given stands, as far as its files still say the same. */
function placesOfRunning(process: SeenProcess, written: WrittenStart | undefined) {
  if (written === undefined) return {};
  const isSame = (name: string) => written.environment.get(name) === process.environment.get(name);
  return {
    places: new Map([...(written.places ?? [])].filter(([name]) => isSame(name))),
    ...(written.argsPlace !== undefined && { argsPlace: written.argsPlace }),
  };
}

const NO_PROGRAM: ProgramLook = {
  ...{ version: undefined, fileVersion: undefined, configFiles: new Map(), etcdctl: undefined },
};

const CERTIFICATE_FLAGS = [
  ...['cert-file', 'client-cert-file', 'trusted-ca-file', 'ca-file', 'peer-cert-file'],
  ...['peer-client-cert-file', 'peer-trusted-ca-file', 'peer-ca-file'],
];
const KEY_FLAGS = ['key-file', 'client-key-file', 'peer-key-file', 'peer-client-key-file'];

function placesOf({ settings }: Effective, directory: string): EtcdPlaces {
  const value = (flag: string) => settings.get(flag)?.value || undefined;
  const absolute = (path: string) => wholePath(path, directory);
  const files = (flags: readonly string[]) => [
    ...new Set(flags.flatMap((flag) => value(flag) ?? []).map(absolute)),
  ];
  return {
    ...givenPlaces((variable) => value(flagOf(variable)), directory),
    certificates: files(CERTIFICATE_FLAGS),
    keys: files(KEY_FLAGS),
  };
}

/** The answers to a question about each, in their order, from one round trip. */
async function each<T, Answer>(
  host: Host,
  all: readonly T[],
  question: (one: T) => {
    readonly ask: ReturnType<typeof programLook>['ask'];
    readonly read: (answer: { readonly exitCode: number; readonly stdout: string }) => Answer;
  },
): Promise<readonly (Answer | undefined)[]> {
  if (all.length === 0) return [];
  const table = Object.fromEntries(all.map((one, at) => [`at${at}`, question(one)]));
  const answers = await askAll(host, table, 120);
  return all.map((_, at) => answers[`at${at}`]);
}
