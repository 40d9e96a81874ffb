import { mkdir, mkdtemp, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { dataFact } from '../../src/facts/data/data.ts';
import { askAll, type Fact, properties } from '../../src/facts/fact.ts';
import { fileFact } from '../../src/facts/host/file.ts';
import { type Command, sh } from '../../src/shell/command.ts';
import { localHost } from '../host/local-host.ts';

const here = localHost('here');
const asked = (ask: Command): Fact<string> => ({
  ask,
  read: ({ exitCode, stdout }) => `${exitCode} ${stdout}`,
});

test('askAll() keeps answers apart, with their exit codes, whatever they hold', async (t) => {
  const answers = await askAll(here, {
    plain: asked(sh`echo one; echo two`),
    silent: asked(sh`exit 7`),
    open: asked(sh`printf 'no newline'`),
    complaining: asked(sh`echo out; echo err >&2; false`),
    greedy: asked(sh`cat`),
    leaving: asked(sh`cd / && set -e && exec false`),
    after: asked(sh`pwd >/dev/null && echo "$0" >/dev/null; printf '%s' ${'$(id) `id` "quoted"'}`),
  });
  t.deepEqual(answers, {
    plain: '0 one\ntwo\n',
    silent: '7 ',
    open: '0 no newline',
    complaining: '1 out\n',
    greedy: '0 ',
    leaving: '1 ',
    after: '0 $(id) `id` "quoted"',
  });
});

test('askAll() does once what several questions begin with, and not at all what none does', async (t) => {
  const place = await mkdtemp(join(tmpdir(), 'provision-facts-'));
  t.teardown(() => rm(place, { recursive: true }));
  const first = [sh`echo once >> ${join(place, 'done')}; set=yes; echo said; exec 3>&1`];
  const answers = await askAll(here, {
    before: asked(sh`echo "$set"`),
    one: { first, ...asked(sh`echo "$set"; set=no`) },
    other: { first, ...asked(sh`echo "$set"; cat ${join(place, 'done')}`) },
  });
  t.deepEqual(answers, { before: '0 \n', one: '0 yes\n', other: '0 yes\nonce\n' });
});

test('properties() splits at the first equals sign and passes over other lines', (t) => {
  t.deepEqual(
    [...properties('A=1\nB=x=y\n\nnoise\nC=\n')],
    [
      ['A', '1'],
      ['B', 'x=y'],
      ['C', ''],
    ],
  );
});

test('fileFact() gives mode, owner and content, and nothing for what is no file', async (t) => {
  const place = await mkdtemp(join(tmpdir(), 'provision-facts-'));
  t.teardown(() => rm(place, { recursive: true }));
  const path = join(place, 'a file');
  await writeFile(path, 'one\ntwo', { mode: 0o640 });
  const { file, none, directory } = await askAll(here, {
    file: fileFact(path),
    none: fileFact(join(place, 'none')),
    directory: fileFact(place),
  });
  t.is(file?.content, 'one\ntwo');
  t.is(file?.mode, 0o640);
  t.is(file?.owner.split(':')[0], userInfo().username);
  t.deepEqual([none, directory], [undefined, undefined]);
});

test('dataFact() tells no directory, an empty one, foreign files and a member without its log apart', async (t) => {
  const place = await mkdtemp(join(tmpdir(), 'provision-facts-'));
  t.teardown(() => rm(place, { recursive: true }));
  const { username } = userInfo();
  const look = async () => {
    const fact = dataFact(
      { data: join(place, 'data'), wal: join(place, 'data/member/wal') },
      username,
    );
    const { found } = await askAll(here, { found: fact });
    return (
      found && [found.used, found.hasLog, [...found.entries].sort(), found.stranger, found.wal]
    );
  };
  t.is(await look(), undefined);
  await mkdir(join(place, 'data'));
  t.deepEqual(await look(), [false, false, [], undefined, undefined]);
  await writeFile(join(place, 'data/PG_VERSION'), '15');
  await writeFile(join(place, 'data/a=b'), '');
  t.deepEqual(await look(), [false, false, ['PG_VERSION', 'a'], undefined, undefined]);
  await mkdir(join(place, 'data/member/wal'), { recursive: true });
  t.deepEqual((await look())?.slice(0, 2), [true, false]);
  await writeFile(join(place, 'data/member/wal/0.tmp'), '');
  t.deepEqual((await look())?.slice(0, 2), [true, false]);
  await writeFile(join(place, 'data/member/wal/0-0.wal'), 'no log at all');
  t.deepEqual(await look(), [true, true, ['PG_VERSION', 'a', 'member'], undefined, undefined]);
});

test('dataFact() looks for a log where the inventory has it, then where it has been, and never believes half', async (t) => {
  const place = await mkdtemp(join(tmpdir(), 'provision-facts-'));
  t.teardown(() => rm(place, { recursive: true }));
  const at = (path: string) => join(place, path);
  const places = {
    ...{ data: at('data'), wal: at('log/wal'), walHome: at('log') },
    ...{ confFile: at('etcd.conf'), logMove: at('move') },
  };
  const look = async () => {
    const { found } = await askAll(here, { found: dataFact(places, userInfo().username) });
    const { used, hasLog, lacksStore, logAt, isLogPlaceTaken } = found ?? {};
    return [used, hasLog, lacksStore, logAt?.slice(place.length + 1), isLogPlaceTaken];
  };
  const log = async (path: string) => {
    await mkdir(at(path), { recursive: true });
    await writeFile(at(`${path}/0-0.wal`), 'log');
  };
  await mkdir(at('log'), { recursive: true });
  t.deepEqual(await look(), [undefined, undefined, undefined, undefined, undefined]);
  await log('log/wal');
  t.deepEqual(await look(), [true, false, true, undefined, undefined]);
  await mkdir(at('data'));
  t.deepEqual(await look(), [true, false, true, undefined, undefined]);
  await mkdir(at('data/member'));
  t.deepEqual(await look(), [true, true, undefined, undefined, undefined]);
  await rm(at('log/wal'), { recursive: true });
  t.deepEqual(await look(), [true, false, undefined, undefined, undefined]);

  await log('data/member/wal');
  t.deepEqual(await look(), [true, true, undefined, 'data/member/wal', undefined]);
  await log('said');
  await writeFile(at('etcd.conf'), `ETCD_NAME="x"\nETCD_WAL_DIR="${at('said')}"\n`);
  t.deepEqual(await look(), [true, true, undefined, 'said', undefined]);
  await log('noted');
  await writeFile(at('move'), `from=${at('noted')}\nto=${at('log/wal')}\n`);
  t.deepEqual(await look(), [true, true, undefined, 'noted', undefined]);
  await log('log/wal');
  t.deepEqual(await look(), [true, true, undefined, undefined, undefined]);
  // Both are there: its copy, and the one that the member wrote to since.
  for (const [one, text] of [
    ['log/wal', 'log'],
    ['noted', 'log, and more'],
  ] as const)
    await writeFile(at(`${one}/0-0.wal`), text.padEnd(64, '\0'));
  t.deepEqual(await look(), [true, true, undefined, 'noted', true]);

  // A process has it where it was told to, whatever lies elsewhere.
  const told = async (environ: string) => {
    const fact = dataFact(places, userInfo().username);
    const first = [sh`environ=${environ}`, ...(fact.first ?? [])];
    const { found } = await askAll(here, { found: { ...fact, first } });
    return [found?.logAt?.slice(place.length + 1), found?.isLogPlaceTaken];
  };
  t.deepEqual(await told(`ETCD_DATA_DIR=${at('data')}`), ['data/member/wal', true]);
  t.deepEqual(await told(`ETCD_DATA_DIR=${at('data')}\nETCD_WAL_DIR=${at('said')}`), [
    'said',
    true,
  ]);
  t.deepEqual(await told(`ETCD_DATA_DIR=${at('data')}\nETCD_WAL_DIR=${at('log/wal')}`), [
    undefined,
    undefined,
  ]);
  t.deepEqual(await told('ETCD_DATA_DIR=/another'), [undefined, undefined]);
});

test('dataFact() finds data where its process has it, or where note and unit of this cluster say', async (t) => {
  const place = await mkdtemp(join(tmpdir(), 'provision-facts-'));
  t.teardown(() => rm(place, { recursive: true }));
  const at = (path: string) => join(place, path);
  const places = {
    ...{ cluster: 'prod', data: at('new'), wal: at('new/member/wal') },
    ...{ confFile: at('etcd.conf'), unitFile: at('etcd.service') },
    ...{ dataMove: at('data-move'), logMove: at('log-move') },
  };
  const data = async (path: string) => {
    await mkdir(at(`${path}/member/wal`), { recursive: true });
    await writeFile(at(`${path}/member/wal/0-0.wal`), 'log');
  };
  const look = async (environ = '') => {
    const fact = dataFact(places, userInfo().username);
    const first = [sh`environ=${environ}`, ...(fact.first ?? [])];
    const { found } = await askAll(here, { found: { ...fact, first } });
    return found;
  };
  const where = async (environ?: string) => {
    const { elsewhere, hasLog, logAt } = (await look(environ)) ?? {};
    const short = (path: string | undefined) => path?.slice(place.length + 1);
    return [short(elsewhere?.at), hasLog, short(logAt)];
  };
  const header = (cluster: string) => `# provision: cluster ${cluster}, member etcd01\n`;
  const unit = (cluster: string, directory: string) =>
    writeFile(places.unitFile, `${header(cluster)}RequiresMountsFor=${at(directory)} /wal\n`);
  const note = (from: string, to: string) =>
    writeFile(places.dataMove, `${header('prod')}from=${at(from)}/member\nto=${at(to)}/member\n`);

  // A unit that names a directory without data tells nothing.
  await unit('prod', 'old');
  t.deepEqual(await where(), [undefined, undefined, undefined]);
  await data('old');
  const old = ['old', true, 'old/member/wal'];
  t.deepEqual(await where(), old);
  await unit('other', 'old');
  t.deepEqual(await where(), [undefined, undefined, undefined]);
  t.deepEqual(await where(`ETCD_DATA_DIR=${at('old')}`), [undefined, undefined, undefined]);
  // The unit was lost, or the configuration.
  await writeFile(places.confFile, `${header('prod')}ETCD_DATA_DIR="${at('old')}"\n`);
  await rm(places.unitFile);
  t.deepEqual(await where(), old);
  await rm(places.confFile);
  await unit('prod', 'new');
  t.deepEqual(await where(), [undefined, undefined, undefined]);
  t.deepEqual(await where(`ETCD_DATA_DIR=${at('old')}`), old);
  // A slash at the end says nothing, as a process of somebody else may have it whose unit is ours already.
  t.deepEqual(await where(`ETCD_DATA_DIR=${at('old')}//`), old);
  t.is((await look(`ETCD_DATA_DIR=${at('new')}/`))?.elsewhere, undefined);

  // A move was begun, and the unit is written already.
  await note('old', 'new');
  t.deepEqual(await where(), old);
  await data('new');
  const written = (path: string, text: string, segment = '0-0') =>
    writeFile(at(`${path}/member/wal/${segment}.wal`), text.padEnd(64, '\0'));
  // The copy was whole, and nobody has used it yet.
  for (const one of ['old', 'new']) await written(one, 'log');
  t.deepEqual(await where(), old);
  t.true((await look())?.elsewhere?.isTaken);
  // The power went before the former one lost its name, and the member was started with its copy, by whatever clock.
  await written('new', 'log, and more');
  await utimes(at('new/member/wal/0-0.wal'), 1_000_000_000, 1_000_000_000);
  t.deepEqual(await where(), [undefined, true, undefined]);
  // The other way round, as where a way back was cut off.
  await written('old', 'log, and more of it');
  t.deepEqual(await where(), old);
  await written('new', 'log, and', '0-9');
  t.deepEqual(await where(), [undefined, true, undefined]);
  // By the inventory of before too.
  const formerly = { ...places, data: at('old'), wal: at('old/member/wal') };
  const byFormer = await askAll(here, { found: dataFact(formerly, userInfo().username) });
  t.is(byFormer.found?.elsewhere?.at, at('new'));
  await rename(at('old'), at('old.former'));
  t.deepEqual(await where(), [undefined, true, undefined]);
  // The inventory names a third directory since.
  await rename(at('new'), at('second'));
  await note('old', 'second');
  t.deepEqual(await where(), ['second', true, 'second/member/wal']);
  // A log that is to go on from there is where the data is.
  await writeFile(places.logMove, `from=${at('new')}/member/wal\nto=${at('log/wal')}\n`);
  const { found } = await askAll(here, {
    found: dataFact({ ...places, wal: at('log/wal'), walHome: at('log') }, userInfo().username),
  });
  t.is(found?.logAt, at('second/member/wal'));
});

test('dataFact() says of the directory that data is to be moved to what decides about it', async (t) => {
  const place = await mkdtemp(join(tmpdir(), 'provision-facts-'));
  t.teardown(() => rm(place, { recursive: true }));
  const at = (path: string) => join(place, path);
  await mkdir(at('old/member/wal'), { recursive: true });
  await writeFile(at('old/member/wal/0-0.wal'), 'log');
  await writeFile(at('etcd.service'), '# provision: cluster prod, member etcd01\n');
  const look = async (data: string) => {
    const places = {
      ...{ cluster: 'prod', data: at(data), wal: at(`${data}/member/wal`), confFile: '' },
      ...{ unitFile: at('etcd.service'), dataMove: '', logMove: '' },
    };
    const fact = dataFact(places, userInfo().username);
    const first = [sh`environ=${`ETCD_DATA_DIR=${at('old')}`}`, ...(fact.first ?? [])];
    const { found } = await askAll(here, { found: { ...fact, first } });
    const { bytes, wanted, at: is, ...rest } = found?.elsewhere ?? { at: undefined };
    t.is(is, at('old'));
    t.true((bytes ?? 0) > 0);
    return [wanted?.entries, rest];
  };
  t.deepEqual(await look('new/etcd'), [undefined, { isOnDisk: true }]);
  await mkdir(at('new'));
  await writeFile(at('new/note'), '');
  t.deepEqual(await look('new'), [['note'], { isOnDisk: true }]);
  await mkdir(at('taken/member'), { recursive: true });
  t.deepEqual(await look('taken'), [['member'], { isOnDisk: true, isTaken: true }]);
  await symlink(at('old'), at('link'));
  t.deepEqual(await look('link'), [['member'], { isOnDisk: true, isTaken: true, isSame: true }]);
  t.deepEqual(await look('old/data'), [undefined, { isOnDisk: true, isNested: true }]);
  await rename(at('old/member/wal'), at('new/wal'));
  await symlink(at('new/wal'), at('old/member/wal'));
  t.deepEqual(await look('other'), [undefined, { isOnDisk: true, fixed: at('old/member/wal') }]);
});
