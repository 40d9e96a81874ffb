import test from 'ava';
import { Failure } from '../../src/failure/failure.ts';
import type { Host } from '../../src/host/host.ts';
import { planCluster } from '../../src/plan/cluster.ts';
import { stepsOf } from '../../src/plan/lane.ts';
import type { Plan } from '../../src/plan/plan.ts';
import { nextText } from '../../src/problem/render.ts';
import { refuseClosedPorts } from '../../src/run/refuse-closed-ports.ts';
import { localHost } from '../host/local-host.ts';
import { but, hanging, settled, stopped, UP, wanted } from '../plan/facts.ts';

const three = wanted();
const names = three.members.map(({ name }) => name);
const restarting = { ...UP, restart: () => 'it was asked for' };
const silent = but(settled(three), 'etcd02', hanging);

/** What bash says on a host where packets are dropped, where somebody answers, and where nobody listens. */
const DROPPED = ['ended 124'];
const REACHED = ['reached 1764265200.000100 1764265200.000300 ', 'ended 0'];
const REFUSED = [
  'bash: connect: Connection refused',
  'bash: line 1: /dev/tcp/198.18.0.12/2379: Connection refused',
  'ended 1',
];

/** A host that reaches each peer port like this, and its own client port like that; `ss` there says this in the end. */
function host(name: string, peers: readonly string[], own: readonly string[], ss: string): Host {
  return {
    ...localHost(name),
    run: async ({ text }) => {
      const [, mark] = / ([0-9a-f]{24}) \$\?/.exec(text) ?? [];
      if (mark !== undefined) return { exitCode: 0, stdout: `${ss}\n${mark} 0\n`, stderr: '' };
      const [told, said] = / 2379 /.test(text) ? [[name], own] : [names, peers];
      const lines = told.flatMap((one) => said.map((line) => `${one} ${line}\n`));
      return { exitCode: 0, stdout: lines.join(''), stderr: '' };
    },
  };
}

async function refusal(
  facts: typeof silent,
  peers: readonly string[],
  own: readonly string[],
  ss = '',
): Promise<readonly string[]> {
  return refusalOf(facts, planCluster(three, facts, UP), (name) => host(name, peers, own, ss));
}

async function refusalOf(
  facts: typeof silent,
  plan: Plan,
  hostOf: (name: string) => Host,
): Promise<readonly string[]> {
  const hosts = new Map(names.map((name) => [name, hostOf(name)]));
  try {
    await refuseClosedPorts(three, facts, plan, hosts);
    return [];
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return [error.reason, error.message, nextText(error.next)];
  }
}

test('refuseClosedPorts() names a client port that drops what its own host says to it', async (t) => {
  t.deepEqual(await refusal(silent, REACHED, DROPPED), [
    'refused',
    'prod: etcd02 does not answer, nothing was touched:\n  etcd02 does not reach its own client port at 198.18.0.12:2379 (no answer within 4 s)',
    'open the client port in the firewall of that host, for the host itself too; then run the same command again',
  ]);
});

test('refuseClosedPorts() lets be whom its own host reaches, or who listens nowhere yet', async (t) => {
  t.deepEqual(await refusal(silent, REACHED, REACHED), []);
  t.deepEqual(await refusal(silent, REACHED, REFUSED), []);
});

const listener = { port: 2379, address: '198.18.0.12', process: 'etcd', pid: 101 };
const listening = but(silent, 'etcd02', () => ({ listeners: [listener] }));
const stays = 'LISTEN 0 4096 198.18.0.12:2379 0.0.0.0:* users:(("etcd",pid=101,fd=8))';

