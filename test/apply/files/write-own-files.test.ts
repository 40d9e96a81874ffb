import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { writeOwnFiles } from '../../../src/apply/files/write-own-files.ts';
import { shelter } from '../../lock/shelter.ts';

const OURS = '# provision: cluster shop, member r1\nETCD_NAME="r1"\n';
const FORMER = '# provision: cluster shop, member r1\nETCD_NAME="former"\n';
const THEIRS = '# provision: cluster events, member e1\nETCD_NAME="e1"\n';
const NOBODYS = 'ETCD_NAME="by hand"\n';
const REFUSED = 'somebody else has written it since it was looked at';

/** A run that saw `before` writes its file, although `there` is in its place by then. */
const writes = test.macro(
  async (t, there: string | undefined, before: string | undefined, isWritten: boolean) => {
    const { host, directory } = shelter('r1');
    const path = join(directory, 'etcd.conf');
    if (there !== undefined) await writeFile(path, there);
    const owner = `${process.getuid?.()}:${process.getgid?.()}`;
    const file = { path, content: OURS, mode: 0o644, owner };
    const writing = writeOwnFiles(host, [{ file, before, because: 'it differs' }]);
    if (isWritten) await t.notThrowsAsync(writing);
    else t.true((await t.throwsAsync(writing))?.message.includes(REFUSED));
    t.is(await readFile(path, 'utf8'), isWritten ? OURS : (there ?? ''));
  },
);

test('writeOwnFiles() writes a file that is not there', writes, undefined, undefined, true);
test('writeOwnFiles() writes over a file of its cluster', writes, FORMER, FORMER, true);
test(
  'writeOwnFiles() writes over one that the same run has written',
  writes,
  OURS,
  undefined,
  true,
);
test('writeOwnFiles() writes over a damaged file that was seen', writes, NOBODYS, NOBODYS, true);
test(
  'writeOwnFiles() leaves a file that another cluster made since',
  writes,
  THEIRS,
  undefined,
  false,
);
test(
  'writeOwnFiles() leaves a file that another cluster took since',
  writes,
  THEIRS,
  FORMER,
  false,
);
test('writeOwnFiles() leaves a file that somebody made since', writes, NOBODYS, undefined, false);
