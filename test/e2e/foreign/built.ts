import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import type { Debian } from '../../../src/lab/debian.ts';
import { labDown } from '../../../src/lab/down.ts';
import { endAbandonedLabs } from '../../../src/lab/owner.ts';
import { startLab, type TestLab } from '../lab/lab.ts';
import type { ForeignCluster, Layout, Site } from './cluster.ts';

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
  await endAbandonedLabs();
  const lab = await startLab({ count: wish.count ?? 3, debian: wish.debian ?? 'bookworm' }, t.log);
  t.teardown(() => labDown(lab.name));
  const directory = await mkdtemp(join(tmpdir(), 'provision-foreign-'));
  t.teardown(() => rm(directory, { recursive: true, force: true }));
  const site = { hosts: lab.hosts, directory };
  return { lab, site, clusters: await layout.build(site) };
}
