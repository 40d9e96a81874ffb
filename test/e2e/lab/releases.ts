import { createReadStream } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { etcdPaths } from '../../../src/lab/etcd.ts';

/** Serves archives of the lab in the shape of the release downloads. */
export async function releases(t: ExecutionContext): Promise<string> {
  const root = join(etcdPaths('3.5.30').sums, '..', '..');
  const server = createServer(({ url = '' }, response) => {
    createReadStream(join(root, url))
      .on('error', () => response.writeHead(404).end())
      .pipe(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
