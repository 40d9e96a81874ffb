import { setTimeout as sleep } from 'node:timers/promises';
import { withBelief } from '../facts/belief.ts';
import { gatherMember } from '../facts/member.ts';
import { Failure } from '../failure/failure.ts';
import { observeStore } from '../pki/store.ts';
import { protocolQuarrel, type Quarrel } from '../plan/protocol-quarrel.ts';
import { nextText } from '../problem/render.ts';
import { describeBackups, lookAtBackups } from './backup-status.ts';
import type { ArgumentsOf } from './command.ts';
import type { statusOptions } from './options.ts';
import { type Session, withSession } from './session.ts';
import { clusterStatus, type MemberStatus, type SeenMember } from './status-rows.ts';
import { describeStatus } from './status-table.ts';

const PAUSE = 2000;
const DOCTOR = 'provision doctor INVENTORY says why, and what mends it';

/** Shows every member: what etcd says of itself, its unit, the days its certificates have left. */
export async function status(args: ArgumentsOf<typeof statusOptions>): Promise<void> {
  await withSession({ ...args, acceptUnreachable: true }, async (session) => {
    for (;;) {
      const [{ rows, quarrel }, backups] = await Promise.all([
        look(session),
        lookAtBackups(session, args.inventory),
      ]);
      if (args.watch && !args.json) console.clear();
      console.log(
        args.json
          ? JSON.stringify({
              ...{ cluster: session.desired.name, members: rows, backups },
              ...(quarrel && { protocol: quarrel.sentence }),
            })
          : [
              describeStatus(session.desired.name, rows),
              ...(quarrel === undefined
                ? []
                : [quarrel.sentence, `  next: ${nextText(quarrel.next, args.inventory)}`]),
              ...describeBackups(backups, args.inventory),
            ].join('\n'),
      );
      if (!args.watch) return judge(session, rows);
      await sleep(PAUSE);
    }
  });
}

async function look({ desired, hosts, unreachable, store }: Session): Promise<{
  readonly rows: readonly MemberStatus[];
  readonly quarrel: Quarrel | undefined;
}> {
  const [certificates, members] = await Promise.all([
    observeStore(store),
    Promise.all(
      desired.members.map(async (member): Promise<readonly [string, SeenMember]> => {
        const host = hosts.get(member.name);
        if (host === undefined)
          return [member.name, unreachable.get(member.name) ?? notConnected(member.name)];
        try {
          const found = await gatherMember(host, desired, member, store);
          return [member.name, await withBelief(host, member, found, store)];
        } catch (error) {
          if (error instanceof Failure) return [member.name, error];
          throw error;
        }
      }),
    ),
  ]);
  const seen = members.flatMap(([name, found]) =>
    found instanceof Failure ? [] : [[name, found] as const],
  );
  return {
    rows: clusterStatus(desired, new Map(members), certificates, new Date()),
    quarrel: protocolQuarrel(desired, { members: new Map(seen) }),
  };
}

function notConnected(name: string): Failure {
  return new Failure('unreachable', `${name}: not connected`);
}

function judge({ desired }: Session, rows: readonly MemberStatus[]): void {
  const sick = rows.filter(({ healthy }) => !healthy);
  // etcd tells them in another order every time.
  const alarms = [...new Set(rows.flatMap(({ errors }) => errors))].sort();
  if (sick.length === 0 && alarms.length === 0) return;
  if (sick.length === 0) {
    throw new Failure('failed', `${desired.name}: etcd reports ${alarms.join('; ').trim()}`, {
      next: DOCTOR,
    });
  }
  const unreachable = sick.every(({ trouble }) => trouble?.startsWith('unreachable'));
  throw new Failure(
    unreachable ? 'unreachable' : 'failed',
    `${desired.name}: ${sick.length} of ${rows.length} members do not answer: ${sick.map(({ name }) => name).join(', ')}`,
    {
      next: DOCTOR,
    },
  );
}
