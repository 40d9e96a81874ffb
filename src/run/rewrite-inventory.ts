import { readText } from '../inventory/read.ts';
import { writeInventory } from '../inventory/write.ts';
import { rewriteSettings } from '../inventory/yaml/rewrite-settings.ts';
import { describeRewritten } from '../report/rewritten-settings.ts';

/** Says on the error output which settings of an inventory are called otherwise in its version; nothing where none is. */
export async function showRewritten(path: string): Promise<string | undefined> {
  const before = await readText(path);
  const rewritten = rewriteSettings(before);
  if (rewritten === undefined) return undefined;
  console.error(describeRewritten(path, before, rewritten));
  return rewritten.text;
}

/** Gives settings of an inventory the names of its version, once they are shown and a person has agreed. */
export async function rewriteInventory(path: string, agree: () => Promise<void>): Promise<void> {
  const text = await showRewritten(path);
  if (text === undefined) return;
  await agree();
  await writeInventory(path, text);
  console.error(`${path}: settings have the names of its etcd.version now`);
}
