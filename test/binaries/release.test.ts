import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { Progress } from '../../src/binaries/release.ts';
import { resolveBinaries } from '../../src/binaries/resolve.ts';
import { Failure } from '../../src/failure/failure.ts';
import { nextText } from '../../src/problem/render.ts';
import { mirror, serving } from './mirror.ts';
import { releaseTree, sha256, tar, temporary } from './sample.ts';

const VERSION = '3.5.30';
const NAME = `etcd-v${VERSION}-linux-amd64.tar.gz`;

interface Published {
  readonly directory: string;
  readonly cache: string;
  readonly top: string;
  readonly archive: Buffer;
  readonly sum: string;
  readonly files: Map<string, Buffer | string>;
}

function publish(t: ExecutionContext): Published {
  const directory = temporary(t);
  const top = releaseTree(directory, VERSION, ['etcd', 'etcdctl', 'etcdutl']);
  const path = tar(join(directory, NAME), '-C', directory, `etcd-v${VERSION}-linux-amd64`);
  const archive = readFileSync(path);
  const sum = sha256(path);
  const files = new Map<string, Buffer | string>([
    [`/v${VERSION}/${NAME}`, archive],
    [
      `/v${VERSION}/SHA256SUMS`,
      `${'0'.repeat(64)}  etcd-v${VERSION}-darwin-amd64.zip\n${sum}  ${NAME}\n`,
    ],
  ]);
  return { directory, cache: join(directory, 'cache'), top, archive, sum, files };
}

const from = (url: string, version = VERSION) => ({ version, source: { release: { url } } });

async function failureOf(t: ExecutionContext, promise: Promise<unknown>): Promise<Failure> {
  return (await t.throwsAsync(promise, { instanceOf: Failure })) ?? t.fail();
}

/** Names in the cache that are no checksums: what a run left that must not be used. */
const left = (cache: string) =>
  readdirSync(join(cache, 'etcd')).filter((name) => !name.endsWith('.SHA256SUMS'));

test('resolveBinaries() downloads a release once, with progress in bytes', async (t) => {
  const { directory, cache, top, archive, sum, files } = publish(t);
  const { url, asked } = await mirror(t, serving(files));
  const progress: Progress[] = [];
  const options = { cache, onProgress: (step: Progress) => progress.push(step) };
  const binaries = await resolveBinaries(from(`${url}/`), directory, options);

  const unpacked = join(cache, 'etcd', `${VERSION}-amd64-${sum.slice(0, 16)}`);
  t.deepEqual(
    binaries,
    (['etcd', 'etcdctl', 'etcdutl'] as const).map((name) => ({
      name,
      path: join(unpacked, name),
      size: 4096,
      architecture: 'amd64',
      sha256: sha256(join(top, name)),
    })),
  );
  t.deepEqual(progress.at(-1), { what: NAME, done: archive.length, total: archive.length });
  t.deepEqual(readdirSync(unpacked), ['SHA256SUMS', 'etcd', 'etcdctl', 'etcdutl']);

  t.deepEqual(await resolveBinaries(from(`${url}/`), directory, options), binaries);
  t.deepEqual(asked, [`/v${VERSION}/SHA256SUMS`, `/v${VERSION}/${NAME}`]);
});

test('resolveBinaries() makes a damaged copy of a release again', async (t) => {
  const { directory, cache, files } = publish(t);
  const { url, asked } = await mirror(t, serving(files));
  const first = await resolveBinaries(from(url), directory, { cache });
  writeFileSync(first[0]?.path ?? '', 'half');
  t.deepEqual(await resolveBinaries(from(url), directory, { cache }), first);
  t.is(asked.length, 4);
});

test('resolveBinaries() refuses a download with another checksum, and keeps nothing of it', async (t) => {
  const { directory, cache, archive, sum, files } = publish(t);
  files.set(`/v${VERSION}/${NAME}`, Buffer.concat([archive, Buffer.from('x')]));
  const { url } = await mirror(t, serving(files));
  writeFileSync(join(directory, 'changed'), Buffer.concat([archive, Buffer.from('x')]));

  const failure = await failureOf(t, resolveBinaries(from(url), directory, { cache }));
  t.is(failure.reason, 'refused');
  t.is(
    failure.message,
    `${url}/v${VERSION}/${NAME} has sha256 ${sha256(join(directory, 'changed'))}, and its SHA256SUMS says ${sum}`,
  );
  t.deepEqual(left(cache), []);
});

