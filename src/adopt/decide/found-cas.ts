import { Failure } from '../../failure/failure.ts';
import { inspectBundle } from '../../pki/verify/inspect.ts';
import type { Problem } from '../../problem/problem.ts';
import { INVENTORY, provision, remedy } from '../../problem/remedy.ts';
import type { AdoptedCluster, AdoptedMember } from './adoption.ts';
import { nameOf } from './name-of.ts';
import { byValue, note, spoken } from './note.ts';

/** A CA that members trust, as it lies on their hosts. */
export interface FoundCa {
  readonly pem: string;
  readonly path: string;
  readonly host: string;
}

/** The CAs that members trust. */
export interface FoundCas {
  readonly client: FoundCa | undefined;
  readonly peer: FoundCa | undefined;
  /** Whether peers trust the CA of clients; undefined where they trust none. */
  readonly peerCa: 'shared' | 'separate' | undefined;
  readonly problems: readonly Problem[];
}

/** The CAs that the members of a cluster trust at their ports; where they trust different ones, an inventory has no word for it. */
export function foundCas({ members }: AdoptedCluster): FoundCas {
  const problems: Problem[] = [];
  const client = ofFlags(members, ['trusted-ca-file', 'ca-file'], 'clients', problems);
  const peer = ofFlags(members, ['peer-trusted-ca-file', 'peer-ca-file'], 'peers', problems);
  const peerCa =
    peer === undefined
      ? undefined
      : client === undefined || marks(client.pem) === marks(peer.pem)
        ? 'shared'
        : 'separate';
  // Where clients are asked for nothing, the CA of the peers is the one that has signed for both.
  return { client: client ?? peer, peer, peerCa, problems };
}

function ofFlags(
  members: readonly AdoptedMember[],
  flags: readonly string[],
  whom: string,
  problems: Problem[],
): FoundCa | undefined {
  const found = members.flatMap(({ listed, found: one }) => {
    const settings = one?.etcd.running?.settings ?? one?.etcd.filed?.settings;
    const path = flags.map((flag) => settings?.get(flag)?.value).find(Boolean);
    const pem = path === undefined ? undefined : one?.etcd.look.certificates.get(path);
    if (one === undefined || path === undefined || pem === undefined) return [];
    return [{ name: nameOf({ listed }), host: one.host, path, pem }];
  });
  const values = byValue(
    found,
    ({ pem }) => marks(pem),
    ({ name }) => name,
  );
  if (values.size > 1) {
    const named = new Map([...values].map(([mark, names]) => [mark.slice(0, 12), names]));
    problems.push(
      note(
        'CAs differ',
        found.map(({ name }) => name),
        `what members trust for ${whom} differs: ${spoken(named)}`,
        {
          severity: 'fail',
          next: [remedy`give all members the same file of CAs, one after another`],
        },
      ),
    );
  }
  return found[0];
}

/** What tells one bundle from another: its certificates, whatever their order. */
function marks(pem: string): string {
  return facts(pem)
    .map(({ fingerprint256 }) => fingerprint256)
    .sort()
    .join();
}

/** What the certificates of a bundle say; none of one that cannot be read. */
export function facts(pem: string): ReturnType<typeof inspectBundle> {
  try {
    return inspectBundle(pem);
  } catch (error) {
    if (error instanceof Failure) return [];
    throw error;
  }
}

/** What is told where the key of a CA was not brought: where it may lie, and what cannot be done without it. */
export function withoutKey(
  { members }: AdoptedCluster,
  ca: FoundCa | undefined,
  again: readonly string[],
): readonly Problem[] {
  if (ca === undefined) return [];
  const places = members.flatMap(({ found }) =>
    found === undefined
      ? []
      : found.etcd.look.keysBeside
          .filter((path) =>
            /(^|[^a-z])(root-?)?ca([^a-z]|$)/i.test(path.slice(path.lastIndexOf('/') + 1)),
          )
          .map((path) => `${found.host}:${path}`),
  );
  const [first] = places;
  return [
    note(
      'no CA key',
      [],
      `the key of the CA ${ca.path} was not brought: nothing can be issued or renewed; members keep the certificates that they have`,
      {
        severity: 'warn',
        next: [
          first === undefined
            ? remedy`bring it: ${provision('adopt', ...again, '--ca-key', 'FILE')}`
            : remedy`it may lie at ${first}: ${provision('adopt', ...again, '--ca-key-from', first)}`,
          remedy`after up, have a CA of provision's own sign instead: ${provision('certs', 'rotate-ca', INVENTORY)}`,
        ],
      },
    ),
  ];
}
