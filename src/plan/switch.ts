import type { DesiredCluster, DesiredMember } from '../desired/cluster.ts';
import type { DesiredSwitch, Protocol } from '../desired/window.ts';
import type { ClusterFacts } from '../facts/cluster.ts';
import type { MemberFacts } from '../facts/member.ts';
import { keptToken } from './boot.ts';
import { planCertificates } from './certificates.ts';
import { afterChange } from './expected.ts';
import { planMember } from './member.ts';
import type { Plan, Wave } from './plan.ts';
import type { Step } from './step.ts';
import { switchRefusals } from './switch-refusals.ts';
import { oneByOne, touches } from './waves.ts';

export interface SwitchWishes {
  /** Clients have moved: stop serving the old protocol. */
  readonly finish: boolean;
  readonly allowDowntime: boolean;
}

/** A stage of the switch: the state every member is brought to, one by one, before the next stage begins. */
interface Stage {
  readonly cluster: DesiredCluster;
  readonly title: (member: string) => string;
  /** Whether peer URLs in the membership are brought to this stage's too. */
  readonly movesPeers: boolean;
}

/**
 * Decides what is left of a protocol switch on a running cluster, from what its members really serve: a killed run is
 * resumed by planning again, and reversed by planning for the opposite protocol.
 *
 * To https: certificates; every member restarted so that it can dial https and serves clients both ways; one by one the
 * peer URL in the membership, then the listener; at last, when clients have moved, the http listener goes (etcd-facts §3).
 * To http any member can dial at once, so the second step falls away.
 */
export function planSwitch(
  desired: DesiredSwitch,
  facts: ClusterFacts,
  wishes: SwitchWishes,
): Plan {
  const refusals = switchRefusals(desired, facts, wishes);
  if (refusals.length > 0) return { cluster: desired.target.name, waves: [], refusals };

  const certificates = planCertificates(desired.target, facts);
  const waves: Wave[] = [
    ...certificates.waves,
    ...certificateWave(desired.target, facts, certificates.reissued),
  ];
  let expected = withCertificates(facts);
  for (const stage of stages(desired, facts, wishes)) {
    const planned = planStage(stage, expected);
    waves.push(...planned.waves);
    expected = planned.expected;
  }
  return { cluster: desired.target.name, waves, refusals: [] };
}

function stages(
  desired: DesiredSwitch,
  facts: ClusterFacts,
  { finish }: SwitchWishes,
): readonly Stage[] {
  const { to, target, window } = desired;
  const now = new Map([...facts.members].map(([name, found]) => [name, peerScheme(found)]));
  const moved = new Map(target.members.map(({ name }) => [name, to]));
  const finished = target.members.every(({ name }) => servesOnly(facts.members.get(name), to));
  if (finished) return [];
  return [
    ...(to === 'https'
      ? [
          {
            cluster: window(now),
            title: (name: string) => `make ${name} able to speak https`,
            movesPeers: false,
          },
        ]
      : []),
    {
      cluster: window(moved),
      title: (name) => `move ${name} to ${to} among members`,
      movesPeers: true,
    },
    ...(finish
      ? [
          {
            cluster: target,
            title: (name: string) => `end ${to === 'https' ? 'http' : 'https'} on ${name}`,
            movesPeers: true,
          },
        ]
      : []),
  ];
}

function planStage(
  { cluster, title, movesPeers }: Stage,
  facts: ClusterFacts,
): { readonly waves: readonly Wave[]; readonly expected: ClusterFacts } {
  const token = keptToken(cluster, facts) ?? '';
  const start = { token, state: 'existing', crl: facts.crl !== undefined } as const;
  const plans = cluster.members.flatMap((member) => {
    const found = facts.members.get(member.name);
    if (found === undefined) return [];
    const plan = planMember(cluster, member, facts, found, { token, formed: true }, new Set());
    const move = movesPeers ? movePeer(cluster, facts, member, found) : [];
    return [{ member, plan: { ...plan, link: [], certificates: [] }, move }];
  });
  const moves = new Map(plans.map(({ member, move }) => [member.name, move]));

  const restarts = oneByOne(
    cluster,
    facts,
    plans.map(({ plan }) => plan),
    (name) => (moves.get(name) ?? []).length > 0,
  ).map((one) => {
    const [lane] = one.lanes;
    const name = lane?.host ?? '';
    const move = moves.get(name) ?? [];
    return {
      ...one,
      title: title(name),
      lanes: [{ host: name, steps: [...move, ...(lane?.steps ?? [])] }],
      undo: undoMove(one.undo, name, move),
    };
  });
  const members = new Map(
    [...facts.members].map(([name, found]) => {
      const planned = plans.find(({ member }) => member.name === name);
      return [
        name,
        planned === undefined || !touches(planned.plan)
          ? found
          : afterChange(found, planned.member, start),
      ];
    }),
  );
  const listed = movesPeers ? relisted(members, cluster) : members;
  return { waves: restarts, expected: { ...facts, members: listed } };
}

