import Table from 'cli-table3';
import type { AdoptedCluster } from '../adopt/decide/adoption.ts';
import type { Problem } from '../problem/problem.ts';
import { provision } from '../problem/remedy.ts';
import { commandText, problemData, problemLines } from '../problem/render.ts';

const HEAD = ['NAME', 'ID', 'HOST', 'UNIT', 'VERSION', 'PEER URL', 'STATE'];

/** A cluster that something else made, as it was found: its members, what is told of it, what an inventory cannot say; with the path of that, where there is to be one. */
export function adoptionText(
  cluster: AdoptedCluster,
  cannot: readonly Problem[],
  notes: readonly Problem[],
  inventory: string | undefined,
): string {
  const table = new Table({ head: HEAD, style: { head: [], border: [], compact: true } });
  for (const row of memberRows(cluster))
    table.push([
      ...[row.name || '-', row.id, row.host ?? 'not seen', row.unit ?? '-', row.version ?? '-'],
      ...[row.peerUrls.join('\n'), row.state],
    ]);
  const of = (severity: Problem['severity']) => notes.filter((one) => one.severity === severity);
  return [
    table.toString(),
    `cluster ${cluster.clusterId}, made by something else`,
    ...section('cannot be said in an inventory', cannot, inventory),
    ...section('wrong', of('fail'), inventory),
    ...section('to know before up', of('warn'), inventory),
    ...section('good to know', of(undefined), inventory),
  ].join('\n');
}

/** What follows once the inventory is written. */
export function adoptedText(file: string): string {
  return `wrote ${file}\nnext: ${commandText(provision('plan', file), file)}`;
}

/** The same for machines. */
export function adoptionData(
  cluster: AdoptedCluster,
  cannot: readonly Problem[],
  notes: readonly Problem[],
  inventory = 'INVENTORY',
): Readonly<Record<string, unknown>> {
  const data = (all: readonly Problem[]) => all.map((one) => problemData(one, inventory));
  return {
    clusterId: cluster.clusterId,
    members: memberRows(cluster),
    cannot: data(cannot),
    notes: data(notes),
  };
}

function memberRows({ members }: AdoptedCluster) {
  return members.map(({ listed, found }) => ({
    ...{ name: listed.name, id: listed.id, host: found?.host },
    unit: found?.etcd.unit?.name,
    version: found?.etcd.told.status?.version ?? found?.etcd.program.version,
    ...{ peerUrls: listed.peerUrls, clientUrls: listed.clientUrls },
    isLearner: listed.isLearner,
    state: stateOf(listed.isLearner, found?.etcd),
  }));
}

function stateOf(
  isLearner: boolean,
  etcd: NonNullable<AdoptedCluster['members'][number]['found']>['etcd'] | undefined,
): string {
  if (etcd === undefined) return isLearner ? 'learner, not seen' : 'not seen';
  if (etcd.process === undefined) return 'does not run';
  const { status, healthy } = etcd.told;
  const role = isLearner
    ? 'learner'
    : status !== undefined && status.leader === status.memberId
      ? 'leads'
      : 'follows';
  if (status === undefined) return 'silent';
  return healthy === false ? `${role}, not healthy` : role;
}

function section(
  title: string,
  problems: readonly Problem[],
  inventory: string | undefined,
): readonly string[] {
  if (problems.length === 0) return [];
  return [`${title}:`, ...problems.flatMap((one) => problemLines(one, { indent: 2, inventory }))];
}
