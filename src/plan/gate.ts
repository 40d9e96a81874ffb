/** A named question about the cluster, which must be answered yes before going on. `apply/gate.ts` asks it. */
export type Gate =
  | {
      /** Each answers a linearizable read and reaches the others; all list the same members and follow one leader. */
      readonly kind: 'members-agree';
      readonly members: readonly string[];
    }
  | {
      /** None is further behind another in what it has applied. */
      readonly kind: 'caught-up';
      readonly members: readonly string[];
      /** Entries. */
      readonly within: number;
    }
  | {
      /** None reports an alarm. */
      readonly kind: 'no-alarm';
      readonly members: readonly string[];
      /** Kinds of alarms that are no reason to wait. */
      readonly except: readonly string[];
    };

/** Entries a member may lag behind in applying, while clients write. */
const LAG = 1000;

/** What must hold of members before another one is touched; nothing where there are none. */
export function allWell(members: readonly string[]): readonly Gate[] {
  if (members.length === 0) return [];
  return [
    { kind: 'members-agree', members },
    { kind: 'caught-up', members, within: LAG },
    // A database that is full is cured by a larger quota, which a gate must not keep from being rolled out.
    { kind: 'no-alarm', members, except: ['NOSPACE'] },
  ];
}

/** Everybody whom gates ask, each once. */
export function askedBy(gates: readonly Gate[]): readonly string[] {
  return [...new Set(gates.flatMap(({ members }) => members))];
}

/** Gates as one clause that goes on after "wait until": `etcd01, etcd02 all answer …; none of them …`. */
export function describeGates(gates: readonly Gate[]): string {
  return gates
    .map((gate, at) => {
      const isSame = gates[at - 1]?.members.join() === gate.members.join();
      return describeGate(gate, isSame ? 'them' : gate.members.join(', '));
    })
    .join('; ');
}

function describeGate(gate: Gate, members: string): string {
  switch (gate.kind) {
    case 'members-agree':
      return `${members} all answer and agree on members and leader`;
    case 'caught-up':
      return `none of ${members} lags more than ${gate.within} entries behind`;
    case 'no-alarm':
      return `none of ${members} reports an alarm${gate.except.length === 0 ? '' : ` other than ${gate.except.join(', ')}`}`;
  }
}
