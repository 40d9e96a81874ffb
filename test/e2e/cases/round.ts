import { setTimeout as sleep } from 'node:timers/promises';
import {
  cutPower,
  dropNothing,
  dropPeer,
  plugIn,
  restorePower,
  unplug,
} from '../../../src/lab/faults.ts';
import { inside, type LabHost } from '../../../src/lab/host.ts';
import { sh } from '../../../src/shell/command.ts';
import { finishAnyway, to } from '../lab/migration.ts';
import { type Ended, type Operator, startOperator } from '../lab/operator.ts';
import { keysWith, type RoundWriter, roundWriter } from '../observer/round-writer.ts';
import { type Draw, MOMENTS } from './round-draw.ts';
import {
  everyEndpoint,
  healHosts,
  inventoryOf,
  leftovers,
  reboot,
  spoken,
  tidy,
  type World,
} from './round-world.ts';

/** What a round came to. */
export interface Verdict {
  /** What was wrong; nothing where all was well. */
  readonly faults: readonly string[];
  readonly acknowledged: number;
  /** Whether the fault struck before the command was over. */
  readonly struck: boolean;
  /** Everything that was printed, for a red round. */
  readonly said: string;
}

const STEP = /^ {2}\S+: .+ \(\d+\.\d s\)$/gm;
const TRIES = 8;

/** Plays one round: the command, the fault, the return, the same command again; then counts what was lost. */
export async function playRound(world: World, draw: Draw): Promise<Verdict> {
  const prefix = `round/${draw.seed}/${Date.now().toString(36)}/`;
  const writer = roundWriter(everyEndpoint(world), prefix);
  const said: string[] = [];
  const faults: string[] = [];
  let struck = false;
  try {
    if (!(await writer.servesWithin(30_000)))
      throw new Error('the cluster does not serve before the round');
    const story = await prepare(world, draw, writer, said);
    const first = await strike(world, draw, story.first, writer);
    struck = first.struck;
    said.push(first.said);
    if (/\n\s+at /.test(first.said)) faults.push('a stack trace');
    if (first.unsaid) faults.push('clients are cut off, and the message does not say so first');
    const complaint = await again(world, draw, story, first, writer, said);
    if (complaint !== undefined) faults.push(complaint);
    await healHosts(world);
    await sleep(500);
    faults.push(...(await judge(world, draw, writer, prefix, story.former)));
  } finally {
    await writer.stop();
    await healHosts(world);
  }
  if (faults.length === 0) await tidy(world);
  return { faults, acknowledged: writer.acknowledged.length, struck, said: said.join('\n----\n') };
}

/** The commands of a round. */
interface Story {
  readonly first: readonly string[];
  /** Typed again and again until each is done. */
  readonly repeated: readonly (readonly string[])[];
  /** Id of the cluster before. */
  readonly former: string;
}

async function prepare(
  world: World,
  { operation, victim, step }: Draw,
  writer: RoundWriter,
  said: string[],
): Promise<Story> {
  const { lab, cluster } = world;
  const target = world.protocol === 'http' ? 'https' : 'http';
  const former = writer.acknowledged.at(-1)?.cluster ?? '';
  const own = await inventoryOf(world);
  const next = await inventoryOf(world, target);
  const yes = ['--yes-restore', cluster.name, '--timeout', '20'];
  const repeated = (first: readonly string[], ...then: readonly (readonly string[])[]): Story => ({
    ...{ first, former, repeated: [first, ...then] },
  });
  switch (operation) {
    case 'migrate-snapshot':
      return repeated(['migrate', next, ...to(target), '--via', 'snapshot', '--timeout', '20']);
    case 'migrate-live': {
      const live = ['migrate', next, ...to(target), '--no-snapshot', '--timeout', '20'];
      return repeated(live, [...live, ...finishAnyway(lab)]);
    }
    case 'up-setting':
      world.heartbeat = world.heartbeat === 100 ? 120 : 100;
      return repeated(['up', await inventoryOf(world), '--yes', '--timeout', '20']);
    case 'restore-from':
      return repeated(['restore', own, '--from', await snapshot(world, own), ...yes]);
    case 'restore-from-member': {
      const kept = lab.hosts[(victim + 1) % 3];
      if (kept === undefined) throw new TypeError('a lab of three');
      // What is acknowledged from here on would be lost with the two.
      await quiet(world, kept);
      return repeated(['restore', own, '--from-member', kept.name, ...yes]);
    }
    case 'restore-undo': {
      const begun = ['restore', own, '--from', await snapshot(world, own), ...yes];
      const { said: heard } = await strike(
        world,
        { seed: 0, operation, fault: 'operator killed', step: 8 + step * 2, moment: 0, victim },
        begun,
        writer,
      );
      said.push(heard);
      return repeated(['restore', own, '--undo', ...yes]);
    }
    default:
      return operation satisfies never;
  }
}

