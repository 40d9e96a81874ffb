import type { Question } from '../desired/consumers.ts';

/** A named question, which must be answered yes before going on. `apply/gates/await-gates.ts` asks it. */
export type Gate = MemberGate | ConsumerGate;

/** A question about the cluster. */
export type MemberGate =
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
      /** Kinds of alarms that are not waited for. */
      readonly except: readonly string[];
      /** Ids of members whose alarms are not waited for: what comes next ends them. */
      readonly ended?: readonly string[];
    }
  | {
      /** Each runs this version, and the cluster has taken up its minor version. */
      readonly kind: 'serves-version';
      readonly members: readonly string[];
      readonly version: string;
    }
  | {
      /** The cluster is at this minor version, and so are the databases of all: `3.5`. */
      readonly kind: 'cluster-at';
      readonly members: readonly string[];
      readonly version: string;
    }
  | {
      /** None tells that the cluster is to go down to an earlier version; members up to 3.5 do not tell. */
      readonly kind: 'goes-down-no-more';
      readonly members: readonly string[];
    }
  | {
      /** Each lists a member with a vote at these peer URLs, and that knows of its vote. */
      readonly kind: 'listed-as';
      readonly members: readonly string[];
      readonly member: string;
      readonly peerUrls: readonly string[];
    }
  | {
      /** None lists a member any more. */
      readonly kind: 'not-listed';
      readonly members: readonly string[];
      readonly member: string;
      readonly id: string;
    }
  | {
      /** Each follows this member, or is it. */
      readonly kind: 'led-by';
      readonly members: readonly string[];
      readonly member: string;
      readonly id: string;
    };

/** A question about a consumer, asked on its host. */
export interface ConsumerGate {
  /** Its unit runs, and it answers what is asked of it: it has survived the new files. */
  readonly kind: 'consumer-ready';
  /** Empty: no member is asked. */
  readonly members: readonly string[];
  readonly consumer: string;
  readonly unit?: string;
  readonly ready?: Question;
}

/** Entries a member may lag behind in applying, while clients write. */
const LAG = 1000;

/**
 * What must hold of members before another one is touched, beside alarms that this is about to end; nothing where there are
 * none.
 */
export function allWell(
  members: readonly string[],
  ended: readonly string[] = [],
): readonly MemberGate[] {
  if (members.length === 0) return [];
  return [
    { kind: 'members-agree', members },
    { kind: 'caught-up', members, within: LAG },
    // A database that is full is cured by a larger quota, which a gate must not keep from being rolled out.
    { kind: 'no-alarm', members, except: ['NOSPACE'], ...(ended.length > 0 && { ended }) },
  ];
}

/** Every member whom gates ask, each once. */
export function askedBy(gates: readonly Gate[]): readonly string[] {
  return [...new Set(gates.flatMap(({ members }) => members))];
}

/**
 * Says gates as clauses that go on after "wait until": in full, or where several members are asked what was asked last, only
 * of whom.
 */
export function gateClauses(): (gates: readonly Gate[]) => string {
  let last: string | undefined;
  return (gates) => {
    const names = askedBy(gates);
    const isOfAll = gates.every(({ members }) => members.join() === names.join());
    const questions =
      isOfAll && names.length > 1
        ? JSON.stringify(gates.map(({ members: _, ...question }) => question))
        : undefined;
    if (questions !== undefined && questions === last)
      return `the same holds for ${names.join(', ')}`;
    last = questions;
    return describeGates(gates);
  };
}

/** Gates as one clause: `etcd01, etcd02 all answer …; none of them …`, of one member `etcd01 answers …; it …`. */
export function describeGates(gates: readonly Gate[]): string {
  return gates
    .flatMap((gate, at) => {
      if (gate.kind === 'consumer-ready') return [describeConsumerGate(gate)];
      const isSame = gates[at - 1]?.members.join() === gate.members.join();
      const [only, ...others] = gate.members;
      return others.length > 0 || only === undefined
        ? describeGate(gate, isSame ? 'them' : gate.members.join(', '))
        : describeGateOfOne(gate, isSame ? 'it' : only);
    })
    .join('; ');
}

function describeConsumerGate({ consumer, unit, ready }: ConsumerGate): string {
  const answers =
    ready &&
    ('url' in ready ? `${ready.url} answers there with 200` : `${ready.command} succeeds there`);
  const runs = unit && `${unit} of ${consumer} runs with its new files`;
  return [runs ?? `${consumer} has its new files`, ...(answers ? [answers] : [])].join(', and ');
}

function describeGate(gate: MemberGate, members: string): string {
  switch (gate.kind) {
    case 'members-agree':
      return `${members} all answer and agree on members and leader`;
    case 'caught-up':
      return `none of ${members} lags more than ${gate.within} entries behind`;
    case 'no-alarm':
      return `none of ${members} reports an alarm${otherThan(gate)}`;
    case 'serves-version':
      return `each of ${members} serves ${gate.version}, and the cluster has taken it up`;
    case 'cluster-at':
      return `each of ${members} says that the cluster is at ${gate.version}, and so is its database`;
    case 'goes-down-no-more':
      return `none of ${members} tells of a downgrade`;
    case 'listed-as':
      return `each of ${members} lists ${gate.member} with a vote at ${gate.peerUrls.join(', ')}`;
    case 'led-by':
      return `all of ${members} follow ${gate.member}`;
    case 'not-listed':
      return `none of ${members} lists ${gate.member} (${gate.id})`;
  }
}

/** One member agrees with itself, and lags behind nobody that is asked. */
function describeGateOfOne(gate: MemberGate, member: string): readonly string[] {
  switch (gate.kind) {
    case 'members-agree':
      return [`${member} answers and has a leader`];
    case 'caught-up':
      return [];
    case 'no-alarm':
      return [`${member} reports no alarm${otherThan(gate)}`];
    case 'serves-version':
      return [`${member} serves ${gate.version}, and the cluster has taken it up`];
    case 'cluster-at':
      return [`${member} says that the cluster is at ${gate.version}, and so is its database`];
    case 'goes-down-no-more':
      return [`${member} tells of no downgrade`];
    case 'listed-as':
      return [`${member} lists ${gate.member} with a vote at ${gate.peerUrls.join(', ')}`];
    case 'led-by':
      return [gate.member === member ? `${member} leads` : `${member} follows ${gate.member}`];
    case 'not-listed':
      return [`${member} does not list ${gate.member} (${gate.id})`];
  }
}

function otherThan({ except, ended = [] }: Extract<Gate, { readonly kind: 'no-alarm' }>): string {
  const borne = [...except, ...ended.map((id) => `that of member ${id}`)];
  return borne.length === 0 ? '' : ` other than ${borne.join(', ')}`;
}
