import { whyReserved } from '../../systemd/service-reserved.ts';
import { bytesOf, SERVICE_SETTINGS } from '../../systemd/service-settings.ts';
import { type Mistake, mistakeAt, shown } from '../mistake.ts';
import { suggestion } from '../nearest.ts';
import type { Inventory } from '../schema.ts';
import { text } from './etcd-settings.ts';
import type { Rule } from './rule.ts';

type Etcd = Inventory['etcd'];

/** What holds for etcd.service, the settings of systemd that a unit gets. */
export const SERVICE_RULES: readonly Rule[] = [
  {
    name: 'settings of the unit are those that may be chosen',
    level: 'error',
    check: ({ inventory: { etcd } }) =>
      Object.keys(etcd.service).flatMap((name) => {
        if (SERVICE_SETTINGS.has(name)) return [];
        const reason = whyReserved(name);
        return at(
          name,
          reason === undefined
            ? `is not a setting of systemd that may be set here${suggestion(name, [...SERVICE_SETTINGS.keys()])}`
            : `cannot be set: ${name} ${reason}`,
          true,
        );
      }),
  },
  {
    name: 'a unit of somebody else gets no settings',
    level: 'error',
    check: ({ inventory: { adopted, etcd } }) =>
      adopted?.layout !== 'keep'
        ? []
        : Object.keys(etcd.service).flatMap((name) =>
            at(name, 'belongs into their unit: with layout: keep that stays as it is', true),
          ),
  },
  {
    name: 'settings of the unit have values that systemd takes',
    level: 'error',
    check: ({ inventory: { etcd } }) =>
      Object.entries(etcd.service).flatMap(([name, value]) => {
        const why = SERVICE_SETTINGS.get(name)?.whyBad(String(value));
        return why === undefined ? [] : at(name, `${why}, not ${shown(value)}`);
      }),
  },
  {
    // What is protected, and where slowing down begins, lies below where the kernel ends processes.
    name: 'amounts of memory are in their order',
    level: 'error',
    check: ({ inventory: { etcd } }) => {
      const most = memory(etcd, 'MemoryMax');
      if (most === undefined) return [];
      return ['MemoryMin', 'MemoryLow', 'MemoryHigh'].flatMap((name) =>
        (memory(etcd, name) ?? 0) > most
          ? at(name, `must be at most MemoryMax (${etcd.service.MemoryMax})`)
          : [],
      );
    },
  },
  {
    name: 'a full database has space in memory',
    level: 'warning',
    check: ({ inventory: { etcd } }) => {
      const quota = Number(text(etcd, 'quota-backend-bytes') ?? 0) || DEFAULT_QUOTA;
      return (memory(etcd, 'MemoryMax') ?? Number.POSITIVE_INFINITY) < quota
        ? at(
            'MemoryMax',
            `is less than a database may have (quota-backend-bytes, ${quota} bytes): etcd reads its database through memory, and gets slow when that has no space`,
          )
        : [];
    },
  },
];

const DEFAULT_QUOTA = 2 * 1024 ** 3;

function memory({ service }: Etcd, name: string): number | undefined {
  const amount = service[name];
  return amount === undefined ? undefined : bytesOf(String(amount));
}

function at(name: string, complaint: string, atKey = false): readonly Mistake[] {
  return [mistakeAt(['etcd', 'service', name], complaint, atKey)];
}
