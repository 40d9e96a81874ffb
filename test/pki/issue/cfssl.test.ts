import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import test from 'ava';
import { inspectRequest } from '../../../src/pki/encoding/csr.ts';
import {
  cfsslDefaults,
  cfsslGenCert,
  cfsslInitCa,
  profileOf,
} from '../../../src/pki/issue/cfssl.ts';
import { goHours, readCfsslConfig, readCfsslRequest } from '../../../src/pki/issue/cfssl-json.ts';
import { readPrivateKey } from '../../../src/pki/keys/key-files.ts';
import { describeKey, kindOf } from '../../../src/pki/keys/keys.ts';
import { inspectCertificate } from '../../../src/pki/verify/inspect.ts';
import { Secret } from '../../../src/shell/secret.ts';
import { openssl, scratch } from '../workshop.ts';

const run = promisify(execFile);
const SEEDS = join(import.meta.dirname, 'cfssl');
const NOW = new Date();

// The comparison is with the Debian package golang-cfssl; everything else here runs without it.
const hasCfssl = await run('cfssl', ['version']).then(
  () => true,
  () => false,
);
if (!hasCfssl)
  console.error(
    'SKIPPED: comparison with cfssl, which is not installed (apt-get install golang-cfssl)',
  );
const compared = hasCfssl ? test : test.skip;

interface Case {
  readonly seed: string;
  readonly ca: string;
  readonly config: string;
  readonly profile: string;
  readonly request: string;
}

const CASES: readonly Case[] = [
  { seed: 'seed-000', ca: 'ca-csr', config: 'ca-config', profile: 'etcd-ca', request: 'etcd-csr' },
  {
    seed: 'seed-000',
    ca: 'ca-csr',
    config: 'ca-config',
    profile: 'etcd-ca',
    request: 'apiserver-csr',
  },
  {
    seed: 'seed-001',
    ca: 'aggregator-ca-csr',
    config: 'aggregator-ca-config',
    profile: 'aggregator',
    request: 'aggregator-csr',
  },
  { seed: 'seed-002', ca: 'ca-csr', config: 'ca-config', profile: 'server', request: 'etcd-csr' },
  {
    seed: 'seed-002',
    ca: 'ca-csr',
    config: 'ca-config',
    profile: 'client',
    request: 'kubernetes-csr',
  },
  { seed: 'seed-002', ca: 'ca-csr', config: 'ca-config', profile: 'peer', request: 'etcd-csr' },
  { seed: 'seed-002', ca: 'ca-csr', config: 'ca-config', profile: 'etcd', request: 'etcd-csr' },
  {
    seed: 'seed-002',
    ca: 'first-ca-csr',
    config: 'ca-config',
    profile: 'kubernetes',
    request: 'kubernetes-csr',
  },
];

/** What cfssl and we must agree on: hours are whole, since a leaf of ours ends with its CA to the second. */
function essence(pem: string) {
  const fact = inspectCertificate(pem);
  const hours = (fact.notAfter.getTime() - fact.notBefore.getTime()) / 3_600_000;
  return {
    subject: fact.subject,
    issuer: fact.issuer,
    names: fact.names.toSorted(),
    keyUsages: fact.keyUsages,
    usages: fact.usages,
    hours: Math.round(hours),
    isCa: fact.isCa,
    pathLength: fact.pathLength,
    key: describeKey(fact.key),
    signatureAlgorithm: fact.signatureAlgorithm,
  };
}

async function ours({ seed, ca, config, profile, request }: Case) {
  const text = (name: string) => readFile(join(SEEDS, seed, `${name}.json`), 'utf8');
  const authority = await cfsslInitCa(readCfsslRequest(await text(ca), ca), ca, NOW);
  const leaf = await cfsslGenCert(
    readCfsslRequest(await text(request), request),
    profileOf(readCfsslConfig(await text(config), config), profile, config),
    {
      certificate: authority.certificate,
      key: authority.privateKey,
      fact: inspectCertificate(authority.certificate),
    },
    request,
    NOW,
  );
  return { authority, leaf };
}