test('refuseClosedPorts() names a client port that rejects, where the same process listens all the while', async (t) => {
  t.deepEqual(await refusal(listening, REACHED, REFUSED, stays), [
    'refused',
    'prod: etcd02 does not answer, nothing was touched:\n  etcd02 does not reach its own client port at 198.18.0.12:2379 (Connection refused on the way: it listens there)',
    'open the client port in the firewall of that host, for the host itself too; then run the same command again',
  ]);
  t.deepEqual(await refusal(listening, REACHED, REFUSED, stays.replace('101', '207')), []);
  t.deepEqual(await refusal(listening, REACHED, REFUSED), []);
  t.deepEqual(await refusal(silent, REACHED, REFUSED, stays), []);
});

test('refuseClosedPorts() lets be who could not try', async (t) => {
  t.deepEqual(await refusal(silent, REACHED, ['timeout: failed to run command', 'ended 127']), []);
});

test('refuseClosedPorts() names the ways between peers that are closed, and both kinds together', async (t) => {
  const ways = [
    'etcd01 does not reach etcd02 at 198.18.0.12:2380',
    'etcd02 does not reach etcd01 at 198.18.0.11:2380',
    'etcd02 does not reach etcd03 at 198.18.0.13:2380',
    'etcd03 does not reach etcd02 at 198.18.0.12:2380',
  ].map((way) => `\n  ${way} (no answer within 4 s)`);
  const peer = 'open the peer port in every firewall between them, both ways';
  const client = 'open the client port in the firewall of that host, for the host itself too';
  const begins = `prod: etcd02 does not answer, nothing was touched:${ways.join('')}`;
  t.deepEqual(await refusal(silent, DROPPED, REACHED), [
    ...['refused', begins, `${peer}; then run the same command again`],
  ]);
  t.deepEqual(await refusal(silent, DROPPED, DROPPED), [
    'refused',
    `${begins}\n  etcd02 does not reach its own client port at 198.18.0.12:2379 (no answer within 4 s)`,
    `${peer} and ${client}; then run the same command again`,
  ]);
});

test('refuseClosedPorts() asks nobody where all answer', async (t) => {
  t.deepEqual(await refusal(settled(three), DROPPED, DROPPED), []);
});

/** The plan that restarts all, where the way from etcd01 to etcd03 alone is closed. */
async function oneWay(facts: typeof silent, plan: Plan): Promise<readonly string[]> {
  const closed = host('etcd01', ['ended 124'], REACHED, '');
  return refusalOf(facts, plan, (name) => {
    if (name !== 'etcd01') return host(name, REACHED, REACHED, '');
    return {
      ...closed,
      run: async (command, options) => {
        const { stdout, ...said } = await closed.run(command, options);
        return { ...said, stdout: `${stdout}etcd02 ${REACHED[0]}\netcd02 ended 0\n` };
      },
    };
  });
}

test('refuseClosedPorts() names a way that is closed while all answer, before anybody is restarted', async (t) => {
  const all = settled(three);
  t.deepEqual(await oneWay(all, planCluster(three, all, restarting)), [
    'refused',
    'prod: not every member reaches every other one, so none may stop, nothing was touched:\n  etcd01 does not reach etcd03 at 198.18.0.13:2380 (no answer within 4 s)',
    'open the peer port in every firewall between them, both ways; then run the same command again',
  ]);
  t.deepEqual(await oneWay(all, planCluster(three, all, UP)), []);
});

test('refuseClosedPorts() lets a member that stands still be started, and one that cannot be reached leave', async (t) => {
  const off = but(settled(three), 'etcd02', stopped);
  const start = planCluster(three, off, UP);
  t.deepEqual(
    start.waves
      .flatMap(({ lanes }) => stepsOf(lanes))
      .map(({ kind }) => kind)
      .filter((kind) => kind === 'start-unit'),
    ['start-unit'],
  );
  t.deepEqual(await oneWay(off, start), []);
  const two = wanted(2);
  const leaving = planCluster(two, settled(three), { ...UP, removes: ['etcd03'] });
  t.true(
    leaving.waves
      .flatMap(({ lanes }) => stepsOf(lanes))
      .some(({ kind }) => kind === 'remove-member'),
  );
  t.deepEqual(await oneWay(settled(three), leaving), []);
});
