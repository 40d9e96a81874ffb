import test from 'ava';
import {
  addMember,
  promoteMember,
  removeMember,
  withdrawMember,
} from '../../../src/apply/membership/change-membership.ts';
import type { StepContext } from '../../../src/apply/step-context.ts';
import { Failure } from '../../../src/failure/failure.ts';
import type { Host } from '../../../src/host/host.ts';
import { type ListAccess, listAccess } from '../../../src/plan/carried.ts';
import { machines } from '../machine.ts';

type Change = (
  list: ListAccess,
  own: Host,
  site: StepContext,
  signal: AbortSignal,
) => Promise<void>;

const of = { member: 'etcd03', peerUrl: 'http://y', via: 'etcd01' };
const CHANGES: Readonly<Record<string, Change>> = {
  'addMember()': (list, _, site, signal) =>
    addMember({ ...of, list, kind: 'add-member', asLearner: true, beside: [] }, site, signal),
  'promoteMember()': (list, own, site, signal) =>
    promoteMember({ ...of, list, kind: 'promote-member' }, own, site, signal),
  'withdrawMember()': (list, _, site, signal) =>
    withdrawMember({ ...of, list, kind: 'withdraw-member' }, site, signal),
  'removeMember()': (list, _, site, signal) =>
    removeMember({ ...of, list, kind: 'remove-member', id: 'aa', clientUrls: [] }, site, signal),
};

for (const [name, change] of Object.entries(CHANGES))
  test(`${name} that is told to stop says so, and not that its time is over`, async (t) => {
    const all = await machines(t);
    for (const one of all.hosts.keys()) await all.answers(one, false);
    const own = all.hosts.get('etcd03');
    if (own === undefined) throw new Error('three hosts');
    const reason = new Failure('interrupted', 'interrupted by SIGINT', { next: [] });
    const error = await t.throwsAsync(
      change(listAccess(all.desired), own, all.site(60), AbortSignal.abort(reason)),
    );
    t.is(error, reason);
  });