async function theirs({ seed, ca, config, profile, request }: Case, directory: string) {
  const file = (name: string) => join(SEEDS, seed, `${name}.json`);
  const gencert = async (...args: readonly string[]) => {
    const { stdout } = await run('cfssl', ['gencert', '-loglevel', '5', ...args]);
    return JSON.parse(stdout) as {
      readonly cert: string;
      readonly key: string;
      readonly csr: string;
    };
  };
  const authority = await gencert('-initca', file(ca));
  await writeFile(join(directory, 'ca.pem'), authority.cert);
  await writeFile(join(directory, 'ca-key.pem'), authority.key);
  const leaf = await gencert(
    `-ca=${join(directory, 'ca.pem')}`,
    `-ca-key=${join(directory, 'ca-key.pem')}`,
    `-config=${file(config)}`,
    `-profile=${profile}`,
    file(request),
  );
  return { authority, leaf };
}

for (const one of CASES) {
  compared(
    `cfsslGenCert() gives what cfssl gives for ${one.seed}, ${one.request} by profile ${one.profile}`,
    async (t) => {
      const mine = await ours(one);
      const real = await theirs(one, await scratch(t));
      t.deepEqual(essence(mine.authority.certificate), essence(real.authority.cert));
      t.deepEqual(essence(mine.leaf.certificate), essence(real.leaf.cert));

      const asked = (text: string) => ({ ...inspectRequest(text, 'csr').fact });
      const sorted = (text: string) => ({ ...asked(text), names: asked(text).names.toSorted() });
      t.deepEqual(sorted(mine.leaf.request), sorted(real.leaf.csr));

      const label = (text: string) => text.split('\n')[0];
      t.is(label(mine.leaf.key.reveal()), label(real.leaf.key));
      const kind = (text: string) => describeKey(kindOf(readPrivateKey(new Secret(text), 'key')));
      t.is(kind(mine.leaf.key.reveal()), kind(real.leaf.key));
    },
  );
}

test('cfsslGenCert() ends with the CA where cfssl would outlive it, as seed 002 first asks', async (t) => {
  const { authority, leaf } = await ours({
    seed: 'seed-002',
    ca: 'first-ca-csr',
    config: 'first-ca-config',
    profile: 'kubernetes',
    request: 'kubernetes-csr',
  });
  const [ca, own] = [authority, leaf].map((one) => inspectCertificate(one.certificate));
  t.deepEqual([own?.notAfter, essence(leaf.certificate).hours], [ca?.notAfter, 43_800]);
});

compared('cfsslDefaults() prints what cfssl print-defaults prints', async (t) => {
  for (const what of ['config', 'csr'] as const) {
    const { stdout } = await run('cfssl', ['print-defaults', what]);
    t.is(cfsslDefaults(what).trim(), stdout.trim());
  }
});

test('cfsslGenCert() makes certificates that openssl accepts under the CA of the same seed', async (t) => {
  const directory = await scratch(t);
  const [first] = CASES;
  if (first === undefined) return t.fail();
  const { authority, leaf } = await ours(first);
  await writeFile(join(directory, 'ca.pem'), authority.certificate);
  await writeFile(join(directory, 'etcd.pem'), leaf.certificate);
  t.is(
    await openssl(
      'verify',
      '-CAfile',
      join(directory, 'ca.pem'),
      '-verify_hostname',
      'etcd1-0.etcd',
      join(directory, 'etcd.pem'),
    ),
    `${directory}/etcd.pem: OK\n`,
  );
});

test('readCfsslRequest() reads the annotated template of seed 002, comments and all', (t) => {
  const text = `{
"CN": "example.net", //浏览器验证该字段是否合法,一般写域名,非常重要.
"hosts": [
"example.net",
"*.etcd" // 允许 * 泛域名,但不能为空 "" 或 *
],
"key": {
"algo": "ecdsa",
"size": 256
},
"names": [{"C": "US", "O": "https://example.net"}]
}`;
  t.deepEqual<unknown, unknown>(readCfsslRequest(text, 'f'), {
    CN: 'example.net',
    hosts: ['example.net', '*.etcd'],
    key: { algo: 'ecdsa', size: 256 },
    names: [{ C: 'US', O: 'https://example.net' }],
    ca: { expiry: '43800h', pathlen: 0, pathlenzero: false },
  });
});

