import type { DesiredCluster, DesiredMember } from '../desired/cluster.ts';
import { emptyStartToken } from '../desired/empty-start.ts';
import type { BootSettings } from '../desired/member-settings.ts';
import { changesMinor } from '../etcd/upgrade-path.ts';
import { endsV2 } from '../etcd/versions.ts';
import type { ClusterFacts } from '../facts/cluster.ts';
import type { MoveNote } from '../facts/data/move-note.ts';
import { contentThere, type FileFact } from '../facts/host/file.ts';
import type { MemberFacts } from '../facts/member.ts';
import type { Boot } from './boot.ts';
import { programOf, type StartedProgram, trialOf } from './carried.ts';
import { type CertificateWish, certificateSteps } from './certificates/member-certificates.ts';
import { listsOf } from './certificates/trust.ts';
import { type Handover, handoverOf } from './handover.ts';
import { type Former, formerOf, leftBefore } from './left-by-moves.ts';
import { moveNote, type PlaceMove, placeMovesOf } from './place-move.ts';
import { leftovers, preparation } from './preparation.ts';
import { lastVersion } from './refusing/versions.ts';
import type { FileChange, HostStep, QuietStep } from './step.ts';
import { octal, when } from './step-words.ts';
import { keepFormer, removeDropIns, whyTakenOver } from './taken-over.ts';
import type { V2Check } from './upgrading/v2-check.ts';
import { whyRestart } from './why-restart.ts';

/** What one member needs, in the order it must happen; `waves.ts` decides when. */
export interface MemberPlan {
  readonly name: string;
  readonly running: boolean;
  /** What its unit runs from its next start on; undefined where that is not ours to say. */
  readonly program: StartedProgram | undefined;
  /** systemd calls it active: it had quorum once in this run of its process. */
  readonly ready: boolean;
  /** Its first start: before it makes a log it asks its peers whether it was a member before. */
  readonly asksPeers: boolean;
  /** It has no log yet: a start makes one. */
  readonly isEmpty: boolean;
  /** What an earlier attempt to start left goes out of the way of this one; instead of `prepare`. */
  readonly clear: readonly HostStep[];
  /** Account, directories and programs: what a running etcd does not notice. */
  readonly prepare: readonly QuietStep[];
  /** etcd itself, without which it cannot start. */
  readonly server: readonly QuietStep[];
  /** Makes this version the one that starts next. */
  readonly link: readonly QuietStep[];
  /** etcdctl and etcdutl, which may travel while members wait for each other. */
  readonly tools: readonly QuietStep[];
  /** The certificates, which etcd reads again at each handshake. */
  readonly certificates: readonly QuietStep[];
  /** What it reads only at its start. */
  readonly configuration: readonly QuietStep[];
  /** Why the running process has to be restarted, if it has to. */
  readonly restartBecause: string | undefined;
  /** What changes its owner while it is stopped for that. */
  readonly handover?: Handover;
  /** What is looked at while it is stopped for that. */
  readonly v2Check?: V2Check;
  /** How its data and its log come to other directories while it is stopped. */
  readonly moves?: readonly PlaceMove[];
  /** What is left of such moves, and goes once it is ready. */
  readonly former?: Former;
}

/** What members start with. */
export interface Start extends Pick<Boot, 'token' | 'formed'> {
  /** The members that etcd.conf is to name, where they are not those of the inventory. */
  readonly initialCluster?: BootSettings['initialCluster'];
}

/** What is decided about a member beside what its host shows. */
export interface MemberWish extends CertificateWish {
  /** Why it is restarted although nothing about it changes. */
  readonly restart?: string | undefined;
}

