import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import type { TestLab } from './lab.ts';

export interface PlaceWish {
  /** etcd.settings of the inventory. */
  readonly settings?: Readonly<Record<string, string | number>>;
  /** Scripts of the hooks directory beside the inventory. */
  readonly hooks?: Readonly<Record<string, string>>;
  /** Changes the inventory's text in any other way. */
  readonly edit?: (text: string) => string;
}

/** A directory with an inventory of the lab and hooks, as one operator has it. */
export interface Place {
  readonly directory: string;
  readonly inventory: string;
  /** Lets WAITING_HOOK go on. */
  go(): Promise<void>;
}

/** Says `hook waits`, then waits for a file named go, two minutes at most. */
export const WAITING_HOOK = `#!/bin/sh
echo hook waits
i=0
while [ ! -e go ] && [ $i -lt 1200 ]; do i=$((i + 1)); sleep 0.1; done
`;

/** Makes a place; it is removed when the file's tests are over. */
export async function place(lab: TestLab, wish: PlaceWish = {}): Promise<Place> {
  const { settings = {}, hooks = {}, edit = (text) => text } = wish;
  const directory = await mkdtemp(join(tmpdir(), 'provision-place-'));
  places.push(directory);
  const text = await readFile(lab.paths.inventory, 'utf8');
  const withSettings = text.replace(
    /^etcd:\n/m,
    `etcd:\n  settings: ${JSON.stringify(settings)}\n`,
  );
  const inventory = join(directory, 'inventory.yaml');
  await writeFile(inventory, edit(withSettings));
  await mkdir(join(directory, 'hooks'));
  for (const [name, script] of Object.entries(hooks))
    await writeFile(join(directory, 'hooks', name), script, { mode: 0o755 });
  return {
    directory,
    inventory,
    go: () => writeFile(join(directory, 'hooks', 'go'), ''),
  };
}

const places: string[] = [];

test.after.always('no place is left', async () => {
  for (const directory of places) await rm(directory, { recursive: true, force: true });
});