test('readCfsslRequest() names every key that is wrong, none is ignored', (t) => {
  const text =
    '{"CN": "x", "host": ["a"], "key": {"algo": "rsa", "size": 1024}, "names": {"C": "CN"}}';
  const error = t.throws(() => readCfsslRequest(text, 'x-csr.json'));
  t.is(error?.name, 'Failure');
  t.is(
    error?.message,
    `x-csr.json is not what cfssl reads:
  key.size: Too small: expected number to be >=2048
  names: Invalid input: expected array, received object
  host is not a key of cfssl; did you mean hosts?`,
  );
});

test('readCfsslRequest() reads keys in any case, and says what it makes nothing of', (t) => {
  const said: string[] = [];
  const text = `{"cn": "etcd root", "KEY": {"algo": "rsa", "Size": 2048}, "hosts": null,
"names": [{"C": "DE", "O": "Lager", "CN": "ignored", "E": "pki@lager.example"}],
"CA": {"expiry": "876000h", "pathlen": 0, "backdate": "1h"}, "crl_url": "http://x"}`;
  t.deepEqual<unknown, unknown>(
    readCfsslRequest(text, 'ca.json', (one) => said.push(one)),
    {
      CN: 'etcd root',
      hosts: [],
      key: { algo: 'rsa', size: 2048 },
      names: [{ C: 'DE', O: 'Lager' }],
      ca: { expiry: '876000h', pathlen: 0, pathlenzero: false },
    },
  );
  t.deepEqual(said, [
    'ca.json: names[0].CN is ignored',
    'ca.json: names[0].E is ignored',
    'ca.json: CA.backdate: cfssl would let the certificate begin that much earlier',
    'ca.json: crl_url: cfssl would name this revocation list in the certificate',
  ]);
});

test('readCfsslConfig() says what cfssl would have made of what is not done here', (t) => {
  const said: string[] = [];
  const text = `{"Signing": {"default": {"expiry": "1h", "auth_key": "k"},
"profiles": {"Peer": {"Usages": ["client auth"], "name_whitelist": "^a", "copy_extensions": true}}},
"auth_keys": {}, "remotes": {}}`;
  t.deepEqual<unknown, unknown>(
    readCfsslConfig(text, 'c.json', (one) => said.push(one)),
    {
      signing: {
        default: { usages: [], expiry: '1h' },
        profiles: { Peer: { usages: ['client auth'] } },
      },
    },
  );
  t.deepEqual(said, [
    'c.json: Signing.default.auth_key: cfssl would let only those who know this key ask its server',
    'c.json: Signing.profiles.Peer.name_whitelist: cfssl would refuse names that it does not match',
    'c.json: Signing.profiles.Peer.copy_extensions: cfssl would copy the extensions of the request',
    'c.json: auth_keys: cfssl would let only those who know one of these keys ask its server',
    'c.json: remotes: cfssl would have another server sign',
  ]);
});

for (const [typed, meant] of [
  ['expire', 'expiry'],
  ['usage', 'usages'],
  ['Expires', 'expiry'],
] as const)
  test(`readCfsslConfig() takes ${typed} for a slip`, (t) => {
    const text = `{"signing": {"default": {"${typed}": "1h"}}}`;
    t.throws(() => readCfsslConfig(text, 'c'), {
      message: `c is not what cfssl reads:\n  signing.default.${typed} is not a key of cfssl; did you mean ${meant}?`,
    });
  });

test('readCfsslConfig() says where the JSON breaks', (t) => {
  t.throws(() => readCfsslConfig('{"signing": }', 'f'), {
    message: 'f is not JSON: Unexpected token \'}\', "{"signing": }" is not valid JSON',
  });
});

const config = readCfsslConfig(
  '{"signing": {"default": {"expiry": "1h"}, "profiles": {"a": {"usages": ["signing"]}, "none": {}}}}',
  'c',
);

test('profileOf() takes the expiry of the default where a profile has none', (t) => {
  t.deepEqual<unknown, unknown>(profileOf(config, 'a', 'c'), { usages: ['signing'], expiry: '1h' });
});

