import { diagnose } from '../diagnosis/diagnose.ts';
import { withBelief } from '../facts/belief.ts';
import type { ClusterFacts } from '../facts/cluster.ts';
import { gatherMember, type MemberFacts } from '../facts/member.ts';
import { Failure } from '../failure/failure.ts';
import { observeRotation } from '../pki/ca-rotation.ts';
import { readCrl } from '../pki/revoke.ts';
import { observeStore } from '../pki/store.ts';
import { refuseUnequalHashes } from '../verify/hashes.ts';
import type { ArgumentsOf } from './command.ts';
import { clusterFindings, type Finding, memberFindings } from './doctor-findings.ts';
import { describeFindings } from './doctor-text.ts';
import { isWhole } from './doctor-whole.ts';
import type { doctorOptions } from './options.ts';
import { type Session, withSession } from './session.ts';

/** Says why a cluster is broken: one cause a member, what the members disagree about, and the command that mends it. */
export async function doctor(args: ArgumentsOf<typeof doctorOptions>): Promise<void> {
  await withSession({ ...args, acceptUnreachable: true }, async (session) => {
    const findings = (await examine(session)).map((finding) => ({
      ...finding,
      next: finding.next.replaceAll('INVENTORY', args.inventory),
    }));
    const { name } = session.desired;
    console.log(
      args.json ? JSON.stringify({ cluster: name, findings }) : describeFindings(name, findings),
    );
    if (findings.length > 0) {
      throw new Failure(
        'failed',
        `${name}: ${findings.length} thing${findings.length === 1 ? '' : 's'} to mend`,
        {
          next: findings[0]?.next,
        },
      );
    }
  });
}

async function examine(session: Session): Promise<readonly Finding[]> {
  const { desired, hosts, store, unreachable } = session;
  const [seen, storeFacts, rotation, crl] = await Promise.all([
    Promise.all(
      desired.members.map(async (member): Promise<readonly [string, MemberFacts | Failure]> => {
        const host = hosts.get(member.name);
        if (host === undefined)
          return [member.name, unreachable.get(member.name) ?? lost(member.name)];
        try {
          const found = await gatherMember(host, desired, member, store);
          return [member.name, await withBelief(host, member, found, store)];
        } catch (error) {
          if (error instanceof Failure) return [member.name, error];
          throw error;
        }
      }),
    ),
    observeStore(store),
    observeRotation(store),
    readCrl(store),
  ]);
  const members = new Map(
    seen.flatMap(([name, facts]) => (facts instanceof Failure ? [] : [[name, facts] as const])),
  );
  const { diagnoses } = await diagnose(hosts, desired, await isWhole(session, members));
  const facts: ClusterFacts = {
    members,
    consumers: new Map(),
    store: storeFacts,
    rotation,
    crl,
    binaries: [],
    now: new Date(),
  };
  return [
    ...seen.flatMap(([name, found]) => memberFindings(name, found, desired, diagnoses)),
    ...clusterFindings(desired, facts),
    ...(await differentData(session, facts)),
  ];
}

/** Members of one cluster that answer may still hold different data: etcd itself looks only where it was told to. */
async function differentData(
  { desired, hosts }: Session,
  facts: ClusterFacts,
): Promise<readonly Finding[]> {
  const clusters = [...facts.members.values()].flatMap(({ etcd }) => etcd.status?.clusterId ?? []);
  if (new Set(clusters).size !== 1) return [];
  try {
    await refuseUnequalHashes(desired, hosts, facts);
    return [];
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    // A comparison that was not possible says nothing about the data.
    if (error.reason !== 'refused') return [];
    const { message, next = '' } = error;
    return [
      {
        about: desired.name,
        cause: message.replace(`${desired.name}: `, ''),
        evidence: [],
        next,
      },
    ];
  }
}

function lost(name: string): Failure {
  return new Failure('unreachable', `${name}: not connected`);
}
