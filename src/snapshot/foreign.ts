/** First bytes of files that people take for snapshots, in hexadecimal, what they are, and how the snapshot comes out. */
const KINDS: readonly (readonly [start: string, what: string, unpack: string | undefined])[] = [
  ['1f8b', 'gzip', 'gunzip'],
  ['504b0304', 'a zip archive', 'unzip'],
  ['504b0506', 'an empty zip archive', undefined],
  ['fd377a585a00', 'xz', 'unxz'],
  ['425a68', 'bzip2', 'bunzip2'],
  ['28b52ffd', 'zstd', 'unzstd'],
  ['04224d18', 'lz4', 'unlz4'],
  ['5d00008000', 'lzma', 'unlzma'],
  ['377abcaf271c', 'a 7z archive', '7z x'],
  ['526172211a07', 'a rar archive', 'unrar x'],
  ['53616c7465645f5f', 'encrypted by openssl enc', 'openssl enc -d'],
  ['2d2d2d2d2d424547494e20414745', 'encrypted by age, as text', 'age --decrypt'],
  ['2d2d2d2d2d424547494e20504750', 'encrypted by gpg', 'gpg --decrypt'],
  ['8c0d04', 'encrypted by gpg', 'gpg --decrypt'],
  ['53514c69746520666f726d6174', 'a database of SQLite', undefined],
  ['7f454c46', 'a program', undefined],
  ['2d2d2d2d2d424547494e20', 'PEM text', undefined],
  // "version https://git-lfs"
  [
    '76657273696f6e2068747470733a2f2f6769742d6c6673',
    'a pointer of Git LFS (git lfs pull fetches the file)',
    undefined,
  ],
  ['efbbbf', 'text', undefined],
];

/** How many bytes `foreignKind` wants to see. */
export const HEAD_BYTES = 8192;

/** bbolt's magic, behind the header of each of its first two pages (go.etcd.io/bbolt, db.go). */
const MAGIC = Buffer.from('edda0ced', 'hex');
const PAGE_HEADER = 16;
const PAGES = [0, 4096];

/** What a file is by its first bytes, where that is surely not a snapshot: as the end of "it is", with the way out. */
export function foreignKind(
  head: Buffer,
): { readonly what: string; readonly unpack: string | undefined } | undefined {
  if (isDatabase(head)) return undefined;
  const found = KINDS.find(
    ([start]) => head.subarray(0, start.length / 2).toString('hex') === start,
  );
  if (found !== undefined) return { what: found[1], unpack: found[2] };
  if (head.subarray(257, 262).toString('latin1') === 'ustar')
    return { what: 'a tar archive', unpack: 'tar xf' };
  const text = head.subarray(0, 512).toString('latin1').trimStart();
  if (/^<(!doctype|html|\?xml|head|body)/i.test(text))
    return { what: 'a web page, such as a login or an error', unpack: undefined };
  if (/^[[{]\s*["\]}]/.test(text)) return { what: 'JSON', unpack: undefined };
  return undefined;
}

/** Whether the first bytes are those of a database of etcd. */
export function isDatabase(head: Buffer): boolean {
  return PAGES.some((page) =>
    head.subarray(page + PAGE_HEADER, page + PAGE_HEADER + MAGIC.length).equals(MAGIC),
  );
}