async function snapshot({ lab }: World, inventory: string): Promise<string> {
  const saved = await lab.provision(['snapshot', 'save', inventory, '--json']);
  if (saved.exitCode !== 0) throw new Error(`no snapshot: ${saved.stderr}`);
  return JSON.parse(saved.stdout).path;
}

/** All members but one lose their data, after that one has heard of everything. */
async function quiet({ lab }: World, kept: LabHost): Promise<void> {
  const gone = lab.hosts.filter((host) => host !== kept);
  // Without a second member nothing is acknowledged; the one that is kept takes what the other still sends.
  const [first, second] = gone;
  if (first === undefined || second === undefined) throw new TypeError('a lab of three');
  await inside(first, sh`systemctl stop etcd`);
  await inside(second, sh`systemctl stop etcd`);
  await Promise.all(gone.map((host) => inside(host, sh`rm -rf /var/lib/etcd`)));
}

interface Struck {
  readonly struck: boolean;
  readonly ended: Ended | undefined;
  readonly said: string;
  /** Brings back what was taken, if it is not back yet. */
  readonly comeBack: () => Promise<void>;
  readonly unsaid: boolean;
}

/** Runs the command and has the fault strike at its step. */
async function strike(
  world: World,
  { operation, fault, step, moment, victim }: Draw,
  command: readonly string[],
  writer: RoundWriter,
): Promise<Struck> {
  const host = world.lab.hosts[victim];
  if (host === undefined) throw new TypeError('a lab of three');
  const others = world.lab.hosts.filter((one) => one !== host);
  const operator = await startOperator(command);
  const isDone = () => (operator.said().match(STEP)?.length ?? 0) >= step;
  const starts = () => new RegExp(`${host.name}: start etcd\\.service \\(`).test(operator.said());
  const due = fault === 'start not ready' ? starts : isDone;
  if (fault === 'start not ready') {
    // From the moment all stand still, so that the restored members find nobody.
    await said(operator, () => /^move the former data aside/m.test(operator.said()));
    const [one, other] = others;
    if (one !== undefined && other !== undefined) await dropPeer(one, other);
  }
  const struck = await said(operator, due);
  let isBack = true;
  let comeBack = async () => {};
  if (struck && fault === 'operator killed') operator.kill('SIGKILL');
  else if (struck && fault === 'ssh cut') await inside(host, sh`pkill -KILL -f 'sshd: root'`);
  else if (struck) {
    const isLink = fault === 'link down';
    await (isLink ? unplug(host) : cutPower(host));
    isBack = false;
    comeBack = async () => {
      if (isBack) return;
      isBack = true;
      await (isLink ? plugIn(host) : restorePower(host));
    };
    if (MOMENTS.host[moment] === 'before put back') {
      await sleep(1500);
      await comeBack();
    }
  }
  if (fault === 'start not ready') {
    await said(operator, () => /^put the former data back/m.test(operator.said()));
    await Promise.all(others.map((one) => dropNothing(one)));
  }
  if (!isBack && MOMENTS.host[moment] === 'after put back') {
    await said(operator, () => /^start what ran before/m.test(operator.said()));
    await comeBack();
  }
  const ended = await operator.ended;
  const saysFirst = /^(error: )?\S+: clients may be cut off/m.test(ended.stderr);
  const doesNotAnswer =
    ended.signal === null &&
    ended.exitCode !== 0 &&
    operation !== 'restore-from-member' &&
    !saysFirst;
  const unsaid = doesNotAnswer && !(await writer.servesWithin(15_000));
  return { struck, ended, said: operator.said(), comeBack, unsaid };
}

