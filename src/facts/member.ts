import { programsOf } from '../binaries/binary.ts';
import { binaryQuestion, readBinaries } from '../binaries/question.ts';
import type { DesiredCluster, DesiredMember } from '../desired/cluster.ts';
import { maintenancePlaces } from '../desired/maintenance-schedule.ts';
import { schedulePlaces } from '../desired/schedule.ts';
import type { MemberList } from '../etcd/answers.ts';
import { givenSettings } from '../etcd/given-settings.ts';
import type { Host } from '../host/host.ts';
import { type AdoptedFact, asAdopted, keepsTheirs } from './adopted.ts';
import { dataFact } from './data/data.ts';
import { askDatabase, type DatabaseFact } from './data/database.ts';
import { directoryFact } from './data/directory.ts';
import { formerFact } from './data/former.ts';
import { incarnationFact } from './data/incarnation.ts';
import { logAboveFact } from './data/log-above.ts';
import { moveNoteFact } from './data/move-note.ts';
import { strangeRecordsFact } from './data/strange-records.ts';
import { intentFact } from './data/unfinished-intent.ts';
import { askByHost } from './etcd/ask-by-host.ts';
import { askGateway, isNamed, servesDialledAddress } from './etcd/ask-gateway.ts';
import { askWithoutTool } from './etcd/ask-without-tool.ts';
import { type EtcdFact, NOT_RUNNING } from './etcd/etcd.ts';
import { keysFact } from './etcd/keys.ts';
import { tokenKeysFact } from './etcd/token-keys.ts';
import { type Answers, askAll, type Fact } from './fact.ts';
import { lackingFact } from './host/addresses.ts';
import { askTimed, type Clock } from './host/clock.ts';
import { directoriesFact } from './host/directories.ts';
import { disksFact } from './host/disks.ts';
import { fileFact, pkiFact } from './host/file.ts';
import { launchFact } from './host/launch.ts';
import { logFilesFact } from './host/log-files.ts';
import { machineFact } from './host/machine.ts';
import { mainProcessFact, ofOneMoment } from './host/main-process.ts';
import { type OwnStartFact, ownStartFact } from './host/own-start.ts';
import { type PlaceFact, placesFact } from './host/place.ts';
import { listenersFact } from './host/port.ts';
import { ofVersion, type ProgramFact, programFact } from './host/program.ts';
import { type TenantsFact, tenantsFact } from './host/tenants.ts';
import { asOurFiles, theirPairsFact } from './host/their-pairs.ts';
import { type UnitFact, unitFact } from './host/unit.ts';
import { isStopping, settledMoment } from './host/unit-moment.ts';

/** Everything one look at a member's host tells. */
export type MemberFacts = Answers<ReturnType<typeof questions>> & {
  readonly clock: Clock;
  /** Bytes free for its data. */
  readonly freeSpace: number | undefined;
  /** The same for its log, where that has a directory of its own. */
  readonly logSpace?: number | undefined;
  /** Where the link leads by which the unit starts its program. */
  readonly current: string | undefined;
  readonly etcd: EtcdFact;
  /** The membership as it holds it, where it does not answer clients and was asked for it. */
  readonly reportedList?: MemberList;
  /** Its database, where it has a log and does not run. */
  readonly database?: DatabaseFact;
  /** What is taken over there from somebody else. */
  readonly adopted?: AdoptedFact;
};

/**
 * Asks a member's host all questions in one round trip, and its etcd beside it; once more where a stop was under way, when
 * that has ended. Throws when the host cannot be asked.
 */
export async function gatherMember(
  host: Host,
  cluster: DesiredCluster,
  member: DesiredMember,
  store: string,
): Promise<MemberFacts> {
  const facts = await lookOnce(host, cluster, member, store);
  if (!isStopping(facts.unit)) return withPairs(host, asAdopted(cluster, member, facts));
  await settledMoment(host, cluster.unit);
  return withPairs(host, asAdopted(cluster, member, await lookOnce(host, cluster, member, store)));
}

/** Where certificates lie is told by the process; it is asked for where they stay there. */
async function withPairs(host: Host, found: MemberFacts): Promise<MemberFacts> {
  const given = found.unit.process?.environment;
  if (found.adopted === undefined || !keepsTheirs(found) || given?.has('ETCD_CERT_FILE') !== true)
    return found;
  const { pairs } = await askAll(host, { pairs: theirPairsFact(given) });
  const files = new Map([...found.pki.files, ...asOurFiles(pairs)]);
  return { ...found, adopted: { ...found.adopted, pairs }, pki: { ...found.pki, files } };
}

/**
 * What was seen of a member a moment ago with what its etcd says of itself now; nothing where it is another process by then, or
 * where it does not answer at once.
 */
export async function answeringStill(
  host: Host,
  cluster: DesiredCluster,
  member: DesiredMember,
  store: string,
  before: MemberFacts,
): Promise<MemberFacts | undefined> {
  const { unit, etcd } = before;
  if (unit.active !== 'active' || !etcd.healthy || !servesDialledAddress(unit, cluster, member))
    return undefined;
  const told = await askGateway(host, cluster, member, store);
  const isSame = told !== undefined && isNamed(told, member.name);
  return isSame && told.status?.memberId === etcd.status?.memberId
    ? { ...before, etcd: told }
    : undefined;
}

