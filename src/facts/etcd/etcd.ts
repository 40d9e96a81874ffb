import { randomBytes } from 'node:crypto';
import {
  type EndpointStatus,
  type MemberList,
  readEndpointStatus,
  readMemberList,
} from '../../etcd/answers.ts';
import { complaint } from '../../etcd/complaint.ts';
import { isDenied } from '../../etcd/denied.ts';
import { type OwnEtcd, ownEtcdctl, ownEtcdctls } from '../../etcd/own-endpoint.ts';
import type { Host } from '../../host/host.ts';

const QUESTIONS = [
  ['endpoint', 'health'],
  ['member', 'list', '-w', 'json'],
  ['endpoint', 'status', '-w', 'json'],
] as const;

// From 3.4 on etcdctl looks for alarms after its read succeeded, and calls the member unhealthy for one of any member
// (etcdctl/ctlv3/command/ep_command.go). Alarms are in the status; here only the read counts.
const ALARMED = /is unhealthy: .*Active Alarm\(s\)/;

/** What env(1) says of a program that it cannot run; of etcd it says nothing. */
const NO_TOOL = /^env: .*etcdctl\W*: (.+)$/;

/** What a member says when it is asked through its own client endpoint. */
export interface EtcdFact {
  /** Whether a linearizable read through this endpoint succeeded. */
  readonly healthy: boolean;
  /** What etcdctl said instead, when it did not. */
  readonly complaint: string | undefined;
  readonly members: MemberList | undefined;
  readonly status: EndpointStatus | undefined;
  /** Authentication is on, and the client that asked has no user: without one it reads no keys. */
  readonly asksForUser?: boolean;
  /** Why etcdctl could not be run on its host, where that was tried. */
  readonly unasked?: string;
  /** The kinds of alarms that its /health names; only asked where its status is withheld. */
  readonly alarmKinds?: readonly string[];
}

/** Of a host where the unit has no process. */
export const NOT_RUNNING: EtcdFact = {
  healthy: false,
  complaint: 'no etcd process',
  members: undefined,
  status: undefined,
};

/**
 * Asks a member about itself: three questions side by side, since a member without quorum lets every one of them run into
 * its time limit. A host where the unit has no process is not asked.
 */
export async function askEtcd(host: Host, own: OwnEtcd): Promise<EtcdFact> {
  // A mark nobody can have named a member after.
  const mark = randomBytes(12).toString('hex');
  const command = ownEtcdctls(own, QUESTIONS, mark);
  const { exitCode, stdout, stderr } = await host.run(command, { deadline: 20 });
  const [status = '', statusEnd, members = '', membersEnd, health = '', healthEnd] = stdout.split(
    new RegExp(`\n${mark} (\\d+)\n`),
  );
  const isReadDenied = healthEnd !== '0' && isDenied(health);
  // A read without a user is denied after the quorum was asked (etcdserver/v3_server.go Range): to be denied is an answer.
  const hasRead = healthEnd === '0' || isReadDenied || ALARMED.test(health);
  const healthy = exitCode === 0 && hasRead;
  const told = statusEnd === '0' ? readEndpointStatus(status)[0] : undefined;
  const said = complaint(exitCode === 0 ? health : stderr + stdout);
  const [, unasked] = healthy ? [] : (NO_TOOL.exec(said) ?? []);
  // Over https etcdctl takes it for health that its read was denied.
  const isWithheld = healthy && told === undefined && (await isWithoutRoot(host, own));
  return {
    healthy,
    complaint: healthy ? undefined : said,
    members: membersEnd === '0' ? readMemberList(members) : undefined,
    status: told,
    ...((isReadDenied || isWithheld) && { asksForUser: true }),
    ...(unasked !== undefined && { unasked }),
  };
}

// Late patches tell their status to users with the role root only, as all do with the list of users.
async function isWithoutRoot(host: Host, own: OwnEtcd): Promise<boolean> {
  const { exitCode, stderr } = await host.run(ownEtcdctl(own, ['user', 'list']), { deadline: 20 });
  return exitCode !== 0 && isDenied(stderr);
}
