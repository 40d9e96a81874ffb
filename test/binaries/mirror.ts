import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ExecutionContext } from 'ava';

export interface Mirror {
  readonly url: string;
  /** Paths asked for, in order. */
  readonly asked: readonly string[];
  readonly server: Server;
}

/** A real HTTP server on loopback that ends with the test; what it answers is the test's. */
export async function mirror(t: ExecutionContext, answer: RequestListener): Promise<Mirror> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, asked, server };
}

/** Answers with the files of a map from path to content, and 404 for all others. */
export function serving(files: ReadonlyMap<string, Buffer | string>): RequestListener {
  return ({ url = '' }, response) => {
    const content = files.get(url);
    response.writeHead(content === undefined ? 404 : 200, {
      'content-length': content === undefined ? 0 : Buffer.byteLength(content),
    });
    response.end(content);
  };
}
