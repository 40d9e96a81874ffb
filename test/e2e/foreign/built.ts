import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import type { Debian } from '../../../src/lab/debian.ts';
import { labDown } from '../../../src/lab/down.ts';
import { endAbandonedLabs } from '../../../src/lab/owner.ts';
import { startLab, type TestLab } from '../lab/lab.ts';
import type { ForeignCluster, Layout, Site } from './cluster.ts';
import type { Mess, Messy } from './messes/mess.ts';

/** A lab of a test's own with what somebody else built on it. */
export interface Built {
  readonly lab: TestLab;
  readonly site: Site;
  readonly clusters: readonly ForeignCluster[];
}

export interface BuiltWish {
  /** How many hosts, where a test needs bare ones beside; three unless told. */
  readonly count?: number;
  readonly debian?: Debian;
}

/** Builds a layout on bare hosts, which go when the test is over. */
export async function built(
  t: ExecutionContext,
  layout: Pick<Layout, 'build'>,
  wish: BuiltWish = {},
): Promise<Built> {
  const { lab, site } = await bareSite(t, wish);
  return { lab, site, clusters: await layout.build(site) };
}

/** Builds a cluster and spoils it, on hosts that go when the test is over. */
export async function builtMess(
  t: ExecutionContext,
  mess: Pick<Mess, 'make'>,
  wish: BuiltWish = {},
): Promise<Messy & Pick<Built, 'lab' | 'site'>> {
  const { lab, site } = await bareSite(t, wish);
  return { lab, site, ...(await mess.make(site)) };
}

async function bareSite(
  t: ExecutionContext,
  { count = 3, debian = 'bookworm' }: BuiltWish,
): Promise<Pick<Built, 'lab' | 'site'>> {
  await endAbandonedLabs();
  const lab = await startLab({ count, debian }, t.log);
  t.teardown(() => labDown(lab.name));
  const directory = await mkdtemp(join(tmpdir(), 'provision-foreign-'));
  t.teardown(() => rm(directory, { recursive: true, force: true }));
  return { lab, site: { hosts: lab.hosts, directory } };
}