for (const [name, message] of [
  ['b', 'c: has no profile b'],
  ['constructor', 'c: has no profile constructor'],
  ['none', 'c: the profile none allows no usages'],
  [undefined, 'c: the profile default allows no usages'],
] as const) {
  test(`profileOf() refuses ${name ?? 'the default without usages'}`, (t) => {
    t.throws(() => profileOf(config, name, 'c'), { name: 'Failure', message });
  });
}

test('cfsslGenCert() refuses what cfssl lets through: unknown usages, * and empty hosts', async (t) => {
  const ca = await cfsslInitCa(readCfsslRequest('{"CN": "ca"}', 'f'), 'f', NOW);
  const signer = {
    certificate: ca.certificate,
    key: ca.privateKey,
    fact: inspectCertificate(ca.certificate),
  };
  const gencert = (hosts: readonly string[], usages: readonly string[]) =>
    cfsslGenCert(
      readCfsslRequest(JSON.stringify({ CN: 'x', hosts }), 'f'),
      { usages: [...usages], expiry: '1h' },
      signer,
      'f',
      NOW,
    );
  await t.throwsAsync(gencert(['a'], ['sever auth', 'toString']), {
    message: 'f: unknown usage sever auth, toString',
  });
  await t.throwsAsync(gencert(['*'], ['signing']), {
    message: 'CN=x: the name "*" is a bare *, which no client accepts; write *.some.domain',
  });
  await t.throwsAsync(gencert([''], ['signing']), { message: 'CN=x: the name "" is empty' });
});

compared('cfsslGenCert() makes intermediate CAs and limits of depth as cfssl does', async (t) => {
  const directory = await scratch(t);
  const at = (name: string) => join(directory, name);
  const request = { CN: 'sub', key: { algo: 'ecdsa', size: 384 } };
  const ca = { ...request, CN: 'root', ca: { expiry: '100h', pathlen: 1 } };
  const policy = {
    signing: {
      default: {
        expiry: '50h',
        usages: ['cert sign', 'crl sign'],
        ca_constraint: { is_ca: true, max_path_len: 0, max_path_len_zero: true },
      },
    },
  };
  await writeFile(at('ca.json'), JSON.stringify(ca));
  await writeFile(at('sub.json'), JSON.stringify(request));
  await writeFile(at('config.json'), JSON.stringify(policy));
  const cfssl = async (...args: readonly string[]) => {
    const { stdout } = await run('cfssl', ['gencert', '-loglevel', '5', ...args]);
    return JSON.parse(stdout) as { readonly cert: string; readonly key: string };
  };
  const root = await cfssl('-initca', at('ca.json'));
  await writeFile(at('ca.pem'), root.cert);
  await writeFile(at('ca-key.pem'), root.key);
  const sub = await cfssl(
    `-ca=${at('ca.pem')}`,
    `-ca-key=${at('ca-key.pem')}`,
    `-config=${at('config.json')}`,
    at('sub.json'),
  );

  const ours = await cfsslInitCa(readCfsslRequest(JSON.stringify(ca), 'f'), 'f', NOW);
  const profile = profileOf(readCfsslConfig(JSON.stringify(policy), 'f'), undefined, 'f');
  const signer = {
    certificate: ours.certificate,
    key: ours.privateKey,
    fact: inspectCertificate(ours.certificate),
  };
  const mine = await cfsslGenCert(
    readCfsslRequest(JSON.stringify(request), 'f'),
    profile,
    signer,
    'f',
    NOW,
  );
  t.deepEqual(
    [essence(ours.certificate), essence(mine.certificate)],
    [essence(root.cert), essence(sub.cert)],
  );
});

test('goHours() reads Go durations', (t) => {
  t.deepEqual(
    ['87600h', '1h30m', '90m', '8760h0m0s', '1.5h'].map((text) => goHours(text, 'f')),
    [87_600, 1.5, 1.5, 8_760, 1.5],
  );
  for (const text of ['', '0h', '10y', '-1h', '1d']) {
    t.throws(() => goHours(text, 'f'), {
      message: `f: ${JSON.stringify(text)} is not a duration`,
    });
  }
});
