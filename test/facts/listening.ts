import { type AddressInfo, createConnection, type Server } from 'node:net';
import type { ExecutionContext } from 'ava';

/** Listens on loopback; gives how to dial it and how often it was. */
export async function listening(t: ExecutionContext, server: Server) {
  let dials = 0;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  const { port } = server.address() as AddressInfo;
  const dial = async () => {
    dials += 1;
    return createConnection(port, '127.0.0.1');
  };
  return { dial, dials: () => dials };
}
