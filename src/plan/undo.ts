import type { DesiredCluster } from '../desired/cluster.ts';
import { withstands } from '../etcd/quorum.ts';
import type { MemberFacts } from '../facts/member.ts';
import type { Handover } from './handover.ts';
import { pathsOf } from './keeping/pairs-step.ts';
import { leftByMoves } from './left-by-moves.ts';
import { removeFormer } from './member.ts';
import { parentOf, within } from './path.ts';
import { backwards, dataIn, formerly, isNote } from './place-move.ts';
import type { HostStep } from './step.ts';
import { awaitReady, when } from './step-words.ts';

/**
 * What puts a member back that does not survive these steps: peer URLs first, then the files, certificates and link it ran
 * with, where they are known. Where there is no quorum without it, nobody takes its URLs before it runs again: they come last.
 */
export function undoOf(
  cluster: Pick<DesiredCluster, 'name' | 'paths' | 'unit'>,
  steps: readonly HostStep[],
  found: MemberFacts | undefined,
): readonly HostStep[] {
  const { paths, unit } = cluster;
  const because = 'the change failed';
  const urls = steps.flatMap((step) =>
    step.kind === 'update-peer-urls' ? [{ ...step, from: step.to, to: step.from, because }] : [],
  );
  const former = steps.find((step) => step.kind === 'keep-former')?.former;
  const kept = new Set(former?.paths);
  const files = steps.flatMap((step) =>
    step.kind === 'write-files'
      ? step.files.flatMap(({ file, before }) =>
          // The note of a move goes when the member is ready, whichever way that was.
          before === undefined || isNote(cluster, file.path) || kept.has(file.path)
            ? []
            : [{ file: { ...file, content: before }, before: file.content, because }],
        )
      : [],
  );
  const ran = steps.flatMap((step): readonly HostStep[] => {
    if (step.kind === 'install-certificates' && found?.pki.target !== undefined) {
      const { target } = found.pki;
      return [{ kind: 'restore-certificates', link: step.link, target, because }];
    }
    if (step.kind === 'install-pairs') {
      const { copies, pairs } = step;
      return [{ kind: 'restore-pairs', copies, paths: pathsOf(pairs), because }];
    }
    if (step.kind === 'point-link' && found?.current !== undefined)
      return [{ kind: 'point-link', link: step.link, target: found.current, because }];
    return [];
  });
  const put: readonly HostStep[] = [
    ...(former ? [{ kind: 'put-former-back', former, edited: [], because } as const] : []),
    ...when(files.length > 0, { kind: 'write-files', files, because }),
    ...ran,
  ];
  const restart = steps.find((step) => step.kind === 'restart-unit');
  if (put.length === 0) return urls;
  const enable = {
    ...({ kind: 'enable-unit', unit } as const),
    because: 'its file is the former one again',
  };
  const isNeeded = steps.some(
    (step) =>
      step.kind === 'update-peer-urls' &&
      !withstands({ voters: step.list.members.length, answering: step.list.members.length }, 1),
  );
  const hadUnit = former !== undefined || files.some(({ file }) => file.path === paths.unitFile);
  // It starts as the account that its unit names: where that was so before, it keeps what it was given.
  const account = hadUnit ? found?.unit.process?.account : undefined;
  const moves = restart?.kind === 'restart-unit' ? (restart.moves ?? []) : [];
  const was = (path: string) => formerly(path, moves);
  const [data, wal] = [parentOf(was(dataIn(paths.data))), was(paths.wal)];
  const handover =
    restart?.handover && account
      ? { handover: handedBack(restart.handover, paths, { account, data, wal }) }
      : {};
  // Whatever the member wrote meanwhile is in what it was given.
  const back = moves.length > 0 && { moves: backwards(moves) };
  const left = leftByMoves(
    cluster,
    back === false ? [] : back.moves,
    moves.map((move) => [move.of, move] as const),
    { data, wal },
  );
  return [
    ...(isNeeded ? [] : urls),
    ...put,
    ...(restart
      ? [
          ...(former ? [] : [enable]),
          { kind: 'restart-unit', unit, because, ...handover, ...back } as const,
          awaitReady({ ...cluster, paths: { ...paths, wal } }, 'it was ready before'),
          ...removeFormer(left),
        ]
      : when(hadUnit && former === undefined, enable)),
    ...(isNeeded ? urls : []),
  ];
}

/** To whom data and keys go back, where they are then. */
function handedBack(
  { pki }: Handover,
  paths: DesiredCluster['paths'],
  { account, data, wal }: { readonly account: string; readonly data: string; readonly wal: string },
): Handover {
  // What is around a log that was moved was never handed over.
  const log = wal === paths.wal ? paths.walHome : within(wal, data) ? undefined : wal;
  return { account, data, pki, ...(log !== undefined && { log }) };
}
