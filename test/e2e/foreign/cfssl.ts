import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { must } from '../../../src/lab/local-command.ts';
import type { Pair } from './openssl.ts';

/** A CA and one certificate for all hosts, both with names as cfssl's guides have them. */
export interface CfsslPairs {
  readonly ca: Pair;
  readonly leaf: Pair;
}

export interface CfsslWish {
  /** Base names of the files: `ca` makes ca.pem and ca-key.pem. */
  readonly files: readonly [ca: string, leaf: string];
  readonly hosts: readonly string[];
  readonly organisation: string;
}

/** What `cfssl gencert -initca` and `cfssl gencert` make, for server, client and peers alike. */
export async function byCfssl(directory: string, wish: CfsslWish): Promise<CfsslPairs> {
  const { hosts, organisation } = wish;
  const [ca, leaf] = wish.files;
  await mkdir(directory, { recursive: true });
  const at = (file: string) => join(directory, file);
  const names = [{ C: 'CN', L: 'Beijing', O: organisation, ST: 'Beijing', OU: 'etcd' }];
  const key = { algo: 'rsa', size: 2048 };
  const usages = ['signing', 'key encipherment', 'server auth', 'client auth'];
  const files = {
    'ca-config.json': {
      signing: {
        default: { expiry: '43800h' },
        profiles: { peer: { expiry: '43800h', usages } },
      },
    },
    'ca-csr.json': { CN: `${organisation} CA`, key, names },
    'leaf-csr.json': { CN: 'etcd', hosts, key, names },
  };
  for (const [file, value] of Object.entries(files))
    await writeFile(at(file), JSON.stringify(value));
  await write(at(ca), ['-initca', at('ca-csr.json')]);
  await write(at(leaf), [
    ...['-ca', at(`${ca}.pem`), '-ca-key', at(`${ca}-key.pem`)],
    ...['-config', at('ca-config.json'), '-profile', 'peer', at('leaf-csr.json')],
  ]);
  return {
    ca: { certificate: at(`${ca}.pem`), key: at(`${ca}-key.pem`) },
    leaf: { certificate: at(`${leaf}.pem`), key: at(`${leaf}-key.pem`) },
  };
}

/** What cfssl prints, as the files that cfssljson makes of it. */
async function write(base: string, args: readonly string[]): Promise<void> {
  const printed = await must('have cfssl make a certificate', 'cfssl', ['gencert', ...args]);
  const { cert, key } = JSON.parse(printed) as { readonly cert: string; readonly key: string };
  await writeFile(`${base}.pem`, cert);
  await writeFile(`${base}-key.pem`, key, { mode: 0o600 });
}
