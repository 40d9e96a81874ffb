import type { DesiredCluster } from '../desired/cluster.ts';
import type { MemberFacts } from '../facts/member.ts';
import type { MemberPlan } from './member.ts';
import type { Lane } from './plan.ts';
import type { Step } from './step.ts';
import { when } from './step-words.ts';

/** What puts a member back that does not survive its change: the files it ran with, where they are known. */
export function undoRestart(
  cluster: DesiredCluster,
  member: MemberPlan,
  found: MemberFacts | undefined,
): readonly Lane[] {
  if (found === undefined) return [];
  const because = 'the change failed';
  const { paths, unit } = cluster;
  const former = member.configuration.flatMap((step) =>
    step.kind === 'write-files'
      ? step.files.flatMap(({ file, before }) =>
          before === undefined
            ? []
            : [{ file: { ...file, content: before }, before: file.content, because }],
        )
      : [],
  );
  const steps: readonly Step[] = [
    ...(former.length > 0 ? [{ kind: 'write-files', files: former, because } as const] : []),
    ...(member.certificates.length > 0 && found.pki.target !== undefined
      ? [
          {
            kind: 'restore-certificates',
            link: paths.pki,
            target: found.pki.target,
            because,
          } as const,
        ]
      : []),
    ...(member.link.length > 0 && found.current !== undefined
      ? [{ kind: 'point-link', link: paths.current, target: found.current, because } as const]
      : []),
  ];
  if (steps.length === 0) return [];
  const hadUnit = former.some(({ file }) => file.path === paths.unitFile);
  const restart: readonly Step[] =
    member.restartBecause === undefined
      ? when(hadUnit, { kind: 'enable-unit', unit, because: 'its file is the former one again' })
      : [
          { kind: 'enable-unit', unit, because: 'its file is the former one again' },
          { kind: 'restart-unit', unit, because },
          { kind: 'await-ready', unit, because: 'it was ready before' },
        ];
  return [{ host: member.name, steps: [...steps, ...restart] }];
}