async function lookOnce(
  host: Host,
  cluster: DesiredCluster,
  member: DesiredMember,
  store: string,
): Promise<MemberFacts> {
  const [timed, told] = await Promise.all([
    askTimed(host, { ...questions(cluster, member), last: mainProcessFact(cluster.unit) }),
    askGateway(host, cluster, member, store),
  ]);
  const { last, ...seen } = timed.answers;
  const { paths } = cluster;
  const freeAt = (place: string) => seen.disks.find(({ path }) => path === place)?.bytes;
  const answers = {
    ...ofOneMoment({ ...seen, unit: withSettings(cluster, seen) }, last),
    clock: timed.clock,
    freeSpace: freeAt(paths.data),
    ...(paths.walHome !== undefined && { logSpace: freeAt(paths.wal) }),
    current: targetOf(seen.places.get(paths.current)),
  };
  const { unit, data } = answers;
  if (unit.pid === 0) {
    const stopped = { ...answers, program: await askProgram(host, cluster, seen.program) };
    if (data?.hasLog !== true) return { ...stopped, etcd: NOT_RUNNING };
    return {
      ...stopped,
      etcd: NOT_RUNNING,
      database: await askDatabase(host, data.elsewhere?.at ?? paths.data),
    };
  }
  const etcd = await askItself(host, cluster, member, store, unit, told);
  const program = await askProgram(host, cluster, seen.program, etcd.status?.version);
  return { ...answers, program, etcd };
}

/** A program reads its flags, too, or a file of its own: what a unit of somebody else tells it stands mostly there. */
function withSettings(
  { version }: DesiredCluster,
  {
    unit,
    tenants: { processes },
    ownStart,
  }: {
    readonly unit: UnitFact;
    readonly tenants: TenantsFact;
    readonly ownStart: OwnStartFact | undefined;
  },
): UnitFact {
  const own = processes.find(({ pid }) => pid === unit.pid);
  if (unit.process === undefined || own === undefined) return unit;
  const { environment } = unit.process;
  const text = ownStart?.configText;
  const start = { environment, args: own.args };
  const given = givenSettings(start, text === undefined ? undefined : { text, version });
  return { ...unit, process: { ...unit.process, environment: given } };
}

async function askItself(
  host: Host,
  cluster: DesiredCluster,
  member: DesiredMember,
  store: string,
  unit: UnitFact,
  told: EtcdFact | undefined,
): Promise<EtcdFact> {
  const isItself = servesDialledAddress(unit, cluster, member);
  if (told !== undefined && isItself) return told;
  const byHost = await askByHost(host, cluster, member, store);
  return byHost.unasked !== undefined && isItself
    ? askWithoutTool(host, cluster, member, store, byHost)
    : byHost;
}

/** The program with its version: what its process says, else what the file says when it is run. */
async function askProgram(
  host: Host,
  cluster: DesiredCluster,
  program: ProgramFact,
  version?: string,
): Promise<ProgramFact> {
  if (program.isOne !== true) return program;
  if (version !== undefined) return ofVersion(program, version);
  const asked = await askAll(host, { program: programFact(...programPlaces(cluster), true) });
  return asked.program;
}

function programPlaces({ unit, account, paths }: DesiredCluster) {
  return [unit, account, `${paths.binaries}/etcd`] as const;
}

function targetOf(place: PlaceFact | undefined): string | undefined {
  return place?.kind === 'link' ? place.target : undefined;
}

function questions(cluster: DesiredCluster, member: DesiredMember) {
  const { paths } = cluster;
  const places = { ...paths, cluster: cluster.name };
  const timers = [schedulePlaces(cluster), maintenancePlaces(cluster)];
  return {
    machine: machineFact(cluster.account),
    unit: unitFact(cluster.unit),
    // Right behind it: a unit that crashes may start again at any moment, and then holds its ports.
    listeners: listenersFact([...member.ports, ...member.metrics.map(({ port }) => port)]),
    conf: fileFact(paths.confFile),
    unitFile: fileFact(paths.unitFile),
    pki: pkiFact(paths.pki),
    keys: keysFact(paths.pki, member.keys),
    data: dataFact(places, cluster.account),
    walHome: directoryFact(paths.walHome),
    logAbove: logAboveFact(paths),
    dataMove: moveNoteFact(paths.dataMove),
    logMove: moveNoteFact(paths.logMove),
    incarnation: incarnationFact(places),
    restoring: intentFact(cluster),
    strangeRecords: strangeRecordsFact(cluster),
    tenants: tenantsFact(places, cluster.unit),
    script: fileFact(paths.script),
    places: placesFact([
      ...[paths.conf, paths.confFile, paths.pki, paths.current, paths.unitFile, paths.incarnation],
      ...timers.flatMap(({ script, timerFile, serviceFile }) => [script, timerFile, serviceFile]),
    ]),
    disks: disksFact([
      ...[paths.data, paths.wal, paths.conf, paths.binaries],
      paths.unitFile.slice(0, paths.unitFile.lastIndexOf('/')),
    ]),
    logDirectories: directoriesFact(paths.logs),
    logFiles: logFilesFact(cluster.account, cluster.logFiles),
    lacking: lackingFact([
      member.listener.address,
      ...member.metrics.map(({ address }) => address),
    ]),
    tokenKeys: tokenKeysFact(cluster.account, cluster.jwt),
    former: formerFact(cluster),
    launch: launchFact(cluster.unit),
    ownStart: ownStartFact(cluster),
    program: programFact(...programPlaces(cluster)),
    binaries: {
      ask: binaryQuestion(paths.binaries, programsOf(cluster.version)),
      read: ({ stdout }) => readBinaries(stdout),
    } satisfies Fact<ReturnType<typeof readBinaries>>,
  };
}
