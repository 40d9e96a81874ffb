import { gatewayPath, hashesKeys } from './versions.ts';

/** A request to etcd's gRPC gateway: path and JSON body of a POST. */
export interface GatewayRequest {
  readonly path: string;
  readonly body: string;
}

/**
 * What to ask a member of this version about itself, in this order: its status, its members, and a linearizable read of
 * the key that `etcdctl endpoint health` reads.
 */
export function gatewayRequests(version: string): readonly GatewayRequest[] {
  return [
    { path: `${gatewayPath(version)}/maintenance/status`, body: '{}' },
    { path: `${gatewayPath(version)}/cluster/member/list`, body: '{}' },
    readRequest(version, 'health'),
  ];
}

/** A linearizable read of a key. */
export function readRequest(version: string, key: string): GatewayRequest {
  return { path: `${gatewayPath(version)}/kv/range`, body: JSON.stringify({ key: encoded(key) }) };
}

/** A write of a key. */
export function putRequest(version: string, key: string, value: string): GatewayRequest {
  const body = JSON.stringify({ key: encoded(key), value: encoded(value) });
  return { path: `${gatewayPath(version)}/kv/put`, body };
}

/** The hash of a member's keys and values up to a revision, where its gateway gives that. */
export function hashRequest(version: string, revision: number): GatewayRequest | undefined {
  if (!hashesKeys(version)) return undefined;
  return { path: `${gatewayPath(version)}/maintenance/hashkv`, body: JSON.stringify({ revision }) };
}

function encoded(text: string): string {
  return Buffer.from(text).toString('base64');
}
