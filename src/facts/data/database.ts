import { type EtcdMember, readPeerMembers } from '../../etcd/answers.ts';
import {
  type BoltMeta,
  type Bucket,
  bucketIn,
  consistentIndex,
  isPage,
  META_BYTES,
  META_OFFSETS,
  pairsIn,
  readMeta,
} from '../../etcd/bolt.ts';
import type { Host } from '../../host/host.ts';
import { type Command, lines, sh } from '../../shell/command.ts';
import { askAll, properties } from '../fact.ts';

/** The database of a member that does not run, and what its newest snapshot of the log needs of it. */
export interface DatabaseFact {
  /** bytes; undefined where there is no file. */
  readonly size: number | undefined;
  /** Undefined where none can be read. */
  readonly meta: BoltMeta | undefined;
  /** The last entry it holds; undefined where that could not be read. */
  readonly index: number | undefined;
  /** The members of the cluster as it holds them; undefined where they could not be read. */
  readonly members?: readonly EtcdMember[] | undefined;
  /** Ids of members that it knows to be removed. */
  readonly removed?: readonly string[];
  /** The newest snapshot of the log that has no database of its own beside it. */
  readonly snapshot: { readonly name: string; readonly index: number } | undefined;
}

/** Looks at a database that nobody has open, in two or three round trips. Changes nothing. Throws when the host cannot be asked. */
export async function askDatabase(host: Host, data: string): Promise<DatabaseFact> {
  const directory = `${data}/member/snap`;
  const { seen } = await askAll(host, {
    seen: { ask: question(directory), read: ({ stdout }) => readDatabase(stdout) },
  });
  const { meta } = seen;
  if (meta === undefined) return { ...seen, index: undefined };
  const root = await askPage(host, directory, meta.pageSize, meta.root);
  const [members, removed] = await Promise.all(
    ['members', 'members_removed'].map((name) =>
      leafOf(host, directory, meta.pageSize, bucketIn(root, meta.root, name)),
    ),
  );
  return {
    ...seen,
    index: consistentIndex(root, meta.root),
    members: members && membersIn(members),
    removed: removed === undefined ? [] : pairsIn(removed).map(([id]) => id.padStart(16, '0')),
  };
}

async function askPage(host: Host, directory: string, size: number, page: number): Promise<Buffer> {
  const { bytes } = await askAll(host, {
    bytes: {
      ask: sh`dd if=${directory}/db bs=${size} skip=${page} count=1 | base64 -w 0`,
      read: ({ stdout }) => Buffer.from(stdout, 'base64'),
    },
  });
  return bytes;
}

/** More than about five members have a page of their own. */
async function leafOf(
  host: Host,
  directory: string,
  size: number,
  bucket: Bucket | undefined,
): Promise<Buffer | undefined> {
  if (bucket === undefined) return undefined;
  if (bucket.kind === 'here') return bucket.leaf;
  const page = await askPage(host, directory, size, bucket.page);
  return isPage(page, bucket.page) ? page : undefined;
}

/** The members in the bucket that etcd keeps them in, as JSON by their ids (server/etcdserver/api/membership). */
export function membersIn(leaf: Buffer): readonly EtcdMember[] | undefined {
  const pairs = pairsIn(leaf);
  if (pairs.length === 0) return undefined;
  try {
    return readPeerMembers(`[${pairs.map(([, value]) => value.toString()).join(',')}]`);
  } catch (error) {
    // Half of a damaged page is not a list.
    if (error instanceof Error) return undefined;
    throw error;
  }
}

function question(directory: string): Command {
  return lines([
    sh`cd ${directory} || exit 0
for one in *.snap; do
  index=$(printf %s "$one" | sed -n 's/^[0-9a-f]*-\\([0-9a-f]*\\)\\.snap$/\\1/p')
  [ -z "$index" ] || [ -e "$index.snap.db" ] || echo "snapshot=$one"
done
[ -f db ] || exit 0
stat -L -c size=%s db`,
    ...META_OFFSETS.map(
      (offset) =>
        sh`echo "head.${offset}=$(tail -c +${offset + 1} db | head -c ${META_BYTES} | base64 -w 0)"`,
    ),
  ]);
}

/** Reads the answer to the first question. */
function readDatabase(stdout: string): Omit<DatabaseFact, 'index'> {
  const found = properties(stdout);
  const name = found.get('snapshot');
  const size = found.get('size');
  return {
    size: size === undefined ? undefined : Number(size),
    meta: readMeta(
      META_OFFSETS.map((offset) => Buffer.from(found.get(`head.${offset}`) ?? '', 'base64')),
    ),
    snapshot: name === undefined ? undefined : { name, index: indexOf(name) },
  };
}

// 0000000000000006-000000000000008d.snap: term and index
function indexOf(name: string): number {
  return Number.parseInt(name.slice(name.indexOf('-') + 1), 16);
}
