import type { DesiredCluster, DesiredMember } from '../../src/desired/cluster.ts';
import type { DoctorInput } from '../../src/diagnosis/conclude.ts';
import type { ExaminedMember } from '../../src/diagnosis/looks/examined.ts';
import type { StartFact } from '../../src/diagnosis/looks/start.ts';
import type { MemberFacts } from '../../src/facts/member.ts';
import { Failure } from '../../src/failure/failure.ts';
import { remedy } from '../../src/problem/remedy.ts';
import { NOW, type SeenFacts } from '../plan/facts.ts';

const RUNNING: StartFact = {
  ...{ load: 'loaded', active: 'active', sub: 'running', enabled: 'enabled', result: 'success' },
  ...{ end: undefined, restarts: 0, assertFailed: false, failedPre: [], dropIns: [] },
  ...{ environment: new Map(), isFrozen: false, loadError: '', now: NOW.getTime() / 1000 },
  ...{ stoppedBy: undefined, stoppedAt: undefined, isUnstarted: false },
  lines: [{ at: NOW.getTime() / 1000 - 60, text: 'Started etcd' }],
};

/** A start of a unit that is otherwise as it should be. */
export function started(changes: Partial<StartFact> = {}): StartFact {
  return { ...RUNNING, ...changes };
}

/** What is known of a cluster whose members are seen like this; those without facts could not be reached. */
export function doctorInput(
  desired: DesiredCluster,
  facts: SeenFacts,
  starts: Readonly<Record<string, StartFact>> = {},
  more: Partial<
    Pick<DoctorInput, 'unfinished' | 'difference' | 'run' | 'programs' | 'closed'>
  > = {},
): DoctorInput {
  const seen = desired.members.map((member) => {
    const found = facts.members.get(member.name);
    return {
      member,
      found:
        found === undefined
          ? new Failure('unreachable', `${member.name}: cannot be reached`, {
              next: [remedy`look`],
            })
          : examined(member, found, starts[member.name] ?? RUNNING),
    };
  });
  const isWhole = [...facts.members.values()].every(({ etcd }) => etcd.healthy);
  return { cluster: { desired, seen, isWhole }, facts, unfinished: [], ...more };
}

function examined(member: DesiredMember, facts: MemberFacts, start: StartFact): ExaminedMember {
  const none = undefined;
  return {
    ...{ member, facts, start, settings: new Map(), logs: [], isReadOnly: false },
    dataChangedAt: undefined,
    ...{ clockAhead: 0, reaches: new Map(), ownClientPort: undefined },
    ...{ clientReaches: new Map(), listeners: facts.listeners },
    certificates: {
      ...{ server: none, serverKey: none, peer: none, peerKey: none },
      ...{ trusted: none, peerTrusted: none },
    },
  };
}