/** Waits until it holds; false when the run ended before. */
async function said(operator: Operator, holds: () => boolean): Promise<boolean> {
  let isOver = false;
  operator.ended.then(() => {
    isOver = true;
  });
  for (;;) {
    if (holds()) return !isOver;
    if (isOver) return false;
    await sleep(15);
  }
}

/** What is lost comes back, and the command is typed again until it is done; what went wrong. */
async function again(
  world: World,
  { fault, moment, victim, operation }: Draw,
  story: Story,
  first: Struck,
  writer: RoundWriter,
  heard: string[],
): Promise<string | undefined> {
  const host = world.lab.hosts[victim];
  if (host === undefined) throw new TypeError('a lab of three');
  const { comeBack, struck } = first;
  const isOperator = fault === 'operator killed';
  const when = MOMENTS[isOperator ? 'operator' : 'host'][moment];
  let meanwhile: Promise<unknown> = Promise.resolve();
  if (when === 'after writes') {
    await writer.servesWithin(3000);
    await sleep(2000);
  }
  if (struck && when === 'one host reboots') await reboot([host]);
  if (struck && when === 'all reboot') await reboot(world.lab.hosts);
  if (struck && (when === 'reboot in the rerun' || when === 'during the rerun')) {
    meanwhile = sleep(1500).then(() => (isOperator ? reboot([host]) : comeBack()));
  } else await comeBack();

  for (const command of story.repeated) {
    if (await isComplete(world, operation, first)) continue;
    for (let turn = 1; ; turn += 1) {
      const ended = await (await startOperator(command)).ended;
      heard.push(`$ ${command.join(' ')}\n${ended.stdout}${ended.stderr}exit ${ended.exitCode}`);
      await meanwhile;
      if (/\n\s+at /.test(ended.stderr)) return 'a stack trace';
      if (ended.exitCode === 0) break;
      if (command.includes('--undo') && /nothing to undo/.test(ended.stderr)) break;
      if (turn === TRIES) return `not done after ${TRIES} tries: ${ended.stderr.slice(0, 300)}`;
      await sleep(3000);
    }
  }
  return undefined;
}

/** Whether a restore has come to its end: typed again it would be another one, and give up what was written since. */
async function isComplete(
  world: World,
  operation: Draw['operation'],
  { ended, said, comeBack }: Struck,
): Promise<boolean> {
  if (operation !== 'restore-from' && operation !== 'restore-from-member') return false;
  if (ended?.exitCode === 0) return true;
  // What is taken back is cleaned up too.
  const isForward = /^compare with the snapshot$/m.test(said) && !/^put the former/m.test(said);
  if (!isForward || !/^clean up/m.test(said)) return false;
  await comeBack();
  return (await leftovers(world)).length === 0;
}

/** What is not as it must be in the end. */
async function judge(
  world: World,
  { operation }: Draw,
  writer: RoundWriter,
  prefix: string,
  former: string,
): Promise<readonly string[]> {
  const speaks = await spoken(world);
  if (speaks === undefined) return ['not every member answers in the end'];
  const isSwitch = operation === 'migrate-live' || operation === 'migrate-snapshot';
  const wanted = isSwitch === (world.protocol === speaks) ? [`it speaks ${speaks}`] : [];
  world.protocol = speaks;
  const isServed = await writer.servesWithin(15_000);
  await writer.stop();
  const final = writer.acknowledged.at(-1)?.cluster ?? '';
  const counts = (cluster: string) => {
    // A restore gives up what was written after the snapshot, and undoing it what was written since.
    if (operation === 'restore-from') return cluster !== former || final === former;
    if (operation === 'restore-undo') return cluster === final;
    return true;
  };
  const due = writer.acknowledged.filter(({ cluster }) => counts(cluster));
  const members = await Promise.all(
    world.cluster.endpoints(speaks).map((endpoint) => keysWith(endpoint, prefix)),
  );
  const lost = due.filter(({ key }) => members.some((keys) => !keys.has(key)));
  const left = await leftovers(world);
  return [
    ...wanted,
    ...(isServed ? [] : ['clients are not served in the end']),
    ...(lost.length > 0
      ? [
          `${lost.length} acknowledged writes are lost, ${lost[0]?.key} to ${lost.at(-1)?.key} (taken by ${[...new Set(lost.map(({ cluster }) => cluster))].join(', ')}; former ${former}, final ${final})`,
        ]
      : []),
    ...left.map((one) => `left: ${one}`),
  ];
}
