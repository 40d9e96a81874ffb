import { isIP } from 'node:net';
import type { Binary } from '../../binaries/binary.ts';
import { architectureOf } from '../../binaries/host-architecture.ts';
import { askRelease } from '../../binaries/resolve.ts';
import { examine } from '../../check/examine.ts';
import { type CheckResult, fail, isProblem, pass } from '../../check/verdict.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import { Failure } from '../../failure/failure.ts';
import { observed } from '../../observed/observed.ts';
import { planFor } from '../../plan/intent.ts';
import { remedy } from '../../problem/remedy.ts';
import { checkResultsData, describeCheckResults } from '../../report/check-table.ts';
import { observe } from '../../run/observe.ts';
import { type Session, withSession } from '../../run/session.ts';
import type { ArgumentsOf } from '../command.ts';
import type { checkOptions } from './options.ts';

type CheckArguments = ArgumentsOf<typeof checkOptions>;

/** Looks whether hosts, network and inventory are fit for the cluster; changes nothing. */
export async function check(args: CheckArguments): Promise<void> {
  await withSession({ ...args, needs: 'any-host' }, async (session) => {
    const { name } = session.desired;
    const findings = await findAll(session, args);
    console.log(
      args.json
        ? JSON.stringify({ cluster: name, findings: checkResultsData(findings, args.inventory) })
        : describeCheckResults(findings, args.inventory),
    );
    const failed = findings.filter(isProblem).filter(({ severity }) => severity === 'fail');
    const [first] = failed;
    if (first === undefined) return;
    const which = [...new Set(failed.map((one) => `${one.kind} (${one.about})`))].join(', ');
    throw new Failure('failed', `${name}: not fit: ${which}`, { next: first.next });
  });
}

async function findAll(session: Session, args: CheckArguments): Promise<readonly CheckResult[]> {
  const { desired, hosts } = session;
  const programs = await localPrograms(session);
  const binaries = programs instanceof Failure ? [] : programs;
  const facts = await observe({ ...session, binaries: async () => binaries });
  const { members, seen } = observed(desired, facts);
  const reach = members.map(({ name, unreachable }): CheckResult => {
    const verdict = unreachable === undefined ? pass('as root') : unfit(unreachable);
    return { ...verdict, kind: 'reachable', about: [name] };
  });
  if (seen.length === 0) return reach;
  const extraNames = desired.members
    .flatMap(({ addresses }) => addresses)
    .filter((name) => isIP(name) === 0);
  return [
    ...reach,
    ...(programs instanceof Failure
      ? [{ ...unfit(programs), kind: 'programs', about: ['here'] }]
      : []),
    ...(await examine(desired, hosts, facts, { extraNames, diskTest: args.diskTest })),
    ...(seen.length === members.length ? [wouldUpRefuse(session, facts)] : []),
  ];
}

/** The programs where they are at hand; a release is only asked for: a check downloads nothing. */
async function localPrograms({
  inventory,
  binaries,
  hosts,
}: Session): Promise<readonly Binary[] | Failure> {
  const { source } = inventory.etcd;
  const [first] = hosts.values();
  try {
    if (!('release' in source)) return await binaries();
    const architecture = first && (await architectureOf(first));
    await askRelease(inventory.etcd, architecture && { architecture });
    return [];
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
}

function wouldUpRefuse({ desired }: Session, facts: ClusterFacts): CheckResult {
  const { refusals } = planFor(desired, facts, { kind: 'converge', allowDowntime: true });
  const [first] = refusals;
  const verdict =
    first === undefined
      ? pass('up finds nothing against going on')
      : fail(refusals.map(({ sentence }) => sentence).join('; '), first.next);
  return { ...verdict, kind: 'plan', about: ['all'] };
}

function unfit({ message, next }: Failure) {
  return fail(message, next.length > 0 ? next : [remedy`run the check again`]);
}
