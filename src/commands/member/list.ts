import { Failure } from '../../failure/failure.ts';
import { observed } from '../../observed/observed.ts';
import { listProblems } from '../../plan/membership/list-problems.ts';
import { mismatches } from '../../plan/ownership/misdescribed.ts';
import { MISPLACED } from '../../plan/refusing/moved-places.ts';
import { INVENTORY, provision, remedy } from '../../problem/remedy.ts';
import { problemData } from '../../problem/render.ts';
import { memberRows } from '../../report/member-rows.ts';
import { describeMembers } from '../../report/member-table.ts';
import { lookWithoutPrograms } from '../../run/look-without-programs.ts';
import { withSession } from '../../run/session.ts';
import type { ArgumentsOf } from '../command.ts';
import type { memberListOptions } from './options.ts';

/** What another inventory would not change about the list. */
const OF_SETTINGS: ReadonlySet<string> = new Set(['setting-changed', ...MISPLACED]);

/** Shows the list of members that etcd holds beside the inventory, and how to make one of both. */
export async function memberList(args: ArgumentsOf<typeof memberListOptions>): Promise<void> {
  await withSession({ ...args, needs: 'any-host' }, async (session) => {
    const { desired } = session;
    const facts = await lookWithoutPrograms(session);
    const mismatched = mismatches(desired, facts);
    // The list of another cluster would be shown as this one's. Of its own members with other settings it is told.
    const [stranger] = mismatched.filter(({ kind }) => !OF_SETTINGS.has(kind));
    if (stranger !== undefined)
      throw new Failure('failed', stranger.sentence, { next: stranger.next });
    const changed = mismatched.filter(({ kind }) => OF_SETTINGS.has(kind));
    const { list, quorum } = observed(desired, facts);
    if (list === undefined || quorum === undefined)
      throw new Failure('failed', `${desired.name}: no member tells who the members are`, {
        ...(changed.length > 0 && { parts: changed }),
        next: [remedy`${provision('doctor', INVENTORY)} says why, and how to fix it`],
      });
    const rows = memberRows(desired, facts);
    const problems = [...changed, ...listProblems(desired, facts)];
    const { clusterId } = list;
    console.log(
      args.json
        ? JSON.stringify({
            ...{ cluster: desired.name, clusterId, quorum, members: rows },
            problems: problems.map((one) => problemData(one, args.inventory)),
          })
        : describeMembers(
            { cluster: desired.name, clusterId, quorum },
            rows,
            problems,
            args.inventory,
          ),
    );
    const [first] = problems;
    if (first === undefined) return;
    const count = problems.length === 1 ? '1 entry is' : `${problems.length} entries are`;
    throw new Failure('failed', `${desired.name}: ${count} not as the inventory has it`, {
      next: first.next,
    });
  });
}
