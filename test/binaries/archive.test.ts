import {
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { unpack } from '../../src/binaries/archive.ts';
import { Failure } from '../../src/failure/failure.ts';
import { releaseTree, sha256, tar, temporary } from './sample.ts';

test('unpack() takes the programs out of a release archive, and nothing else', async (t) => {
  const directory = temporary(t);
  const top = releaseTree(directory, '3.5.30', ['etcd', 'etcdctl', 'etcdutl']);
  const archive = tar(join(directory, 'a.tar.gz'), '-C', directory, 'etcd-v3.5.30-linux-amd64');
  const out = join(directory, 'out');
  mkdirSync(out);
  await unpack(archive, '3.5.30', out);

  t.deepEqual(readdirSync(out), ['SHA256SUMS', 'etcd', 'etcdctl', 'etcdutl']);
  for (const name of ['etcd', 'etcdctl', 'etcdutl']) {
    t.deepEqual(readFileSync(join(out, name)), readFileSync(join(top, name)));
    t.is(statSync(join(out, name)).mode & 0o777, 0o755);
  }
  t.is(
    readFileSync(join(out, 'SHA256SUMS'), 'utf8'),
    ['etcd', 'etcdctl', 'etcdutl'].map((name) => `${sha256(join(top, name))}  ${name}\n`).join(''),
  );
});

test('unpack() takes programs at the top of an archive', async (t) => {
  const directory = temporary(t);
  const top = releaseTree(directory, '3.4.23', ['etcd', 'etcdctl']);
  const archive = tar(join(directory, 'a.tar.gz'), '-C', top, '.');
  const out = join(directory, 'out');
  mkdirSync(out);
  await unpack(archive, '3.4.23', out);
  t.deepEqual(readdirSync(out), ['SHA256SUMS', 'etcd', 'etcdctl']);
});

const refuses = test.macro({
  title: (_, what: string) => `unpack() refuses ${what}`,
  async exec(t, _what: string, make: (directory: string) => string, expected: string) {
    const directory = temporary(t);
    const archive = make(directory);
    const out = join(directory, 'out');
    mkdirSync(out);
    const failure = await t.throwsAsync(unpack(archive, '3.5.30', out), { instanceOf: Failure });
    t.is(failure.message, `${archive} ${expected}`);
    t.is(failure.reason, 'usage');
    t.true(failure.next !== undefined);
  },
});

const packed = (directory: string) =>
  tar(join(directory, 'a.tar.gz'), '-C', directory, 'etcd-v3.5.30-linux-amd64');

test(
  refuses,
  'a release of 3.5 without etcdutl',
  (directory) => {
    releaseTree(directory, '3.5.30', ['etcd', 'etcdctl']);
    return packed(directory);
  },
  'holds no etcdutl, which etcd 3.5.30 consists of',
);
test(
  refuses,
  'an archive with nothing of etcd in it',
  (directory) => {
    releaseTree(directory, '3.5.30', []);
    return packed(directory);
  },
  'holds no etcd, etcdctl, etcdutl, which etcd 3.5.30 consists of',
);
test(
  refuses,
  'another version than the inventory says',
  (directory) => {
    releaseTree(directory, '3.5.16', ['etcd', 'etcdctl', 'etcdutl']);
    return tar(join(directory, 'a.tar.gz'), '-C', directory, 'etcd-v3.5.16-linux-amd64');
  },
  'holds etcd 3.5.16, and the inventory says 3.5.30',
);
test(
  refuses,
  'an entry that climbs out',
  (directory) => {
    releaseTree(directory, '3.5.30', ['etcd', 'etcdctl', 'etcdutl']);
    const archive = join(directory, 'a.tar.gz');
    return tar(
      archive,
      '-P',
      '-C',
      directory,
      '--transform=s,.*/etcd$,x/../../etcd,',
      'etcd-v3.5.30-linux-amd64/etcd',
    );
  },
  'holds "x/../../etcd", a path that leaves the archive',
);
test(
  refuses,
  'an absolute entry',
  (directory) => {
    const top = releaseTree(directory, '3.5.30', ['etcd']);
    return tar(join(directory, 'a.tar.gz'), '-P', `--transform=s,${top},/opt,`, join(top, 'etcd'));
  },
  'holds "/opt/etcd", a path that leaves the archive',
);
test(
  refuses,
  'a program that is a link',
  (directory) => {
    const top = releaseTree(directory, '3.5.30', []);
    symlinkSync('/etc/passwd', join(top, 'etcd'));
    return packed(directory);
  },
  'holds etcd-v3.5.30-linux-amd64/etcd as a symlink, not as a file',
);
test(
  refuses,
  'a program that is there twice',
  (directory) => {
    const top = releaseTree(directory, '3.5.30', ['etcd']);
    return tar(
      join(directory, 'a.tar.gz'),
      '--hard-dereference',
      '-C',
      top,
      'etcd',
      '-C',
      directory,
      'etcd-v3.5.30-linux-amd64/etcd',
    );
  },
  'holds etcd twice',
);
test(
  refuses,
  'what is no archive',
  (directory) => {
    writeFileSync(join(directory, 'a.tar.gz'), '<html>please log in</html>');
    return join(directory, 'a.tar.gz');
  },
  'cannot be read as a .tar.gz archive (Z_DATA_ERROR)',
);
test(
  refuses,
  'an archive that was cut short',
  (directory) => {
    releaseTree(directory, '3.5.30', ['etcd', 'etcdctl', 'etcdutl']);
    const archive = packed(directory);
    truncateSync(archive, 5000);
    return archive;
  },
  'cannot be read as a .tar.gz archive (Z_BUF_ERROR)',
);
