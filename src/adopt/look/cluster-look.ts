import { ZodError } from 'zod';
import {
  type EndpointStatus,
  type MemberList,
  readEndpointStatus,
  readMemberList,
} from '../../etcd/answers.ts';
import { complaint } from '../../etcd/complaint.ts';
import { isDenied } from '../../etcd/denied.ts';
import { etcdctl } from '../../etcd/etcdctl.ts';
import type { Fact } from '../../facts/fact.ts';
import { type Command, lines, sh } from '../../shell/command.ts';
import { decoded } from './host-look.ts';
import type { Way } from './ways.ts';

/** What a member says of itself and its cluster. */
export interface ClusterLook {
  /** By which of the ways it was asked; undefined where none worked. */
  readonly way: number | undefined;
  readonly members: MemberList | undefined;
  readonly status: EndpointStatus | undefined;
  /** Whether a linearizable read succeeds; undefined where that cannot be told, as under authentication. */
  readonly healthy: boolean | undefined;
  /** Its alarms, as etcdctl prints them. */
  readonly alarms: readonly string[];
  readonly auth: 'on' | 'off' | undefined;
  /** What was said where nothing was answered. */
  readonly complaint: string | undefined;
}

/** What to ask with, on the host. */
export interface Tool {
  readonly etcdctl: string;
}

/** Asks a member through its host's own etcdctl, by the first way that is answered; the files of the host stay there. */
export const clusterLook = (tool: Tool, ways: readonly Way[]): Fact<ClusterLook> => {
  const ask = (way: Way, ...words: readonly string[]) => asked(tool, way, words);
  return {
    ask: lines([
      sh`b() { base64 -w 0; }
say() { printf '%s|%s|%s\\n' "$1" "$2" "$(printf %s "$3" | b)"; }`,
      ...ways.map(
        (way, index) => sh`[ -n "$way" ] || {
  if said=$(${ask(way, 'member', 'list', '-w', 'json')} 2>&1); then
    way=${index}
    say members 0 "$said"
    said=$(${ask(way, 'endpoint', 'status', '-w', 'json')} 2>/dev/null); say status $? "$said"
    said=$(${ask(way, 'endpoint', 'health')} 2>&1); say health $? "$said"
    said=$(${ask(way, 'alarm', 'list')} 2>/dev/null); say alarms $? "$said"
    said=$(${ask(way, 'auth', 'status')} 2>&1); say auth $? "$said"
    said=$(${ask(way, 'user', 'list')} 2>&1); say users $? "$said"
    say way $way ''
  else say refused ${index} "$said"; fi
}`,
      ),
      sh`true`,
    ]),
    read: ({ stdout }) => readClusterLook(stdout),
  };
};

function asked({ etcdctl: path }: Tool, way: Way, words: readonly string[]): Command {
  const binDirectory = path.slice(0, path.lastIndexOf('/'));
  const flags = [
    ...(way.ca === undefined ? [] : [`--cacert=${way.ca}`]),
    ...(way.pair === undefined ? [] : [`--cert=${way.pair.certificate}`, `--key=${way.pair.key}`]),
    ...(way.unverified ? ['--insecure-skip-tls-verify'] : []),
  ];
  return etcdctl({ binDirectory, endpoints: [way.endpoint], tls: undefined }, [...flags, ...words]);
}

/** What a host said of its member. */
export function readClusterLook(stdout: string): ClusterLook {
  const rows = stdout.split('\n').map((line) => line.split('|'));
  const of = (kind: string) => {
    const [, code = '', text = ''] = rows.find(([first]) => first === kind) ?? [];
    return code === '' ? undefined : { code: Number(code), text: decoded(text) };
  };
  const members = of('members');
  const status = of('status');
  const health = of('health');
  const refused = rows.filter(([kind]) => kind === 'refused').map((row) => decoded(row[2] ?? ''));
  return {
    way: of('way')?.code,
    members: members && orNothing(() => readMemberList(answerIn(members.text))),
    status: status && orNothing(() => readEndpointStatus(status.text)[0]),
    healthy: health === undefined || isDenied(health.text) ? undefined : health.code === 0,
    alarms: (of('alarms')?.text ?? '')
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line.includes('alarm:')),
    auth: authOf(of('auth'), of('users')),
    complaint: refused.length === 0 ? undefined : complaint(refused.at(-1) ?? ''),
  };
}

// From 3.6 on etcdctl warns of ETCDCTL_API, which 3.3 needs.
function answerIn(text: string): string {
  return text.split('\n').findLast((line) => line.startsWith('{"header":')) ?? text;
}

interface Said {
  readonly code: number;
  readonly text: string;
}

// `auth status` came with 3.5; before, listing users is denied where authentication is on.
function authOf(auth: Said | undefined, users: Said | undefined): ClusterLook['auth'] {
  if (auth?.code === 0 && /Authentication Status: true/.test(auth.text)) return 'on';
  if (auth?.code === 0 && /Authentication Status: false/.test(auth.text)) return 'off';
  if (users === undefined) return undefined;
  if (users.code === 0) return 'off';
  return isDenied(users.text) ? 'on' : undefined;
}

function orNothing<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    // What answered is no etcd, or says it in another form.
    if (error instanceof SyntaxError || error instanceof ZodError) return undefined;
    throw error;
  }
}
