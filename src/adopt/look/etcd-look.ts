import { readWalOwner, type WalOwner } from '../../etcd/wal.ts';
import { LOG_HEAD } from '../../facts/data/log-head.ts';
import type { Fact } from '../../facts/fact.ts';
import { sh } from '../../shell/command.ts';
import { decoded } from './host-look.ts';

/** The places of one etcd on a host, as its process uses them. */
export interface EtcdPlaces {
  readonly data: string;
  readonly wal: string;
  /** Files of certificates, CAs and keys that its settings name. */
  readonly certificates: readonly string[];
  readonly keys: readonly string[];
}

/** What lies at the places of one etcd. */
export interface EtcdLook {
  readonly data: SeenDirectory | undefined;
  readonly wal: SeenDirectory | undefined;
  readonly log: WalOwner | undefined;
  /** The protocols of the peer URLs that its log begins with. */
  readonly firstProtocols: readonly string[];
  /** Nothing else lies in the directory around the log, which belongs to the owner of the log. */
  readonly isLogAlone: boolean;
  /** PEM of the certificates in each file that is there. */
  readonly certificates: ReadonlyMap<string, string>;
  /** Certificates that etcd has signed for itself, as `auto-tls` has it do. */
  readonly selfMade: ReadonlyMap<string, string>;
  readonly keys: ReadonlyMap<string, Omit<SeenDirectory, 'kilobytes'>>;
  /** Files beside the CAs that hold a private key and are none of `keys`. */
  readonly keysBeside: readonly string[];
}

export interface SeenDirectory {
  readonly mode: number;
  readonly owner: string;
  readonly group: string;
  readonly kilobytes: number;
}

/** Asks what lies at the places of an etcd: never what stands in a key. */
export const etcdLook = (places: EtcdPlaces): Fact<EtcdLook> => {
  const { data, wal, certificates, keys } = places;
  const directories = [
    ...new Set(certificates.map((one) => one.slice(0, one.lastIndexOf('/')))),
  ].filter((one) => one !== '');
  return {
    ask: sh`b() { base64 -w 0; }
for directory in ${[data, wal]}; do
  [ -d "$directory" ] || continue
  printf 'directory|%s|%s|%s\\n' "$(printf %s "$directory" | b)" "$(stat -L -c '%a|%U|%G' -- "$directory")" "$(du -sk -- "$directory" | b)"
done
around=${wal.slice(0, wal.lastIndexOf('/'))}
if [ -n "$around" ] && [ "$(stat -L -c %U "$around")" = "$(stat -L -c %U ${wal})" ] && [ -z "$(find "$around"/ -mindepth 1 -maxdepth 1 ! -path "$around"/${wal.slice(wal.lastIndexOf('/') + 1)} ! -name lost+found -print -quit)" ]; then echo 'alone|yes'; fi
for log in ${wal}/*.wal; do
  [ ! -f "$log" ] || printf 'log|%s\\n' "$(head -c ${LOG_HEAD} -- "$log" | b)"
  break
done
for path in ${certificates} ${data}/member/fixtures/peer/cert.pem ${data}/member/fixtures/client/cert.pem ${data}/fixtures/peer/cert.pem ${data}/fixtures/client/cert.pem; do
  [ ! -f "$path" ] || printf 'certificate|%s|%s\\n' "$(printf %s "$path" | b)" "$(head -c 262144 -- "$path" | sed -n '/-BEGIN [A-Z0-9 ]*CERTIFICATE-/,/-END [A-Z0-9 ]*CERTIFICATE-/p' | b)"
done
for path in ${keys}; do
  [ ! -f "$path" ] || printf 'key|%s|%s\\n' "$(printf %s "$path" | b)" "$(stat -L -c '%a|%U|%G' -- "$path")"
done
for path in $(for directory in ${directories}; do grep -lse 'PRIVATE KEY-' "$directory"/*; done); do printf 'beside|%s\\n' "$(printf %s "$path" | b)"; done
true`,
    read: ({ stdout }) => readEtcdLook(stdout, places),
  };
};

/** What a host said of the places of an etcd. */
export function readEtcdLook(stdout: string, places: EtcdPlaces): EtcdLook {
  const rows = stdout.split('\n').map((line) => line.split('|'));
  const of = (kind: string) => rows.filter(([first]) => first === kind).map(([, ...rest]) => rest);
  const rights = (mode = '', owner = '', group = '') => ({
    ...{ mode: Number.parseInt(mode, 8), owner, group },
  });
  const directory = (path: string): SeenDirectory | undefined => {
    const [, mode, owner, group, size = ''] = of('directory').find(
      ([one = '']) => decoded(one) === path,
    ) ?? [undefined];
    if (mode === undefined) return undefined;
    return { ...rights(mode, owner, group), kilobytes: Number.parseInt(decoded(size), 10) };
  };
  const pems = of('certificate').map(
    ([path = '', text = '']) => [decoded(path), decoded(text)] as const,
  );
  const isNamed = (path: string) => places.certificates.includes(path);
  const [log = ''] = of('log')[0] ?? [];
  const head = Buffer.from(log, 'base64');
  // A member that is added stands there as JSON (etcd server/etcdserver/api/membership, Member).
  const added = head.toString('latin1').matchAll(/"peerURLs":\["(https?):/g);
  return {
    data: directory(places.data),
    wal: directory(places.wal),
    isLogAlone: of('alone').length > 0,
    log: log === '' ? undefined : readWalOwner(head),
    firstProtocols: [...new Set([...added].flatMap(([, protocol = '']) => protocol))],
    certificates: new Map(pems.filter(([path]) => isNamed(path))),
    selfMade: new Map(pems.filter(([path]) => !isNamed(path))),
    keys: new Map(
      of('key').map(([path = '', mode, owner, group]) => [
        decoded(path),
        rights(mode, owner, group),
      ]),
    ),
    keysBeside: [
      ...new Set(
        of('beside')
          .map(([path = '']) => decoded(path))
          .filter((path) => !places.keys.includes(path)),
      ),
    ],
  };
}
