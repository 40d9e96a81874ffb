/** A request to etcd's gRPC gateway: path and JSON body of a POST. */
export interface GatewayRequest {
  readonly path: string;
  readonly body: string;
}

/**
 * What to ask a member of this version about itself, in this order: its status, its members, and a linearizable read of
 * the key that `etcdctl endpoint health` reads. 3.3 serves below /v3beta/ only (embed/serve.go).
 */
export function gatewayRequests(version: string): readonly GatewayRequest[] {
  const prefix = version.startsWith('3.3.') ? '/v3beta' : '/v3';
  const key = Buffer.from('health').toString('base64');
  return [
    { path: `${prefix}/maintenance/status`, body: '{}' },
    { path: `${prefix}/cluster/member/list`, body: '{}' },
    { path: `${prefix}/kv/range`, body: JSON.stringify({ key }) },
  ];
}
