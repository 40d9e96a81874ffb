/** How a database is laid out, by the newer of its two meta pages that are whole (bbolt page.go, db.go). */
export interface BoltMeta {
  readonly pageSize: number;
  /** Page of the root bucket. */
  readonly root: number;
  /** Pages the file must have at least. */
  readonly pages: number;
}

/** Where the second meta page may be: at the size of a page, which is that of the machine that made the file. */
export const META_OFFSETS: readonly number[] = [0, 4096, 8192, 16384, 32768, 65536];
/** Bytes from the beginning of a meta page that say all of it. */
export const META_BYTES = 80;

const PAGE_HEADER = 16;
const MAGIC = 0xed0cdaed;
const VERSION = 2;
const CHECKED = 56;

/** The meta page that counts, from what stands at META_OFFSETS; nothing where none is whole, which bbolt refuses to open. */
export function readMeta(heads: readonly Buffer[]): BoltMeta | undefined {
  const metas = heads.flatMap((head, index) => {
    const offset = META_OFFSETS[index] ?? 0;
    const meta = head.subarray(PAGE_HEADER);
    if (head.length < META_BYTES) return [];
    if (meta.readUInt32LE(0) !== MAGIC || meta.readUInt32LE(4) !== VERSION) return [];
    if (meta.readBigUInt64LE(CHECKED) !== fnv(meta.subarray(0, CHECKED))) return [];
    const pageSize = meta.readUInt32LE(8);
    if (offset !== 0 && offset !== pageSize) return [];
    const number = (at: number) => Number(meta.readBigUInt64LE(at));
    return [{ pageSize, root: number(16), pages: number(40), transaction: number(48) }];
  });
  const [newest] = metas.toSorted((one, other) => other.transaction - one.transaction);
  return newest && { pageSize: newest.pageSize, root: newest.root, pages: newest.pages };
}

// hash/fnv New64a
function fnv(bytes: Buffer): bigint {
  let hash = 0xcbf29ce484222325n;
  for (const byte of bytes) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  return hash;
}

const LEAF = 2;
const ELEMENT = 16;
const BUCKET_HEADER = 16;

/** Where a bucket is: small ones lie in the page of the bucket above, others name the page that they begin with. */
export type Bucket =
  | { readonly kind: 'here'; readonly leaf: Buffer }
  | { readonly kind: 'page'; readonly page: number };

/** A bucket named in a page; undefined where it is not there, or where this is another page. */
export function bucketIn(page: Buffer, id: number, name: string): Bucket | undefined {
  if (!isPage(page, id)) return undefined;
  const bucket = pairsIn(page).find(([key]) => key === name)?.[1];
  if (bucket === undefined || bucket.length < BUCKET_HEADER) return undefined;
  const own = Number(bucket.readBigUInt64LE(0));
  return own === 0
    ? { kind: 'here', leaf: bucket.subarray(BUCKET_HEADER) }
    : { kind: 'page', page: own };
}

/** Whether a page was read whole enough to say that it is this one. */
export function isPage(page: Buffer, id: number): boolean {
  return page.length >= PAGE_HEADER && Number(page.readBigUInt64LE(0)) === id;
}

/**
 * The index of the last entry that a database holds, from its root page: etcd keeps it in the bucket `meta`, which is small
 * enough to lie in that page. Undefined where it does not, or where this is another page.
 */
export function consistentIndex(page: Buffer, id: number): number | undefined {
  const bucket = bucketIn(page, id, 'meta');
  if (bucket?.kind !== 'here') return undefined;
  const value = pairsIn(bucket.leaf).find(([key]) => key === 'consistent_index')?.[1];
  return value?.length === 8 ? Number(value.readBigUInt64BE(0)) : undefined;
}

/** The keys and values of a leaf; nothing where it is not a leaf, or is cut off. */
export function pairsIn(page: Buffer): readonly (readonly [string, Buffer])[] {
  if (page.length < PAGE_HEADER || (page.readUInt16LE(8) & LEAF) === 0) return [];
  const count = page.readUInt16LE(10);
  const pairs: (readonly [string, Buffer])[] = [];
  for (let index = 0; index < count; index++) {
    const at = PAGE_HEADER + index * ELEMENT;
    if (at + ELEMENT > page.length) return [];
    const start = at + page.readUInt32LE(at + 4);
    const middle = start + page.readUInt32LE(at + 8);
    const end = middle + page.readUInt32LE(at + 12);
    if (end > page.length) return [];
    pairs.push([page.toString('latin1', start, middle), page.subarray(middle, end)]);
  }
  return pairs;
}
