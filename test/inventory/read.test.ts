import { mkdir, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { Failure } from '../../src/failure/failure.ts';
import { parseInventory } from '../../src/inventory/parse.ts';
import { readInventory } from '../../src/inventory/read.ts';
import { nextText } from '../../src/problem/render.ts';

const directory = await mkdtemp(join(tmpdir(), 'provision-inventory-'));
test.after.always(() => rm(directory, { recursive: true }));

const TEXT = 'cluster: c\netcd: {version: 3.5.33}\nmembers: [{name: a, address: 10.0.0.1}]\n';

async function failure(path: string): Promise<Failure> {
  return readInventory(path).then(
    () => Promise.reject(new Error(`${path} was read`)),
    (error: unknown) => (error instanceof Failure ? error : Promise.reject(error)),
  );
}

test('readInventory: says where the inventory came from', async (t) => {
  const path = join(directory, 'good.yaml');
  await writeFile(path, TEXT);
  const { inventory, warnings } = parseInventory(TEXT, path);
  const { placeOf, ...read } = await readInventory(path);
  t.true(placeOf(['etcd', 'version']).startsWith(`${path}:`));
  t.deepEqual(read, {
    inventory: { ...inventory, pki: { ...inventory.pki, peerCa: 'separate' } },
    peerCaWanted: undefined,
    warnings,
    path,
    directory,
  });
});

test('readInventory: has peers trust a CA of their own as the store has it, whatever is written', async (t) => {
  const path = join(directory, 'stored.yaml');
  const written = TEXT.replace('cluster: c', 'cluster: stored');
  const store = join(directory, 'stored.pki');
  const read = async (text: string) => {
    await writeFile(path, text);
    const { inventory, peerCaWanted } = await readInventory(path);
    return [inventory.pki.peerCa, peerCaWanted];
  };
  const said = (peerCa: string) => `${written}pki: {peerCa: ${peerCa}}\n`;
  t.deepEqual(await read(said('shared')), ['shared', 'shared']);
  await mkdir(join(store, 'a'), { recursive: true });
  await writeFile(join(store, 'ca.crt'), '');
  t.deepEqual(await read(written), ['shared', undefined]);
  t.deepEqual(await read(said('separate')), ['separate', 'separate']);
  await writeFile(join(store, 'a', 'peer.crt'), '');
  t.deepEqual(await read(written), ['shared', undefined]);
  t.deepEqual(await read(said('separate')), ['shared', 'separate']);
  await mkdir(join(store, 'peer-ca'));
  t.deepEqual(await read(written), ['shared', undefined]);
  await writeFile(join(store, 'peer-ca', 'ca.crt'), '');
  t.deepEqual(await read(written), ['separate', undefined]);
  t.deepEqual(await read(said('shared')), ['separate', 'shared']);
});

test('readInventory: says so when there is no file', async (t) => {
  const path = join(directory, 'absent.yaml');
  const { reason, message, next } = await failure(path);
  t.is(reason, 'usage');
  t.is(message, `${path} cannot be read: no such file or directory`);
  t.is(nextText(next ?? []), 'provision init writes an inventory to start from');
});

test('readInventory: refuses a directory', async (t) => {
  t.is((await failure(directory)).message, `${directory} is a directory`);
});

test('readInventory: waits for no device', async (t) => {
  t.is((await failure('/dev/zero')).message, '/dev/zero is not a file');
});

test.serial('readInventory: refuses a file of 50 MiB without reading it', async (t) => {
  const path = join(directory, 'large.yaml');
  await writeFile(path, TEXT);
  await truncate(path, 50 * 1024 * 1024);
  const before = process.memoryUsage.rss();
  const { message } = await failure(path);
  t.is(message, `${path} has 52428800 bytes; no inventory has over 1048576`);
  t.true(process.memoryUsage.rss() - before < 20 * 1024 * 1024);
});

test('readInventory: reads a file that is just small enough', async (t) => {
  const path = join(directory, 'limit.yaml');
  await writeFile(path, `${TEXT}#${'x'.repeat(1024 * 1024 - TEXT.length - 1)}`);
  t.is((await readInventory(path)).inventory.cluster, 'c');
});

test('readInventory: refuses bytes that are not UTF-8', async (t) => {
  const path = join(directory, 'latin1.yaml');
  await writeFile(path, Buffer.from([...Buffer.from('cluster: '), 0xe9]));
  t.is((await failure(path)).message, `${path} is not UTF-8 text`);
});
