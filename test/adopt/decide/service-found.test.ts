import test from 'ava';
import type { AdoptedMember } from '../../../src/adopt/decide/adoption.ts';
import { serviceFound } from '../../../src/adopt/decide/service-found.ts';
import { directivesOf } from '../../../src/adopt/systemd/unit-file.ts';
import type { WrittenStart } from '../../../src/adopt/systemd/written-start.ts';
import { found, listed } from './found.ts';

const UNIT = '/lib/systemd/system/etcd.service';
const DROP_IN = '/etc/systemd/system/etcd.service.d/limits.conf';
const list = [1, 2].map((at) => listed(at));

type Texts = readonly [unit: string, dropIn?: string, at?: string];

/** Members whose units, and drop-ins, say these lines. */
function members(texts: readonly Texts[]) {
  return texts.map(([unit, dropIn = '', at = DROP_IN], index): AdoptedMember => {
    const files = [
      { path: UNIT, text: `[Unit]\nNice=1\n[Service]\n${unit}\n` },
      { path: at, text: `[Service]\n${dropIn}\n` },
    ];
    const written: WrittenStart = {
      ...{ program: '/usr/bin/etcd', wrapper: undefined, args: [], environment: new Map() },
      ...{ missing: [], dropped: [], directives: directivesOf(files) },
    };
    const one = found(index + 1, list);
    const { unit: known } = one.etcd;
    const etcd = {
      ...one.etcd,
      written,
      unit: known && { ...known, files: files.map(({ path }) => path) },
    };
    return { listed: listed(index + 1), found: { ...one, etcd } };
  });
}

const said = (...all: readonly Texts[]) => {
  const { service, notes } = serviceFound(members(all));
  return { service, notes: notes.map(({ sentence }) => sentence) };
};

test('serviceFound() carries what all units say alike, by the last word, and what is not the default anyway', (t) => {
  const unit =
    'Nice=-10\nMemoryLow=200M\nMemoryMax=1G\nLimitNOFILE=65536\nCPUQuota=200%\nLimitCORE=0';
  t.deepEqual(said([unit, 'MemoryMax=8G'], [unit, 'MemoryMax=8G']), {
    service: { Nice: -10, MemoryLow: '200M', MemoryMax: '8G', CPUQuota: '200%' },
    notes: [],
  });
});

test('serviceFound() does not carry what stays where it is, nor what was taken back', (t) => {
  const away = '/etc/systemd/system.control/etcd.service.d/50-CPUWeight.conf';
  t.deepEqual(said(['Nice=5', 'CPUWeight=50', away], ['Nice=5', 'Nice=\nCPUWeight=50', away]), {
    service: {},
    notes: [
      'Nice of their units differs: 5 on m1; (none) on m2; an inventory has one for all, and leaves it out',
    ],
  });
});

test('serviceFound() names what an inventory cannot say, with why', (t) => {
  const unit = 'LimitNOFILE=40000\nLimitNPROC=64\nMemoryMax=50%\nMemoryHigh=1G';
  t.deepEqual(said([unit], [unit]), {
    service: { MemoryHigh: '1G' },
    notes: [
      'm1, m2: its unit says LimitNOFILE=40000, and up leaves it out: it must be infinity or a whole number from 65536 to 1073741816',
      'm1, m2: its unit says LimitNPROC=64, and up leaves it out: it is none of those that an inventory may have',
      'm1, m2: its unit says MemoryMax=50%, and up leaves it out: it must be infinity or an amount of memory such as 8G (K, M, G or T; a bare number is bytes)',
    ],
  });
  const order = 'MemoryLow=4G\nMemoryMax=2G';
  t.deepEqual(said([order], [order]), {
    service: { MemoryMax: '2G' },
    notes: ['m1, m2: its unit says MemoryLow=4G, and up leaves it out: it is more than MemoryMax'],
  });
});
