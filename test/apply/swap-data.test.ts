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
import { keepConfiguration, putDataBack, swapData } from '../../src/apply/swap-data.ts';
import { type RestorePlaces, restorePlaces } from '../../src/desired/restoring.ts';
import { localHost } from '../host/local-host.ts';

const root = mkdtempSync(join(tmpdir(), 'provision-swap-'));
test.after.always(() => rmSync(root, { recursive: true }));

// Units are no matter here; everything else is done by the real shell.
mkdirSync(join(root, 'bin'));
writeFileSync(join(root, 'bin', 'systemctl'), '#!/bin/sh\nexit 0\n');
chmodSync(join(root, 'bin', 'systemctl'), 0o755);
const host = localHost('etcd01', { PATH: `${root}/bin:${process.env.PATH}` });
const account = execFileSync('id', ['-un'], { encoding: 'utf8' }).trim();

interface Layout {
  readonly mounted: boolean;
}

const LAYOUTS: readonly Layout[] = [{ mounted: false }, { mounted: true }];

/** A host with former data in use and restored data ready beside it. */
class Machine {
  readonly home = mkdtempSync(join(root, 'host-'));
  readonly places: RestorePlaces;
  readonly files = {
    conf: join(this.home, 'conf', 'etcd.conf'),
    unit: join(this.home, 'conf', 'etcd.service'),
    current: join(this.home, 'opt', 'current'),
    pki: join(this.home, 'conf', 'pki'),
  };

  constructor({ mounted }: Layout, hasFormer = true) {
    const data = join(this.home, 'etcd');
    this.places = restorePlaces({ data }, '20261121T110000Z', mounted);
    mkdirSync(data);
    mkdirSync(join(data, 'lost+found'));
    if (hasFormer) {
      this.write(join(data, 'member/snap/db'), 'former db');
      this.write(join(data, 'member/wal/0.wal'), 'former log');
      this.write(this.files.conf, 'former conf');
      mkdirSync(dirname(this.files.current));
      symlinkSync('/opt/etcd/3.4.23', this.files.current);
    }
    const { restoredData } = this.places;
    this.write(join(restoredData, 'member/snap/db'), 'restored db');
    this.write(join(restoredData, 'member/wal/0.wal'), 'restored log');
  }

  write(path: string, text: string): void {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }

  async exchange(): Promise<void> {
    await keepConfiguration(host, this.places, this.files);
    this.write(this.files.conf, 'new conf');
    this.write(this.files.unit, 'new unit');
    mkdirSync(dirname(this.files.current), { recursive: true });
    rmSync(this.files.current, { force: true });
    symlinkSync('/opt/etcd/3.5.30', this.files.current);
    await swapData(host, this.places, account);
  }

  back(): Promise<void> {
    return putDataBack(host, this.places, this.files);
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
  const name = layout.mounted ? 'mount point' : 'directory';
  const aside = layout.mounted ? 'etcd/aside-20261121T110000Z' : 'etcd.aside-20261121T110000Z';
  const exchanged = {
    'etcd/member/snap/db': 'restored db',
    'etcd/member/wal/0.wal': 'restored log',
    [`${aside}/member/snap/db`]: 'former db',
    [`${aside}/member/wal/0.wal`]: 'former log',
    [`${aside}/provision/conf`]: 'former conf',
    [`${aside}/provision/current`]: '-> /opt/etcd/3.4.23',
    'conf/etcd.conf': 'new conf',
    'conf/etcd.service': 'new unit',
    'opt/current': '-> /opt/etcd/3.5.30',
  };
  const returned = {
    'etcd/member/snap/db': 'former db',
    'etcd/member/wal/0.wal': 'former log',
    'conf/etcd.conf': 'former conf',
    'opt/current': '-> /opt/etcd/3.4.23',
  };
  const restored = (wasInPlace: boolean) => {
    const place = wasInPlace
      ? `${aside}.restored`
      : layout.mounted
        ? 'etcd/restoring/data'
        : 'etcd.restoring/data';
    return {
      [`${place}/member/snap/db`]: 'restored db',
      [`${place}/member/wal/0.wal`]: 'restored log',
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

  test(`putDataBack: ${name}: goes on where it was killed, when what was restored had gone`, async (t) => {
    const machine = new Machine(layout);
    await machine.exchange();
    const { data, aside: place } = machine.places;
    mkdirSync(`${place}.restored`);
    renameSync(join(data, 'member'), `${place}.restored/member`);
    renameSync(join(place, 'member'), join(data, 'member'));
    await machine.back();
    t.deepEqual(machine.seen(), { ...returned, ...restored(true) });
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