test('resolveBinaries() says that a version does not exist', async (t) => {
  const { directory, cache, files } = publish(t);
  const { url } = await mirror(t, serving(files));
  const failure = await failureOf(t, resolveBinaries(from(url, '3.5.99'), directory, { cache }));
  t.is(failure.reason, 'usage');
  t.is(failure.message, `etcd 3.5.99 does not exist at ${url}/v3.5.99/SHA256SUMS (404)`);
  t.is(
    nextText(failure.next ?? []),
    'correct etcd.version in the inventory, or etcd.source.release.url',
  );
});

test('resolveBinaries() says that a version is not built for an architecture', async (t) => {
  const { directory, cache, files } = publish(t);
  const { url } = await mirror(t, serving(files));
  const failure = await failureOf(
    t,
    resolveBinaries(from(url), directory, { cache, architecture: 's390x' }),
  );
  t.is(failure.message, `etcd ${VERSION} has no build for s390x at ${url}/v${VERSION}/SHA256SUMS`);
});

test('resolveBinaries() says that the archive is missing where its checksum is not', async (t) => {
  const { directory, cache, files } = publish(t);
  files.delete(`/v${VERSION}/${NAME}`);
  const { url } = await mirror(t, serving(files));
  const failure = await failureOf(t, resolveBinaries(from(url), directory, { cache }));
  t.is(failure.message, `etcd ${VERSION} for amd64 is not at ${url}/v${VERSION}/${NAME} (404)`);
  t.deepEqual(left(cache), []);
});

test('resolveBinaries() names the status of a server that fails', async (t) => {
  const { url } = await mirror(t, (_request, response) => response.writeHead(503).end());
  const directory = temporary(t);
  const failure = await failureOf(t, resolveBinaries(from(url), directory, { cache: directory }));
  t.is(failure.message, `${url}/v${VERSION}/SHA256SUMS answers with HTTP status 503`);
});

test('resolveBinaries() refuses a list of checksums that does not end', async (t) => {
  const { url } = await mirror(t, (_request, response) => {
    const pour = () => {
      while (response.write('<html>'.repeat(1000)));
      response.once('drain', pour);
    };
    pour();
  });
  const directory = temporary(t);
  const failure = await failureOf(t, resolveBinaries(from(url), directory, { cache: directory }));
  t.is(
    failure.message,
    `${url}/v${VERSION}/SHA256SUMS is not a list of checksums: it is over 64 KiB`,
  );
});

test('resolveBinaries() says that a connection was cut; the next run starts over', async (t) => {
  const { directory, cache, archive, files } = publish(t);
  let cut = true;
  const { url } = await mirror(t, (request, response) => {
    if (!cut || request.url !== `/v${VERSION}/${NAME}`) {
      serving(files)(request, response);
      return;
    }
    response.writeHead(200, { 'content-length': archive.length });
    response.write(archive.subarray(0, 1000), () => response.destroy());
  });
  const failure = await failureOf(t, resolveBinaries(from(url), directory, { cache }));
  t.is(failure.reason, 'failed');
  t.is(failure.message, `${url}/v${VERSION}/${NAME}: the connection was cut`);
  t.deepEqual(left(cache), []);

  cut = false;
  const binaries = await resolveBinaries(from(url), directory, { cache });
  t.is(binaries.length, 3);
});

test('resolveBinaries() says that nothing listens at a mirror', async (t) => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  await new Promise((resolve) => server.close(resolve));

  const url = `http://127.0.0.1:${port}`;
  const directory = temporary(t);
  const failure = await failureOf(t, resolveBinaries(from(url), directory, { cache: directory }));
  t.is(
    failure.message,
    `${url}/v${VERSION}/SHA256SUMS: nothing listens there (connection refused)`,
  );
});

test('resolveBinaries() follows redirects, relative ones too', async (t) => {
  const { directory, cache, files } = publish(t);
  const { url } = await mirror(t, (request, response) => {
    if (request.url?.startsWith('/files/')) {
      request.url = request.url.slice('/files'.length);
      serving(files)(request, response);
      return;
    }
    response.writeHead(302, { location: `/files${request.url}` }).end('moved');
  });
  const binaries = await resolveBinaries(from(url), directory, { cache });
  t.is(binaries.length, 3);
});

test('resolveBinaries() gives up on a redirect that goes round in circles', async (t) => {
  const { url, asked } = await mirror(t, (request, response) => {
    response.writeHead(301, { location: request.url }).end();
  });
  const directory = temporary(t);
  const failure = await failureOf(t, resolveBinaries(from(url), directory, { cache: directory }));
  t.is(failure.message, `${url}/v${VERSION}/SHA256SUMS redirects more than 5 times`);
  t.is(asked.length, 6);
});
