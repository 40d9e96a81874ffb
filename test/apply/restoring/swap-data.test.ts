import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import test from 'ava';
import {
  keepConfiguration,
  putDataBack,
  swapData,
} from '../../../src/apply/restoring/swap-data.ts';
import { type RestorePlaces, restorePlaces } from '../../../src/desired/restoring.ts';
import { localHost } from '../../host/local-host.ts';
import { mortalHost } from '../mortal.ts';

const root = mkdtempSync(join(tmpdir(), 'provision-swap-'));
test.after.always(() => rmSync(root, { recursive: true }));

// Units are no matter here; everything else is done by the real shell.
mkdirSync(join(root, 'bin'));
writeFileSync(join(root, 'bin', 'systemctl'), '#!/bin/sh\nexit 0\n');
chmodSync(join(root, 'bin', 'systemctl'), 0o755);
const host = localHost('etcd01', { PATH: `${root}/bin:${process.env.PATH}` });

// On this one, whatever changes a file counts, and kills the shell that called it when its turn has come.
const mortal = mortalHost(
  root,
  ['mv', 'rm', 'rmdir', 'mkdir', 'cp', 'chmod', 'chown', 'sync'],
  `${root}/bin:${process.env.PATH}`,
);

/** Does the work on the machine, with the shell killed before its n-th change; whether it came so far. */
async function killedAt(
  turn: number,
  machine: Machine,
  work: (machine: Machine) => Promise<void>,
): Promise<boolean> {
  mortal.liveFor(turn);
  machine.host = mortal.host;
  try {
    await work(machine);
    return false;
  } catch {
    return true;
  } finally {
    machine.host = host;
  }
}

const account = execFileSync('id', ['-un'], { encoding: 'utf8' }).trim();

interface Layout {
  readonly mounted: boolean;
  /** The log has a directory of its own: in one around it, or by itself. */
  readonly apart: boolean | 'bare';
}

const LAYOUTS: readonly Layout[] = [false, true, 'bare' as const].flatMap((apart) => [
  { mounted: false, apart },
  { mounted: true, apart },
]);

/** A host with former data in use and restored data ready beside it. */
class Machine {
  host = host;
  readonly home = mkdtempSync(join(root, 'host-'));
  readonly places: RestorePlaces;
  readonly files = {
    conf: join(this.home, 'conf', 'etcd.conf'),
    unit: join(this.home, 'conf', 'etcd.service'),
    current: join(this.home, 'opt', 'current'),
    pki: join(this.home, 'conf', 'pki'),
  };

  constructor({ mounted, apart }: Layout, hasFormer = true) {
    const data = join(this.home, 'etcd');
    const own = join(this.home, 'log');
    const wal = apart === 'bare' ? own : join(apart ? own : join(data, 'member'), 'wal');
    const paths = { data, wal, ...(apart && { walHome: own }) };
    this.places = restorePlaces(paths, '20261121T110000Z', { mounted, logMounted: mounted });
    mkdirSync(data);
    mkdirSync(join(data, 'lost+found'));
    if (hasFormer) {
      this.write(join(data, 'member/snap/db'), 'former db');
      this.write(this.log(), 'former log');
      this.write(this.files.conf, 'former conf');
      mkdirSync(dirname(this.files.current));
      symlinkSync('/opt/etcd/3.4.23', this.files.current);
    }
    this.prepare();
  }

  write(path: string, text: string): void {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }

  async exchange(): Promise<void> {
    await keepConfiguration(this.host, this.places, this.files);
    this.write(this.files.conf, 'new conf');
    this.write(this.files.unit, 'new unit');
    mkdirSync(dirname(this.files.current), { recursive: true });
    rmSync(this.files.current, { force: true });
    symlinkSync('/opt/etcd/3.5.30', this.files.current);
    await swapData(this.host, this.places, account);
  }

  /** As a run does it that looks at what is in place first. */
  back(): Promise<void> {
    const isRestored =
      existsSync(this.log()) && readFileSync(this.log(), 'utf8') === 'restored log';
    return putDataBack(this.host, this.places, this.files, isRestored);
  }

  /** Restored data lies ready, as in a run that begins. */
  prepare(): void {
    const { restoredData, log } = this.places;
    this.write(join(restoredData, 'member/snap/db'), 'restored db');
    const place = log === undefined ? join(restoredData, 'member') : log.restored;
    this.write(join(place, log?.isBare ? '0.wal' : 'wal/0.wal'), 'restored log');
  }

  /** The log where etcd reads it. */
  log(): string {
    const { data, log } = this.places;
    return join(
      log === undefined ? join(data, 'member') : log.home,
      log?.isBare ? '0.wal' : 'wal/0.wal',
    );
  }

