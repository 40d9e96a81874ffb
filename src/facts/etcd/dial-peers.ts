import { randomBytes } from 'node:crypto';
import { PassThrough, Writable } from 'node:stream';
import type { Host } from '../../host/host.ts';
import { lastWords } from '../../host/printable.ts';
import { lines, sh } from '../../shell/command.ts';

const CONNECT_SECONDS = 4;
const TRIES = 3;
const LISTEN_SECONDS = 30;

/** How a TCP connection went; `no name` where the host does not know the address it was told to dial. */
export type DialOutcome = 'reached' | 'refused' | 'no answer' | 'no route' | 'no name' | 'unknown';

/** One host's attempt to reach another member's peer port. */
export interface Dial {
  readonly to: string;
  readonly address: string;
  readonly outcome: DialOutcome;
  /** Whether who answered was that member's host, as far as that could be told. */
  readonly isRight: boolean;
  /** Milliseconds to connect, the best of three; unknown with an old bash. */
  readonly milliseconds: number | undefined;
  readonly complaint: string;
}

/** A member whose peer port is dialled. */
export interface Dialled {
  readonly name: string;
  readonly peerUrl: string;
  /** `10.0.0.1:2380`: where it listens, on its own host. */
  readonly listen: string;
}

interface Reached {
  readonly member: Dialled;
  readonly host: Host;
}

/**
 * Dials every member's peer port from the host of every other member that can be reached. Where no etcd listens yet, a listener of systemd's
 * answers in its place for as long as this takes, with a word nobody else can know.
 */
export async function dialPeers(
  members: readonly Dialled[],
  reached: readonly Reached[],
  isListening: (name: string) => boolean,
  tries = TRIES,
): Promise<ReadonlyMap<string, readonly Dial[]>> {
  const stand = await Promise.all(
    reached
      .filter(({ member }) => !isListening(member.name))
      .map(async ({ member, host }) => [member.name, await standIn(host, member)] as const),
  );
  const words = new Map(stand.map(([name, { word }]) => [name, word]));
  try {
    const dials = reached.map(async ({ member, host }) => {
      const others = members.filter(({ name }) => name !== member.name);
      return [member.name, await dialAll(host, others, words, tries)] as const;
    });
    return new Map(await Promise.all(dials));
  } finally {
    await Promise.all(stand.map(([, { end }]) => end()));
  }
}

/** Dials a member's client port from its own host, at its client URL. */
export async function dialOwnClientPort(
  host: Host,
  { name, clientUrl }: { readonly name: string; readonly clientUrl: string },
): Promise<readonly Dial[]> {
  return await dialAll(host, [{ name, peerUrl: clientUrl, listen: '' }], new Map());
}

interface StandIn {
  /** What it says to who connects; nothing when it could not be started. */
  readonly word: string | undefined;
  readonly end: () => Promise<void>;
}

/** Listens on the member's own peer address until told to end. */
async function standIn(host: Host, { listen }: Dialled): Promise<StandIn> {
  const word = randomBytes(8).toString('hex');
  const input = new PassThrough();
  const started = new AbortController();
  const output = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      if (chunk.includes('Listening on')) started.abort();
      done();
    },
  });
  const ended = host.run(
    sh`timeout ${LISTEN_SECONDS} systemd-socket-activate --accept --inetd --listen=${listen} echo ${word} 2>&1 &
cat > /dev/null
kill $!
wait`,
    { input, output, lasting: true },
  );
  const isUp = await Promise.race([
    new Promise<boolean>((resolve) => {
      started.signal.addEventListener('abort', () => resolve(true));
      setTimeout(() => resolve(false), CONNECT_SECONDS * 1000).unref();
    }),
    // No systemd-socket-activate, or not an address of that host: the dials then tell.
    ended.then(
      () => false,
      () => false,
    ),
  ]);
  return {
    word: isUp ? word : undefined,
    end: async () => {
      input.end();
      await ended.catch(() => {
        // A host that went away meanwhile listens no longer.
      });
    },
  };
}

async function dialAll(
  host: Host,
  targets: readonly Dialled[],
  words: ReadonlyMap<string, string | undefined>,
  tries = TRIES,
): Promise<readonly Dial[]> {
  const questions = targets.map(({ name, peerUrl }) => {
    const { hostname, port } = new URL(peerUrl);
    const address = hostname.replace(/^\[|\]$/g, '');
    // bash connects by itself, so what is measured is the network and not a program that starts.
    return sh`( timeout ${CONNECT_SECONDS} bash -c 'for try in $(seq "$3"); do
  before=$EPOCHREALTIME
  exec 3<> "/dev/tcp/$0/$1" || exit 1
  after=$EPOCHREALTIME
  word=; [ "$2" = none ] || read -r -t 2 -u 3 word
  exec 3>&-
  echo "reached $before $after $word"
done' ${address} ${port} ${words.get(name) ?? 'none'} ${tries} 2>&1; echo "ended $?" ) | sed ${`s/^/${name} /`} &`;
  });
  const { stdout } = await host.run(lines([...questions, sh`wait`]));
  return targets.map((member) => readDial(member, stdout, words.get(member.name)));
}

function readDial({ name, peerUrl }: Dialled, stdout: string, word: string | undefined): Dial {
  const own = stdout
    .split('\n')
    .filter((line) => line.startsWith(`${name} `))
    .map((line) => line.slice(name.length + 1));
  const answers = own.filter((line) => line.startsWith('reached ')).map((line) => line.split(' '));
  const times = answers.map(([, before, after]) => (Number(after) - Number(before)) * 1000);
  const best = Math.min(...times);
  const timedOut = own.includes('ended 124');
  const said = own.filter((line) => !/^(reached|ended) /.test(line)).join('\n');
  return {
    to: name,
    address: new URL(peerUrl).host,
    outcome: answers.length > 0 ? 'reached' : timedOut ? 'no answer' : howFailed(said),
    isRight: word === undefined || answers.every(([, , , said]) => said === word),
    milliseconds: Number.isFinite(best) && best > 0 ? best : undefined,
    complaint: timedOut
      ? `no answer within ${CONNECT_SECONDS} s`
      : lastWords(said).replace(/^.*: /, ''),
  };
}

/** What a program on a host (bash, sshd) says of a connection that it could not make, in the C locale. */
export function howFailed(said: string): Exclude<DialOutcome, 'reached'> {
  if (/refused/i.test(said)) return 'refused';
  if (/no route|unreachable/i.test(said)) return 'no route';
  if (/timed out/i.test(said)) return 'no answer';
  if (/name or service not known|name resolution|no address associated/i.test(said))
    return 'no name';
  return 'unknown';
}
