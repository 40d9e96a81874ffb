import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { DesiredKeys } from '../../../src/desired/host-keys.ts';
import { keysFact } from '../../../src/facts/etcd/keys.ts';
import { askAll } from '../../../src/facts/fact.ts';
import { localHost } from '../../host/local-host.ts';

const P256 = { algo: 'ecdsa', size: 256 } as const;
const sum = (text: string) => createHash('sha256').update(text).digest('hex');

async function scratch(t: ExecutionContext): Promise<string> {
  const place = await mkdtemp(join(tmpdir(), 'facts-'));
  t.teardown(() => rm(place, { recursive: true }));
  return place;
}

async function look(link: string, keys: DesiredKeys, environment = {}) {
  const host = localHost('here', environment);
  return (await askAll(host, { keys: keysFact(link, keys) })).keys;
}

/** A PATH with an openssl that is this script, or none. */
async function withOpenssl(t: ExecutionContext, script: string | undefined) {
  const bin = await scratch(t);
  for (const name of ['sha256sum', 'grep', 'tail'])
    await symlink(`/usr/bin/${name}`, join(bin, name));
  if (script !== undefined) {
    await writeFile(join(bin, 'openssl'), `#!/bin/sh\n${script}\n`);
    await chmod(join(bin, 'openssl'), 0o755);
  }
  return { PATH: bin };
}

test('keysFact: gives the sums of keys in use, in use before, and waiting', async (t) => {
  const place = await scratch(t);
  const link = join(place, 'pki');
  const directory = join(place, 'keys/prod/reader@fd00::1');
  for (const folder of ['pki.one', 'pki.two', 'pki-other', 'keys/prod/reader@fd00::1'])
    await mkdir(join(place, folder), { recursive: true });
  await symlink('pki.two', link);
  await symlink('pki.one', join(place, 'pki.former'));
  await writeFile(join(place, 'pki.one/server.key'), 'one');
  await writeFile(join(place, 'pki.two/server.key'), 'two');
  await writeFile(join(place, 'pki.two/server.crt'), 'no key');
  await writeFile(join(place, 'pki-other/server.key'), 'not ours');
  await writeFile(join(directory, 'server.key'), 'waiting');
  await writeFile(join(directory, 'peer.key.new'), 'not whole');

  const { sha256, complaint } = await look(link, { place: 'store', kind: P256, directory });
  t.deepEqual([...sha256].sort(), [sum('one'), sum('two'), sum('waiting')].sort());
  t.is(complaint, undefined);
});

test('keysFact: has no complaint about an openssl that makes such keys, and none where it is not needed', async (t) => {
  const directory = join(await scratch(t), 'none');
  const link = join(directory, 'pki');
  const nothing = { sha256: new Set(), complaint: undefined };
  for (const kind of [P256, { algo: 'ecdsa', size: 384 }, { algo: 'rsa', size: 4096 }] as const)
    t.deepEqual(await look(link, { place: 'host', kind, directory }), nothing);
  const without = await withOpenssl(t, undefined);
  t.deepEqual(await look(link, { place: 'store', kind: P256, directory }, without), nothing);
});

test('keysFact: says why a host makes no key', async (t) => {
  const directory = join(await scratch(t), 'none');
  const complaint = async (script: string | undefined, kind: DesiredKeys['kind'] = P256) => {
    const keys = { place: 'host', kind, directory } as const;
    return (await look(join(directory, 'pki'), keys, await withOpenssl(t, script))).complaint;
  };
  t.is(await complaint(undefined), 'it is not installed');
  t.is(
    await complaint("echo first >&2; echo 'a library is missing' >&2; exit 1"),
    'a library is missing',
  );
  t.is(await complaint('exit 127', { algo: 'rsa', size: 4096 }), 'it fails, without a word');
  t.is(await complaint('echo OpenSSL', { algo: 'rsa', size: 4096 }), undefined);
});