  /** Whether a member would start here with a log and a database of two clusters, or with a log alone. */
  isMixed(): boolean {
    const database = join(this.places.data, 'member/snap/db');
    const [log, db] = [this.log(), database].map((path) =>
      existsSync(path) ? readFileSync(path, 'utf8').split(' ')[0] : undefined,
    );
    return log !== undefined && log !== db;
  }

  /** What is where etcd reads it. */
  inUse(): Readonly<Record<string, string>> {
    return Object.fromEntries(
      Object.entries(this.seen()).filter(([path]) =>
        /^(etcd\/member|log\/(wal|0)|conf|opt)[/.]/.test(path),
      ),
    );
  }

  /** Every file with what is in it. */
  seen(): Readonly<Record<string, string>> {
    const found: [string, string][] = [];
    const walk = (directory: string): void => {
      for (const name of readdirSync(directory).sort()) {
        const path = join(directory, name);
        const kind = lstatSync(path);
        if (kind.isDirectory()) walk(path);
        else
          found.push([
            relative(this.home, path),
            kind.isSymbolicLink() ? `-> ${readlinkSync(path)}` : readFileSync(path, 'utf8'),
          ]);
      }
    };
    walk(this.home);
    return Object.fromEntries(found);
  }
}

for (const layout of LAYOUTS) {
  const { mounted, apart } = layout;
  const name = `${mounted ? 'mount point' : 'directory'}${apart ? `, log ${apart === true ? 'apart' : apart}` : ''}`;
  const beside = `${mounted ? '/' : '.'}aside-20261121T110000Z`;
  const aside = `etcd${beside}`;
  const segment = apart === 'bare' ? '0.wal' : 'wal/0.wal';
  const log = apart ? `log/${segment}` : 'etcd/member/wal/0.wal';
  const asideLog = apart ? `log${beside}/${segment}` : `${aside}/member/wal/0.wal`;
  const exchanged = {
    'etcd/member/snap/db': 'restored db',
    [log]: 'restored log',
    [`${aside}/member/snap/db`]: 'former db',
    [asideLog]: 'former log',
    [`${aside}/provision/conf`]: 'former conf',
    [`${aside}/provision/current`]: '-> /opt/etcd/3.4.23',
    'conf/etcd.conf': 'new conf',
    'conf/etcd.service': 'new unit',
    'opt/current': '-> /opt/etcd/3.5.30',
  };
  const exchangedInUse = Object.fromEntries(
    Object.entries(exchanged).filter(([path]) => !path.includes('aside-')),
  );
  const returned = {
    'etcd/member/snap/db': 'former db',
    [log]: 'former log',
    'conf/etcd.conf': 'former conf',
    'opt/current': '-> /opt/etcd/3.4.23',
  };
  const restored = (wasInPlace: boolean) => {
    const place = (directory: string) =>
      wasInPlace
        ? `${directory}${beside}.restored`
        : `${directory}${mounted ? '/' : '.'}restoring/data`;
    return {
      [`${place('etcd')}/member/snap/db`]: 'restored db',
      [apart ? `${place('log')}/${segment}` : `${place('etcd')}/member/wal/0.wal`]: 'restored log',
    };
  };

  test(`swapData: ${name}: exchanges former and restored data, once`, async (t) => {
    const machine = new Machine(layout);
    await machine.exchange();
    t.deepEqual(machine.seen(), exchanged);
    await machine.exchange();
    t.deepEqual(machine.seen(), exchanged);
    t.true(existsSync(join(machine.home, 'etcd/lost+found')));
  });

  test(`putDataBack: ${name}: takes an exchange back and keeps what was restored`, async (t) => {
    const machine = new Machine(layout);
    await machine.exchange();
    await machine.back();
    const expected = { ...returned, ...restored(true) };
    t.deepEqual(machine.seen(), expected);
    await machine.back();
    t.deepEqual(machine.seen(), expected);
  });

  test(`putDataBack: ${name}: before the exchange only the configuration goes back`, async (t) => {
    const machine = new Machine(layout);
    await keepConfiguration(host, machine.places, machine.files);
    machine.write(machine.files.conf, 'new conf');
    await machine.back();
    t.deepEqual(machine.seen(), { ...returned, ...restored(false) });
  });

  test(`swapData: ${name}: goes on where it was killed, when the former data had gone aside`, async (t) => {
    const machine = new Machine(layout);
    const { data, aside: place } = machine.places;
    await keepConfiguration(host, machine.places, machine.files);
    renameSync(join(data, 'member'), join(place, 'member'));
    await machine.exchange();
    t.deepEqual(machine.seen(), exchanged);
  });

  test(`putDataBack: ${name}: goes back from there, too`, async (t) => {
    const machine = new Machine(layout);
    const { data, aside: place } = machine.places;
    await keepConfiguration(host, machine.places, machine.files);
    renameSync(join(data, 'member'), join(place, 'member'));
    await machine.back();
    t.deepEqual(machine.seen(), { ...returned, ...restored(false) });
  });

  test.serial(
    `putDataBack: ${name}: whatever step it or the exchange was killed at, again`,
    async (t) => {
      const former = (machine: Machine) =>
        Object.values(machine.seen())
          .filter((text) => /former (db|log)/.test(text))
          .toSorted();
      let reached = 0;
      for (let turn = 0, isKilled = true; isKilled; turn++) {
        const machine = new Machine(layout);
        isKilled = await killedAt(turn, machine, (one) => one.exchange());
        t.deepEqual(former(machine), ['former db', 'former log'], `exchange killed at ${turn}`);
        t.false(machine.isMixed(), `mixed by an exchange killed at ${turn}`);
        if (turn % 2 === 0) {
          await machine.exchange();
          t.deepEqual(machine.seen(), exchanged, `exchange again, killed at ${turn}`);
        }
        await machine.back();
        t.deepEqual(machine.inUse(), returned, `back after an exchange killed at ${turn}`);
        reached += 1;
      }
      for (let turn = 0, isKilled = true; isKilled; turn++) {
        const machine = new Machine(layout);
        await machine.exchange();
        isKilled = await killedAt(turn, machine, (one) => one.back());
        t.deepEqual(former(machine), ['former db', 'former log'], `back killed at ${turn}`);
        t.false(machine.isMixed(), `mixed by a way back killed at ${turn}`);
        await machine.back();
        t.deepEqual(machine.inUse(), returned, `back after it was killed at ${turn}`);
        reached += 1;
      }
      t.true(reached > 25, `${reached} steps`);
    },
  );

  test(`putDataBack: ${name}: another turn of the same restore is taken back like the first`, async (t) => {
    const machine = new Machine(layout);
    await machine.exchange();
    await machine.back();
    machine.prepare();
    await machine.exchange();
    t.deepEqual(machine.inUse(), exchangedInUse);
    await machine.back();
    t.deepEqual(machine.inUse(), returned);
  });

  for (const stray of ['member', 'member/snap'])
    test(`putDataBack: ${name}: an empty ${stray} that has come in its place does not stop it`, async (t) => {
      const machine = new Machine(layout);
      await machine.exchange();
      rmSync(join(machine.places.data, 'member'), { recursive: true });
      mkdirSync(join(machine.places.data, stray), { recursive: true });
      await machine.back();
      const kept = apart ? { [`log${beside}.restored/${segment}`]: 'restored log' } : {};
      t.deepEqual(machine.seen(), { ...returned, ...kept });
      // The log in place tells whether what is there was restored.
      const stays = `${machine.places.aside}.${apart ? 'restored' : 'found'}/member`;
      t.is(existsSync(stays), stray !== 'member');
    });

  test(`swapData: ${name}: what came in the place of the former data after it had gone aside stays beside`, async (t) => {
    const machine = new Machine(layout);
    const { data, aside: place } = machine.places;
    await keepConfiguration(host, machine.places, machine.files);
    renameSync(join(data, 'member'), join(place, 'member'));
    machine.write(join(data, 'member/wal/1.wal'), 'stray');
    const strays = { [`${aside}.found/member/wal/1.wal`]: 'stray' };
    await machine.exchange();
    t.deepEqual(machine.seen(), { ...exchanged, ...strays });
    await machine.back();
    t.deepEqual(machine.seen(), { ...returned, ...restored(true), ...strays });
  });

  test(`putDataBack: ${name}: a directory in place of a configuration file is moved away`, async (t) => {
    const machine = new Machine(layout);
    await machine.exchange();
    rmSync(machine.files.conf);
    machine.write(join(machine.files.conf, 'note'), 'of a person');
    await machine.back();
    t.deepEqual(machine.seen(), {
      ...returned,
      ...restored(true),
      'conf/etcd.conf.found/note': 'of a person',
    });
  });

  test(`putDataBack: ${name}: says where the former data should lie and does not`, async (t) => {
    const machine = new Machine(layout);
    await machine.exchange();
    const { aside: place, data } = machine.places;
    renameSync(place, join(machine.home, 'elsewhere'));
    await t.throwsAsync(() => machine.back(), {
      message: `etcd01: could not put the former data back: the former data is not in ${place}, and restored data is in ${data}: nothing was moved`,
    });
    t.is(readFileSync(join(data, 'member/snap/db'), 'utf8'), 'restored db');
  });

  test(`putDataBack: ${name}: a host that had nothing has nothing again`, async (t) => {
    const machine = new Machine(layout, false);
    await machine.exchange();
    await machine.back();
    const { 'opt/current': current, ...rest } = machine.seen();
    t.deepEqual(rest, restored(true));
    t.is(current, '-> /opt/etcd/3.5.30');
  });
}