/** The step that changes a member's peer URL in the membership, when it is another one there. */
function movePeer(
  cluster: DesiredCluster,
  facts: ClusterFacts,
  member: DesiredMember,
  found: MemberFacts,
): readonly Step[] {
  const id = found.etcd.status?.memberId;
  const listed = found.etcd.members?.members.find((one) => one.id === id);
  if (id === undefined || listed === undefined || listed.peerUrls.join() === member.peerUrl)
    return [];
  const others = cluster.members.filter(({ name }) => name !== member.name);
  // Asked through another member, so that the same step can take it back when this one does not serve.
  const via = others.find(({ name }) => facts.members.get(name)?.etcd.healthy)?.name ?? member.name;
  return [
    {
      kind: 'update-peer-urls',
      id,
      via,
      from: listed.peerUrls,
      to: [member.peerUrl],
      because: `members dial what the membership says, which is ${listed.peerUrls.join(', ')}`,
    },
  ];
}

function undoMove(undo: Wave['undo'], host: string, move: readonly Step[]): Wave['undo'] {
  const back = move.flatMap((step) =>
    step.kind === 'update-peer-urls'
      ? [{ ...step, from: step.to, to: step.from, because: 'the change failed' }]
      : [],
  );
  if (back.length === 0) return undo;
  return [{ host, steps: [...back, ...undo.flatMap(({ steps }) => steps)] }];
}

/** Certificates that no process uses yet may come to all members side by side; a running TLS reads them at each handshake. */
function certificateWave(
  cluster: DesiredCluster,
  facts: ClusterFacts,
  reissued: ReadonlySet<string>,
): readonly Wave[] {
  const lanes = cluster.members.flatMap((member) => {
    const found = facts.members.get(member.name);
    if (found === undefined) return [];
    const boot = { token: '', formed: true };
    const { certificates } = planMember(cluster, member, facts, found, boot, reissued);
    return certificates.length === 0 ? [] : [{ host: member.name, steps: certificates }];
  });
  return lanes.length === 0 ? [] : [wave('bring certificates', lanes)];
}

function wave(title: string, lanes: Wave['lanes']): Wave {
  return { title, lanes, gate: [], undo: [] };
}

function withCertificates(facts: ClusterFacts): ClusterFacts {
  const members = [...facts.members].map(
    ([name, found]) => [name, { ...found, pki: { ...found.pki, files: new Map() } }] as const,
  );
  return { ...facts, members: new Map(members) };
}

function relisted(
  members: ReadonlyMap<string, MemberFacts>,
  cluster: DesiredCluster,
): ReadonlyMap<string, MemberFacts> {
  const urls = new Map(cluster.members.map(({ name, peerUrl }) => [name, peerUrl]));
  return new Map(
    [...members].map(([name, found]) => {
      const list = found.etcd.members;
      if (list === undefined) return [name, found];
      const listed = list.members.map((one) => ({
        ...one,
        peerUrls: [urls.get(one.name) ?? one.peerUrls.join()],
      }));
      return [name, { ...found, etcd: { ...found.etcd, members: { ...list, members: listed } } }];
    }),
  );
}

/** The scheme a member's peer listener speaks now. */
export function peerScheme(found: MemberFacts): Protocol {
  const urls = found.unit.process?.environment.get('ETCD_LISTEN_PEER_URLS') ?? '';
  return urls.startsWith('https:') ? 'https' : 'http';
}

/** Whether a member's client listeners speak this protocol and no other. */
export function servesOnly(found: MemberFacts | undefined, protocol: Protocol): boolean {
  const urls = found?.unit.process?.environment.get('ETCD_LISTEN_CLIENT_URLS')?.split(',') ?? [];
  return urls.length > 0 && urls.every((url) => url.startsWith(`${protocol}:`));
}
