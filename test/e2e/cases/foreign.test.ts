import test from 'ava';
import { built } from '../foreign/built.ts';
import { CONTAINED, LAYOUTS } from '../foreign/layouts.ts';
import { serves } from '../foreign/serves.ts';
import { extent } from './extent.ts';

for (const layout of extent([...LAYOUTS, ...CONTAINED], 2))
  test.serial(`${layout.name}: ${layout.whose}`, async (t) => {
    t.timeout(300_000);
    const { clusters } = await built(t, layout);
    for (const cluster of clusters) await serves(t, cluster);
  });