/** Decides what one member needs by comparing it with what was found there. */
export function planMember(
  cluster: DesiredCluster,
  member: DesiredMember,
  facts: ClusterFacts,
  found: MemberFacts,
  boot: Start,
  { restart, ...certificates }: MemberWish,
): MemberPlan {
  const running = found.unit.pid > 0;
  const changes = fileChanges(cluster, member, facts, found, boot);
  const moves = placeMovesOf(cluster, found);
  const former = formerOf(cluster, found);
  const restartBecause = running
    ? (whyTakenOver(found) ?? whyRestart(cluster, member, facts, found, boot) ?? restart)
    : undefined;
  const unitChange = changes.find(({ file }) => file.path === cluster.paths.unitFile);
  const configuration: readonly QuietStep[] = [
    ...keepFormer(cluster, facts, found),
    ...(found.unit.active === 'active' ? removeFormer(leftBefore(cluster, found)) : []),
    ...moves.flatMap((move) =>
      noteMove(
        moveNote(cluster, member, move),
        move.of === 'data' ? found.dataMove : found.logMove,
      ),
    ),
    ...when(changes.length > 0, { kind: 'write-files', files: changes, because: reasons(changes) }),
    ...removeDropIns(found),
    ...when(found.unit.mayStartEmpty && found.data?.hasLog === true, {
      kind: 'remove',
      paths: [emptyStartToken(cluster.unit)],
      because: 'it would let the member start without its data',
    }),
    ...when(unitChange !== undefined || found.unit.stale || !found.unit.enabled, {
      kind: 'enable-unit',
      unit: cluster.unit,
      because: found.unit.enabled
        ? 'systemd must read its file again'
        : 'it would not start at boot',
    }),
    ...(running && restartBecause === undefined ? removeFormer(former) : []),
  ];

  const handover = handoverOf(cluster, found);
  const runsAs = found.unit.process?.account ?? cluster.account;
  const uploads = programs(cluster, member, facts, found);
  const server = uploads.filter((step) => step.binary.name === 'etcd');
  return {
    name: member.name,
    running,
    program: programOf(cluster, member),
    ready: running && found.unit.active === 'active',
    asksPeers: !boot.formed && found.data?.hasLog !== true,
    isEmpty: found.data?.hasLog !== true,
    clear: leftovers(cluster, found, running),
    prepare: preparation(cluster, found, running),
    server,
    link: when(facts.binaries.length > 0 && found.current !== cluster.paths.binaries, {
      kind: 'point-link',
      link: cluster.paths.current,
      target: cluster.paths.binaries,
      because: found.current === undefined ? 'it is not there' : `it is ${found.current}`,
    }),
    tools: uploads.filter((step) => step.binary.name !== 'etcd'),
    // What runs goes on reading its keys until it is stopped.
    certificates: certificateSteps(
      handover === undefined ? cluster : { ...cluster, account: runsAs },
      member,
      facts,
      found,
      certificates,
    ),
    configuration,
    restartBecause,
    ...(handover && { handover }),
    ...(moves.length > 0 && { moves }),
    ...(former && { former }),
    ...v2CheckBefore(cluster, found),
  };
}

/** Before anything else: by its files alone nobody would find the data of a member that is stopped then. */
function noteMove(file: FileChange['file'], noted: MoveNote | undefined): readonly QuietStep[] {
  const because = 'a run that is killed can be finished by another';
  const before = noted?.content;
  return when(file.content !== before, {
    kind: 'write-files',
    files: [{ file, before, because }],
    because,
  });
}

/** What was moved of a member that is ready. */
export function removeFormer(former: Former | undefined): readonly QuietStep[] {
  return former === undefined ? [] : [{ kind: 'remove', ...former }];
}

/** The next minor version may not start with what the v2 API has left, and only the tool of this one sees it (etcd#20809). */
function v2CheckBefore(
  { version, paths, account }: DesiredCluster,
  found: MemberFacts,
): { readonly v2Check?: V2Check } {
  const { executable } = found.unit.process ?? {};
  const last = lastVersion(found);
  const directory = executable?.slice(0, executable.lastIndexOf('/')) ?? found.current;
  if (last === undefined || directory === undefined || found.data?.hasLog !== true) return {};
  if (!changesMinor(last, version) || !endsV2(last)) return {};
  return { v2Check: { tool: `${directory}/etcdutl`, data: paths.data, account } };
}

function programs(
  cluster: DesiredCluster,
  member: DesiredMember,
  { binaries }: ClusterFacts,
  found: MemberFacts,
) {
  return binaries.flatMap((binary) => {
    const there = found.binaries.get(binary.name);
    const because =
      there === undefined
        ? 'it is not there'
        : there.sha256 !== binary.sha256
          ? 'another file is there'
          : there.mode !== 0o755 || !there.owner.startsWith('root:')
            ? `it is ${octal(there.mode)} ${there.owner}, not 0755 root:root`
            : undefined;
    if (because === undefined) return [];
    const { unit, paths } = cluster;
    const trial = trialOf(cluster, member);
    return [
      {
        ...({ kind: 'upload', binary, directory: paths.binaries, trial, unit } as const),
        ...(there !== undefined && { former: there.sha256 }),
        because,
      },
    ];
  });
}

function fileChanges(
  cluster: DesiredCluster,
  member: DesiredMember,
  facts: ClusterFacts,
  found: MemberFacts,
  { token, formed, initialCluster }: Start,
): readonly FileChange[] {
  const state = formed ? 'existing' : 'new';
  const { paths } = cluster;
  return [
    ...change(
      {
        path: paths.confFile,
        content: member.confFile({
          ...{ token, state, ...listsOf(facts) },
          ...(initialCluster && { initialCluster }),
        }),
      },
      found.conf,
    ),
    ...change({ path: paths.unitFile, content: member.unitFile }, found.unitFile),
  ];
}

function change(
  wanted: { readonly path: string; readonly content: string },
  there: FileFact | undefined,
): readonly FileChange[] {
  const before = there && contentThere(there);
  const because =
    there === undefined
      ? 'it is missing'
      : there.content !== wanted.content
        ? 'its content differs'
        : there.mode !== 0o644 || there.owner !== 'root:root'
          ? `it is ${octal(there.mode)} ${there.owner}, not 0644 root:root`
          : undefined;
  if (because === undefined) return [];
  return [{ file: { ...wanted, mode: 0o644, owner: 'root:root' }, before, because }];
}

function reasons(changes: readonly FileChange[]): string {
  const distinct = new Set(changes.map(({ because }) => because));
  if (distinct.size <= 1) return [...distinct].join();
  return changes.map(({ file, because }) => `${file.path}: ${because}`).join(', ');
}
